"""Failover: one clip, rendered once, by the first renderer of the chain that can, over all processes."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.catalog.model import Avatar
from app.digest import Digest
from app.errors import (
    ClipRejectedError,
    GreenroomError,
    LeaseLostError,
    LimitExceededError,
    ProviderRefusedError,
    ProviderUnavailableError,
    ProviderUnknownError,
    RenderingError,
    RenderStateError,
    SessionNotFoundError,
)
from app.rendering.ledger.circuit_breaker import WINDOW_S, open_until
from app.rendering.ledger.port import HANDED_OVER, Cap, RenderRequest, pages
from app.rendering.ledger.rejections import PER_CLIP_ATTEMPTS, check_ended, needs_word, was_rejected
from app.rendering.ledger.states import OPEN, Claim, Heartbeat, Ready, Render, RenderState
from app.rendering.plan.clips import WantedClip, want_clip
from app.rendering.plan.providers import AvatarProviders
from app.rendering.work.attempt import Attempt
from app.rendering.work.ending import Cause, cause_of
from app.rendering.work.notifications import clip_topic
from app.rendering.work.recorded_errors import error_class
from app.rendering.work.task import AttemptAgainError, AttemptContext, ClipProgress, OnProgress, Task
from app.store.labels import Labels
from app.store.ports import Entry
from app.tracing import Span

_log = logging.getLogger(__name__)

FAIL_OVER = (ProviderRefusedError, ProviderUnavailableError, LimitExceededError)
"""Errors after which the next renderer is tried, if the render is over: then no provider has the job."""

_OVER = {RenderState.FAILED, RenderState.CANCELLED, RenderState.PARKED}
_LONGEST_LOOK_S = 5.0

ACCOUNT_REFUSED_S = 600.0
"""Time for which a renderer that refused the key, or wants money first, is left out where another one can do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RendererChain:
    """Claims renders in the ledger and works on them.

    `max_tries`: submits that may be refused; `max_waits`: pauses that the provider may ask for.
    """

    context: AttemptContext
    worker_name: str
    lease_s: float
    look_every_s: float
    max_tries: int
    max_waits: int
    refused_accounts: dict[str, datetime] = field(default_factory=dict)
    """Renderers that refused our account, and when."""

    async def render(
        self,
        wanted: WantedClip,
        avatar: Avatar,
        providers: AvatarProviders,
        *,
        caps: Collection[Cap],
        on_progress: OnProgress,
        per_clip: int = PER_CLIP_ATTEMPTS,
    ) -> Entry:
        """Try the renderers in order until the clip is stored; one that has the job already comes first.

        `per_clip` bounds the paid orders of the clip, by all its renderers together.
        """
        idles = _idle_keys(avatar, providers)
        task = Task(wanted, avatar, providers, caps, on_progress, per_clip=per_clip, idles=idles)
        chain = await self._in_order(wanted)
        for candidate in chain:
            rivals = tuple(key for key in wanted.keys if key != candidate.key)
            turn = replace(task, wanted=candidate, providers=_providers_of(candidate, providers), rivals=rivals)
            try:
                return await self._render_by(turn, wanted)
            except FAIL_OVER as error:
                if cause_of(error) is Cause.ACCOUNT and not getattr(error, "voice", ""):
                    name = candidate.recipe.renderer
                    self.refused_accounts[name] = self._now()
                    _log.warning("renderer.account_refused", extra={"renderer": name, "error": str(error)[:300]})
                if candidate is chain[-1] or not await self._is_over(candidate):
                    raise
        raise ProviderUnknownError(f"Avatar `{avatar.id}` has no renderer; name one.")

    async def stored(self, wanted: WantedClip) -> Entry | None:
        """Return the stored clip, by any renderer of the chain; None if there is none."""
        for key in wanted.keys:
            entry = await self.context.pipeline.recipes.get(key)
            if entry is not None:
                return entry
        return None

    async def close_stored(self) -> int:
        """Close renders whose clip is stored but whose worker died before it closed them; return how many."""
        closed = 0
        async for page in pages(self.context.ledger, states=OPEN, free_at=self._now()):
            for render in page:
                if await self.context.pipeline.recipes.get(Digest(render.recipe_key)) is not None:
                    closed += await self.close(render)
        return closed

    async def close(self, render: Render) -> bool:
        """Close a render whose clip is stored; False if another worker has it."""
        with contextlib.suppress(RenderingError, SessionNotFoundError):
            held = await self._claim(render)
            if held.state is not RenderState.SUBMITTING:
                await self.context.ledger.apply(held.id, Ready(now=self._now(), fence=held.fence))
                return True
        return False

    async def _in_order(self, wanted: WantedClip) -> tuple[WantedClip, ...]:
        """Return the chain without renderers whose breaker is open, unless all are; submitted jobs first."""
        orders = self._with_accounts(wanted.orders)
        for clip in wanted.chain:
            latest = await self.context.ledger.latest(clip.key)
            if latest is not None and latest.state in HANDED_OVER:
                return (clip, *(other for other in orders if other is not clip))
        ends = [(await self._open_until(clip.recipe.renderer), clip) for clip in orders]
        well = tuple(clip for until, clip in ends if until is None)
        if ends and not well:
            soonest = min(until for until, _ in ends if until is not None)
            await self.context.sleep((soonest - self._now()).total_seconds())
        return well or orders

    def _with_accounts(self, orders: tuple[WantedClip, ...]) -> tuple[WantedClip, ...]:
        """Leave out renderers that refused our account a moment ago, unless all did: no portrait leaves in vain."""
        since = self._now() - timedelta(seconds=ACCOUNT_REFUSED_S)
        refused = {name for name, at in self.refused_accounts.items() if at > since}
        return tuple(clip for clip in orders if clip.recipe.renderer not in refused) or orders

    async def _open_until(self, provider: str) -> datetime | None:
        now = self._now()
        signals = await self.context.ledger.verdicts(provider, since=now - timedelta(seconds=WINDOW_S))
        return open_until(signals, now)

    async def _is_over(self, wanted: WantedClip) -> bool:
        latest = await self.context.ledger.latest(wanted.key)
        return latest is not None and latest.state is RenderState.FAILED

    async def _render_by(self, task: Task, wanted: WantedClip) -> Entry:
        render = await self._want(task)
        tries, waits = self.max_tries, self.max_waits
        while (entry := await self.stored(wanted)) is None:
            if render.state is RenderState.READY or was_rejected(render):  # a clip that was deleted since, or refused
                render = await self._want(task)
            _raise_if_over(render)
            try:
                return await self._hold(render, replace(task, tries_left=tries, waits_left=waits))
            except AttemptAgainError as again:
                tries, waits = tries - again.counts, waits - (not again.counts)
                if not again.counts:
                    await self._hold_off(render)
            except (LeaseLostError, RenderStateError):
                await self._wait(render, task)
            except ClipRejectedError:
                task.on_progress(ClipProgress("waiting"))
            render = await self.context.ledger.get(render.id)
        if render.state in {RenderState.WANTED, RenderState.LEASED}:
            await self.close(render)
        return entry

    async def _hold_off(self, render: Render) -> None:
        """Let the other clips, too, wait for the pause that the provider asked this one for."""
        until = (await self.context.ledger.get(render.id)).run_after
        if until is not None:
            self.context.held_off[render.provider] = until

    async def _wait(self, render: Render, task: Task) -> None:
        """Wait for the worker that has the render, or for its time; raise the error of a parked rival."""
        task.on_progress(ClipProgress("waiting"))
        for key in task.rivals:
            rival = await self.context.ledger.latest(key)
            if rival is not None and rival.state is RenderState.PARKED:
                _raise_if_over(rival)
        until = render.run_after if render.run_after is not None else self._now()
        left_s = min((until - self._now()).total_seconds(), _LONGEST_LOOK_S)
        await self.context.pause(clip_topic(task.wanted.key), max(self.look_every_s, left_s))

    async def _want(self, task: Task) -> Render:
        facts = task.providers.renderer.capabilities
        latest = await self.context.ledger.latest(task.wanted.key)
        if latest is not None and needs_word(latest):
            tries = await self.context.ledger.paid_tries((task.wanted.key, *task.rivals))
            check_ended(latest, tries, per_clip=task.per_clip)
        request = RenderRequest(task.wanted.key, facts.name, task.providers.model, task.wanted.labels, facts.currency)
        render = await self.context.ledger.want(request, now=self._now())
        self.context.checkpoint("wanted")
        return render

    async def _claim(self, render: Render) -> Render:
        claim = Claim(now=self._now(), worker=self.worker_name, lease_s=self.lease_s)
        return await self.context.ledger.apply(render.id, claim)

    async def _hold(self, render: Render, task: Task) -> Entry:
        """Claim the render and work on it while a heartbeat renews the lease; a lost lease stops the work."""
        held = await self._claim(render)
        span = self._begun(held)
        context = replace(self.context, checkpoint=_noting(span, self.context.checkpoint))
        work = asyncio.create_task(Attempt(task, held, context).run(), name=f"render {held.id}")
        beat = asyncio.create_task(self._beat(held), name=f"heartbeat {held.id}")
        try:
            await asyncio.wait({work, beat}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                beat.result()
            return await work
        except GreenroomError as error:
            span.end(error=error.code)
            raise
        finally:
            await _stop(work)
            await _stop(beat)
            span.end()

    def _begun(self, render: Render) -> Span:
        """Begin the span of one attempt, under the span that wanted the render."""
        begin, parent = self.context.tracer.begin, render.labels.traceparent
        return begin("render", parent=parent, render=render.id, provider=render.provider, model=render.model)

    async def _beat(self, render: Render) -> None:
        """Renew the lease until the render is over; a lost lease is an error that ends the work."""
        with contextlib.suppress(RenderStateError):
            while True:
                await self.context.sleep(self.lease_s / 3)
                beat = Heartbeat(now=self._now(), fence=render.fence, lease_s=self.lease_s)
                await self.context.ledger.apply(render.id, beat)

    @property
    def _now(self) -> Callable[[], datetime]:
        return self.context.pipeline.clock


def _noting(span: Span, checkpoint: Callable[[str], None]) -> Callable[[str], None]:
    def noted(name: str) -> None:
        span.event(name)
        checkpoint(name)

    return noted


def _providers_of(wanted: WantedClip, providers: AvatarProviders) -> AvatarProviders:
    for one in providers.chain:
        if (one.renderer.capabilities.name, one.model) == (wanted.recipe.renderer, wanted.recipe.model):
            return one
    raise ProviderUnknownError(
        f"The clip wants renderer {wanted.recipe.renderer!r} with model {wanted.recipe.model!r}; plan it again."
    )


def _idle_keys(avatar: Avatar, providers: AvatarProviders) -> tuple[Any, ...]:
    """Return the keys of the avatar's idle loop, for renderers that render from a video."""
    if not any("video" in one.renderer.capabilities.visuals for one in providers.chain):
        return ()
    return want_clip(avatar, providers, text=None, locale="", labels=Labels()).keys


async def _stop(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has cleaned up; its result is not needed any more."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()


def _raise_if_over(render: Render) -> None:
    """Raise the error of a render that is over, for callers that waited for another process.

    Raises:
        GreenroomError: of the class whose code the ledger holds.
    """
    if render.state in _OVER:
        message = render.error or f"Render {render.id} was {render.state.value}; want it again."
        raise error_class(render.error_code or RenderingError.code)(message)
