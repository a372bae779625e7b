"""An audit: jobs that providers list under tokens of ours, and that no render knows. Each may be money for nothing."""

import asyncio
import contextlib
import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

from app.catalog.model import Avatar
from app.digest import Digest, digest_bytes
from app.errors import GreenroomError, ProviderUnknownError, RenderStateError
from app.rendering.abilities import JobReferences, Listing, ModelMemory
from app.rendering.ledger.decisions import Adopt, Deliver
from app.rendering.ledger.port import HANDED_OVER, Ledger, RenderRequest, pages
from app.rendering.ledger.records import ORPHAN, Hook
from app.rendering.ledger.rejections import was_rejected
from app.rendering.ledger.states import Claim, Park, Render, RenderState
from app.rendering.media.rejected import kept_path, kept_speech_path
from app.rendering.plan.clips import WantedClip
from app.rendering.ports import Renderer, own_id
from app.rendering.work.studio import Studio

_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_UNSETTLED = {RenderState.SUBMITTING, RenderState.UNKNOWN, RenderState.PARKED}
"""A render in one of these may still learn that such a job is its own."""


@dataclass(frozen=True, slots=True)
class OrphanScan:
    """Compares what the providers list with the ledger; what is found is kept among the orphans, once."""

    renderers: Mapping[str, Renderer]
    ledger: Ledger
    clock: Callable[[], datetime]

    async def run(self) -> int:
        """Count the orphans that were not known before."""
        used = await self.ledger.models()
        for name, model in used:
            renderer = self.renderers.get(name)
            if isinstance(renderer, ModelMemory):
                renderer.remember(model)
        return sum([await self._look(name) for name in sorted({name for name, _ in used} & self.renderers.keys())])

    async def _look(self, provider: str) -> int:
        renderer, found = self.renderers[provider], 0
        if not isinstance(renderer, Listing):
            return 0
        try:
            async for request_id, shown in renderer.listed():
                tokens = set(_TOKEN.findall(shown))
                if tokens and await self._is_orphan(provider, request_id, tokens):
                    found += await self._keep(provider, request_id, min(tokens))
        except GreenroomError:
            pass  # a list that does not come today comes tomorrow
        return found

    async def _is_orphan(self, provider: str, request_id: str, tokens: set[str]) -> bool:
        """Return whether one of the tokens is a render's of ours that has, or had, another job or none."""
        owners = [render for token in tokens if (render := await self.ledger.by_token(token)) is not None]
        own = own_id(self.renderers[provider], request_id)
        if not owners or await self.ledger.by_request(provider, own) is not None:
            return False
        for owner in owners:
            steps = await self.ledger.history(owner.id)
            waiting = owner.token in tokens and owner.state in _UNSETTLED
            if waiting or any(step.request_id == request_id for step in steps):
                return False
        return True

    async def _keep(self, provider: str, request_id: str, token: str) -> bool:
        own = own_id(self.renderers[provider], request_id)
        return await self.ledger.keep_hook(Hook(provider, token, own, ORPHAN, self.clock(), digest_bytes(b"")))


_log = logging.getLogger(__name__)

STRAY_S = 24 * 3600.0
"""A paid render that no served avatar leads to any more is parked after this: a person may still fetch or cancel it."""

AUDIT_S = 3600.0
"""How often the providers' own lists are compared with the ledger."""

_MAY_COME = {"queued", "running", "done"}
"""A parked job that stands otherwise at its provider stays parked: it would only be parked again."""

_CARRIED_ON = sorted(HANDED_OVER - {RenderState.PARKED})


@dataclass(frozen=True, slots=True)
class Swept:
    """Result of one sweep: `closed` were stored already, `carried_on` are now ready, `adopted` were parked before."""

    closed: int = 0
    carried_on: int = 0
    adopted: int = 0
    parked: int = 0
    left: int = 0
    orphans: int = 0
    """Jobs that providers list under our tokens and that no render has; looked for when asked, and once an hour."""


