"""Lost submit: its outcome is asked by webhook, by list, by idempotency key, and never guessed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.errors import (
    LimitExceededError,
    OutcomeUnknownError,
    PortraitError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from app.rendering.abilities import ModelMemory
from app.rendering.ledger.port import Ledger
from app.rendering.ledger.records import Record
from app.rendering.ledger.states import Render, RenderState
from app.rendering.ports import Renderer, RenderJob, Webhooks, own_id

FIRST_LOOK_S = 2.0
LONGEST_PAUSE_S = 30.0
PATIENCE_S = 60.0
"""How long one attempt waits for news; after that the render is left for the reconciler to ask again."""

KEY_KEPT_S = 20 * 3600.0
"""Idempotency keys are kept for 24 hours where anybody says; beyond this a repeated call might be a new job."""


NEVER_S = 24 * 3600.0
"""A provider that has not said anything of use for this long is asked by a person."""

_ACCOUNT = frozenset({"auth", "payment"})
"""Reasons that say nothing about the job: a key or a balance may come back."""


@dataclass(frozen=True, slots=True)
class SubmitFate:
    """`taken` with its request id; `absent` when there surely is no job; `unknowable` when only a person can tell."""

    fate: Literal["taken", "absent", "unknowable"]
    request_id: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class SubmitInquiry:
    """Asks one renderer about one render."""

    renderer: Renderer
    ledger: Ledger
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]

    async def ask(self, render: Render, job: Callable[[], Awaitable[RenderJob]]) -> SubmitFate:
        """Look until it is known, or cannot be.

        Raises:
            ProviderUnavailableError: not known yet; ask again later.
        """
        if render.reserved == 0:  # nothing can be lost but work
            found = await self.renderer.find(render.token or "")
            return SubmitFate("taken", found) if found else SubmitFate("absent")
        self._remember(render)
        lost_at = unknown_since(await self.ledger.history(render.id)) or render.updated_at
        grace_ends = lost_at + timedelta(seconds=self.renderer.capabilities.grace_s)
        give_up = self.clock() + timedelta(seconds=PATIENCE_S)
        pause_s = FIRST_LOOK_S
        while True:
            began = self.clock()
            finding = await self._look(render, job, final=began >= grace_ends)
            if finding is not None:
                return finding
            if self.clock() >= give_up:
                break
            await self.sleep(max(0.0, min(pause_s, (max(grace_ends, began) - began).total_seconds() or pause_s)))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        if self.clock() - lost_at >= timedelta(seconds=NEVER_S):
            return SubmitFate("unknowable", why="Its provider has not told for a day what became of its submit.")
        raise ProviderUnavailableError(f"Whether render {render.id} was accepted is not known yet; it is asked again.")

    async def _look(self, render: Render, job: Callable[[], Awaitable[RenderJob]], *, final: bool) -> SubmitFate | None:
        told = await self.told(render)
        if told is not None:
            return SubmitFate("taken", told)
        facts = self.renderer.capabilities
        listed = await self._listed(render) if facts.find != "none" else SubmitFate("absent")
        if listed is not None and listed.fate == "taken":
            return listed
        if facts.idempotency == "key":
            return await self._repeat(render, job)
        if listed is None or facts.find == "proof":
            return listed if final else None
        waiting = facts.find == "hint" or facts.webhook != "none"
        return None if waiting and not final else SubmitFate("unknowable", why="The answer to its submit was lost.")

    async def told(self, render: Render) -> str | None:
        """The request id that a webhook brought home with this attempt's token, if the provider says so too."""
        self._remember(render)
        for hook in await self.ledger.hooks(render.token or ""):
            request_id = self._request_id(hook.request_id) or await self._found(render)
            if request_id is not None and await self._is_ours(request_id, render):
                return request_id
        return None

    async def _found(self, render: Render) -> str | None:
        try:
            return await self.renderer.find(render.token or "")
        except (ProviderUnavailableError, ProviderRefusedError):
            return None

    async def _is_ours(self, request_id: str, render: Render) -> bool:
        """Return whether the provider knows the job, shows no other token with it, and no other render has it.

        A delivery may come to the wrong address; the provider's own record of the job is believed, not the address.
        """
        owner = await self.ledger.by_request(render.provider, own_id(self.renderer, request_id))
        if owner is not None and owner.id != render.id:
            return False
        try:
            status = await self.renderer.poll(request_id)
        except (ProviderUnavailableError, ProviderRefusedError):
            return False
        return status.state != "unknown" and status.token in {None, render.token}

    def _remember(self, render: Render) -> None:
        if isinstance(self.renderer, ModelMemory):
            self.renderer.remember(render.model)

    async def _listed(self, render: Render) -> SubmitFate | None:
        """Ask the provider's list; None if it did not come, or was refused and would have been a proof."""
        try:
            found = await self.renderer.find(render.token or "")
        except ProviderUnavailableError:
            return None
        except ProviderRefusedError as error:
            silent = error.reason in _ACCOUNT or self.renderer.capabilities.find == "proof"
            return None if silent else SubmitFate("absent")
        why = "The provider's list does not have it."
        return SubmitFate("taken", found) if found is not None else SubmitFate("absent", why=why)

    async def _repeat(self, render: Render, job: Callable[[], Awaitable[RenderJob]]) -> SubmitFate | None:
        """Repeat the call under the same key: one job, as long as the provider remembers the key."""
        begun_at = render.begun_at or render.updated_at
        if self.clock() > begun_at + timedelta(seconds=KEY_KEPT_S):
            return SubmitFate("unknowable", why="Its idempotency key is too old to be used again.")
        try:
            return SubmitFate("taken", await self.renderer.submit(await job()))
        except (ProviderUnavailableError, OutcomeUnknownError):
            return None
        except (ProviderRefusedError, LimitExceededError, PortraitError) as error:
            account = getattr(error, "reason", "") in _ACCOUNT
            return None if account else SubmitFate("unknowable", why=f"Repeated under its key it was refused: {error}")

    def _request_id(self, provider_id: str) -> str | None:
        """Return what `submit` would have, if that is the provider's own id; else only `find` can tell."""
        if not isinstance(self.renderer, Webhooks):
            return provider_id
        try:
            return provider_id if self.renderer.provider_id(provider_id) == provider_id else None
        except ValueError:
            return None


def unknown_since(history: Sequence[Record]) -> datetime | None:
    """Return when the newest submit was first found without an answer; nothing was sent after that."""
    since = None
    for record in history:
        if record.state is not RenderState.UNKNOWN:
            since = None
        elif since is None:
            since = record.at
    return since