@dataclass(kw_only=True)
class Reconciler:
    """Looks through the ledger every `every_s` and whenever it is woken, and works on `at_once` renders at a time."""

    studio: Studio
    avatars: Sequence[Avatar]
    every_s: float = 15.0
    at_once: int = 4
    _woken: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)

    def wake(self) -> None:
        """Look soon."""
        self._woken.set()

    async def run(self) -> NoReturn:
        """Sweep until cancelled; what goes wrong with one render does not stop the others."""
        audited = self.studio.clock()
        while True:
            try:
                await self.sweep()
            except GreenroomError as error:  # the ledger is out of reach: what is in it waits for the next look
                _log.warning("reconciler.failed", extra={"code": error.code, "reason": str(error)})
            if self.studio.clock() - audited >= timedelta(seconds=AUDIT_S):
                audited = self.studio.clock()
                with contextlib.suppress(GreenroomError):
                    await self._audit()
            self._woken.clear()
            sides = [asyncio.ensure_future(self._woken.wait()), asyncio.ensure_future(self.studio.sleep(self.every_s))]
            try:
                await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for side in sides:
                    side.cancel()

    async def sweep(self, *, ask_again: bool = False) -> Swept:
        """Look through the ledger once; `ask_again` about parked renders too, whether or not their provider called."""
        closed = await self.studio.reconcile()
        adopted = 0
        async for page in pages(self.studio.ledger, states=[RenderState.PARKED]):
            adopted += sum([await self._adopt(render, ask_again=ask_again) for render in page])
        outcomes = await self._carry_all_on()
        return Swept(
            closed=closed,
            carried_on=outcomes["ready"],
            adopted=adopted,
            parked=outcomes["parked"],
            left=outcomes["left"],
            orphans=await self._audit() if ask_again else 0,
        )

    async def adopt(self, render: Render, own: str, ledger: Ledger) -> Render:
        """Take a parked render up as the job of this id at its provider, which a person found there, and fetch it.

        `ledger` writes the person's name into the audit log.

        Raises:
            RenderStateError: it is not parked, or the job is another render's, or not known to the provider.
            ProviderUnknownError: its provider is not set up here.
            ProviderUnavailableError, ProviderRefusedError: the provider cannot be asked.
        """
        renderer = self.studio.renderers.get(render.provider)
        if renderer is None:
            raise ProviderUnknownError(f"Cannot adopt render {render.id}: `{render.provider}` is not set up here.")
        request_id = renderer.reference(own, render.model) if isinstance(renderer, JobReferences) else own
        owner = await ledger.by_request(render.provider, own)
        if owner is not None and owner.id != render.id:
            raise RenderStateError(f"Cannot adopt job {own}: it is render {owner.id}'s.")
        status = await renderer.poll(request_id)
        if status.state not in _MAY_COME or status.token not in {None, render.token}:
            seen = f"the job is {status.state} there" if status.state not in _MAY_COME else "it carries another token"
            raise RenderStateError(f"Cannot adopt job {own}: {seen}. Check the id at `{render.provider}`.")
        await ledger.apply(render.id, Adopt(now=self.studio.clock(), request_id=request_id, own_id=own))
        return await self._finish(render)

    async def deliver(self, render: Render, video: Path, ledger: Ledger) -> Render:
        """Take a parked render up with a video that a person has at hand; it is judged and stored like any other.

        Raises:
            RenderStateError: it is not parked.
        """
        if render.state is not RenderState.PARKED:
            raise RenderStateError(
                f"Cannot adopt a video for render {render.id}: it is {render.state.value}, not parked."
            )
        await self.studio.bring(render.id, video)
        await ledger.apply(render.id, Deliver(now=self.studio.clock()))
        return await self._finish(render)

    async def accept(self, render: Render, ledger: Ledger) -> Render:
        """Take what was refused as a person has heard it and found its words right: just this is not heard again.

        A video that was kept aside is judged by the other rules and stored; nothing is ordered. Of a speech that was
        kept aside the next warm-up orders the film, within its bounds.

        Raises:
            RenderStateError: its clip was not refused, it is not the recipe's last one, or nothing is kept of it here.
        """
        latest = await ledger.latest(Digest(render.recipe_key))
        if not was_rejected(render) or latest is None or latest.id != render.id:
            told = render.state.value if latest is None or latest.id == render.id else f"followed by {latest.id[:12]}"
            raise RenderStateError(f"Cannot accept render {render.id}: it is {told}, not a clip that was refused.")
        video, speech = (kept(self.studio.scratch, render.id) for kept in (kept_path, kept_speech_path))
        heard = video if video.exists() else speech
        if not heard.exists():
            raise RenderStateError(
                f"Cannot accept render {render.id}: what was refused is not kept on this computer. Accept it on the "
                f"one that judged it, or have it made anew: `greenroom renders retry {render.id[:12]} --yes`."
            )
        fresh = await self._want_accepted(render, heard, ledger, is_film=heard is video)
        return await self._finish(fresh) if heard is video else fresh

    async def _want_accepted(self, render: Render, heard: Path, ledger: Ledger, *, is_film: bool) -> Render:
        """Create the render that takes what a person has heard.

        A film lies in its folder before the ledger knows of it: so no worker ever finds one to be ordered, and a full
        disk leaves everything as it was.
        """
        brought = uuid4().hex if is_film else ""
        if brought:
            await self.studio.bring(brought, heard)
        digest = digest_bytes(await asyncio.to_thread(heard.read_bytes))
        labels = render.labels.with_rejected(0).without_decision().with_accepted(digest)
        recipe = (render.recipe_key, render.provider, render.model, labels, render.currency)
        fresh = await ledger.want(RenderRequest(*recipe, brought=brought), now=self.studio.clock())
        if fresh.labels.accepted == digest and brought in {"", fresh.id}:
            return fresh
        if brought:
            await self.studio.drop(brought)
        raise RenderStateError(f"Cannot accept render {render.id}: it is followed by {fresh.id[:12]}.")

    async def _finish(self, render: Render) -> Render:
        await self._carry_on(render, asyncio.Semaphore())
        return await self.studio.ledger.get(render.id)

    async def _audit(self) -> int:
        return await OrphanScan(self.studio.renderers, self.studio.ledger, self.studio.clock).run()

    async def _carry_all_on(self) -> Counter[str]:
        """Work on what nobody holds, a page after the other; returns how often each outcome was."""
        outcomes: Counter[str] = Counter()
        places = asyncio.Semaphore(self.at_once)
        async for page in pages(self.studio.ledger, states=_CARRIED_ON, free_at=self.studio.clock()):
            outcomes.update(await asyncio.gather(*(self._carry_on(render, places) for render in page)))
        return outcomes

    async def _adopt(self, render: Render, *, ask_again: bool) -> bool:
        """Take a parked render up again when its provider told by webhook, or tells now, which request it is."""
        renderer = self.studio.renderers.get(render.provider)
        if renderer is None or render.token is None:  # without a token it was parked before anything was sent
            return False
        hooks = await self.studio.ledger.hooks(render.token)
        news = [hook for hook in hooks if render.request_id is None or hook.received_at > render.updated_at]
        if not (news or ask_again):
            return False
        try:
            request_id = await self.studio.inquiry(renderer).told(render) or render.request_id
            if request_id is None and ask_again:
                request_id = await renderer.find(render.token)
            if request_id is None or (await renderer.poll(request_id)).state not in _MAY_COME:
                return False
            own = own_id(renderer, request_id)
            await self.studio.ledger.apply(render.id, Adopt(now=self.studio.clock(), request_id=request_id, own_id=own))
        except GreenroomError:
            return False
        return True

    async def _carry_on(self, render: Render, places: asyncio.Semaphore) -> str:
        async with places:
            found = self._find(render)
            if found is None:
                return await self._stray(render)
            try:
                await self.studio.clip(found[0], avatar=found[1])
            except GreenroomError:
                after = await self.studio.ledger.get(render.id)
                return "parked" if after.state is RenderState.PARKED else "left"
            return "ready"

    def _find(self, render: Render) -> tuple[WantedClip, Avatar] | None:
        for avatar in self.avatars:
            wanted = self.studio.wanted_again(render, avatar)
            if wanted is not None:
                return wanted, avatar
        return None

    async def _stray(self, render: Render) -> str:
        """Leave it to a process that serves another catalog; after a day it is a person's."""
        now = self.studio.clock()
        if now - render.updated_at < timedelta(seconds=STRAY_S):
            return "left"
        message = "Its avatar or words have changed since it was submitted: fetch it from the provider, or cancel it."
        claim = Claim(now=now, worker=self.studio.worker_name, lease_s=self.studio.lease_s)
        try:
            held = await self.studio.ledger.apply(render.id, claim)
            await self.studio.ledger.apply(render.id, Park(now=now, fence=held.fence, message=message))
        except GreenroomError:
            return "left"
        return "parked"
