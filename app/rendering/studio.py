"""The studio: gives out a recipe's clip, and has it filmed exactly once however many ask, in however many processes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app.catalog.model import Avatar
from app.digest import Digest
from app.errors import LeaseLostError, RenderingError, RenderStateError, error_class
from app.rendering.attempt import Attempt, AttemptAgainError, ClipProgress, OnProgress, Task
from app.rendering.cast import Cast, choose_cast
from app.rendering.flight import Flights
from app.rendering.ledger import Cap, Ledger, RenderRequest
from app.rendering.lines import WantedClip, want_clip
from app.rendering.pipeline import Pipeline
from app.rendering.ports import Renderer, Speech, Workshop
from app.rendering.sound import SoundBooth
from app.rendering.states import OPEN, Claim, Heartbeat, Ready, Render, RenderState
from app.store.ports import BlobStore, Entry, RecipeIndex


@dataclass(kw_only=True)
class Studio:
    """What filming needs, and the rule that a recipe is filmed once.

    `lease_s`: how long a dead worker's render waits to be taken over; the living one renews it three times as often.
    `look_every_s`: how often a process looks whether another one's clip is there.
    `max_tries`: how often a submit that was not accepted is followed by another one.
    `standing_caps`: caps on everything filmed, by the time of asking, such as the day's.
    """

    speech: Mapping[str, Speech]
    renderers: Mapping[str, Renderer]
    blobs: BlobStore
    recipes: RecipeIndex
    ledger: Ledger
    workshop: Workshop
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    worker_name: str
    scratch: Path
    lease_s: float = 15.0
    look_every_s: float = 0.25
    max_tries: int = 3
    standing_caps: Callable[[datetime], Collection[Cap]] = lambda _now: ()
    _flights: Flights[Entry] = field(default_factory=Flights, init=False, repr=False)
    _listeners: dict[str, list[OnProgress]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Set the pipeline up."""
        self._pipeline = Pipeline(
            blobs=self.blobs,
            recipes=self.recipes,
            workshop=self.workshop,
            booth=SoundBooth(self.blobs, self.recipes, clock=self.clock),
            clock=self.clock,
            scratch=self.scratch,
        )

    def cast(self, avatar: Avatar) -> Cast:
        """The avatar's voice and renderer.

        Raises:
            ProviderUnknownError: one of them is not set up here.
        """
        return choose_cast(avatar, speech=self.speech, renderers=self.renderers)

    def wanted(self, avatar: Avatar, *, text: str | None, locale: str, labels: Mapping[str, Any]) -> WantedClip:
        """The clip these words would be, its key included; nothing is spoken or filmed."""
        return want_clip(avatar, self.cast(avatar), text=text, locale=locale, labels=labels)

    async def stored(self, wanted: WantedClip) -> Entry | None:
        """The clip if it is in the store."""
        return await self.recipes.get(wanted.key)

    async def clip(
        self,
        wanted: WantedClip,
        *,
        avatar: Avatar,
        caps: Collection[Cap] = (),
        on_progress: OnProgress | None = None,
    ) -> Entry:
        """The clip: at once if it is stored, else when it is filmed, by this process or another.

        Raises:
            ConsentMissingError, PortraitError, LimitExceededError, ProviderRefusedError: it cannot be filmed like this.
            BudgetExceededError: one of the caps leaves no money for it.
            ClipRejectedError, MediaError: what was delivered is no good; it is kept aside.
            ProviderUnavailableError: not now.
            OutcomeUnknownError: it may have been paid for, and only a person can find out.
        """
        entry = await self.recipes.get(wanted.key)
        if entry is not None:
            return entry
        listeners = self._listeners.setdefault(wanted.key, [])
        if on_progress is not None:
            listeners.append(on_progress)
        try:
            return await self._flights.join(wanted.key, lambda: self._film(wanted, avatar, caps))
        finally:
            if on_progress is not None:
                listeners.remove(on_progress)
            if not listeners:
                self._listeners.pop(wanted.key, None)

    async def reconcile(self) -> int:
        """Close the renders whose clip is stored but whose worker died before saying so; returns how many."""
        closed = 0
        for render in await self.ledger.list(states=OPEN, limit=10_000):
            if render.free(self.clock()) and await self.recipes.get(Digest(render.recipe_key)) is not None:
                closed += await self._close(render)
        return closed

    async def _close(self, render: Render) -> bool:
        with contextlib.suppress(RenderingError):
            held = await self._claim(render)
            if held.state is not RenderState.SUBMITTING:
                await self.ledger.apply(held.id, Ready(now=self.clock(), fence=held.fence))
                return True
        return False

    async def _film(self, wanted: WantedClip, avatar: Avatar, caps: Collection[Cap]) -> Entry:
        task = Task(
            wanted,
            avatar,
            self.cast(avatar),
            (*caps, *self.standing_caps(self.clock())),
            lambda progress: self._tell(wanted.key, progress),
        )
        render = await self._want(task)
        tries = 0
        while (entry := await self.recipes.get(wanted.key)) is None:
            if render.state is RenderState.READY:  # its clip has been deleted since
                render = await self._want(task)
            _raise_if_over(render)
            try:
                return await self._hold(render, replace(task, last=tries + 1 >= self.max_tries))
            except AttemptAgainError:
                tries += 1
            except LeaseLostError:
                self._tell(wanted.key, ClipProgress("waiting"))
                await self.sleep(self.look_every_s)
            render = await self.ledger.get(render.id)
        return entry

    async def _want(self, task: Task) -> Render:
        facts = task.cast.renderer.capabilities
        request = RenderRequest(task.wanted.key, facts.name, task.cast.model, task.wanted.labels, facts.currency)
        return await self.ledger.want(request, now=self.clock())

    async def _claim(self, render: Render) -> Render:
        claim = Claim(now=self.clock(), worker=self.worker_name, lease_s=self.lease_s)
        return await self.ledger.apply(render.id, claim)

    async def _hold(self, render: Render, task: Task) -> Entry:
        """Claim the render and work on it while a heartbeat keeps the lease; losing the lease stops the work."""
        held = await self._claim(render)
        attempt = Attempt(task, held, pipeline=self._pipeline, ledger=self.ledger, sleep=self.sleep)
        work = asyncio.create_task(attempt.run(), name=f"render {held.id}")
        beat = asyncio.create_task(self._beat(held), name=f"heartbeat {held.id}")
        try:
            await asyncio.wait({work, beat}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                beat.result()
            return await work
        finally:
            await _stop(work)
            await _stop(beat)

    async def _beat(self, render: Render) -> None:
        """Renew the lease until the render is over; a lost lease is an error that ends the work."""
        with contextlib.suppress(RenderStateError):
            while True:
                await self.sleep(self.lease_s / 3)
                beat = Heartbeat(now=self.clock(), fence=render.fence, lease_s=self.lease_s)
                await self.ledger.apply(render.id, beat)

    def _tell(self, key: str, progress: ClipProgress) -> None:
        for listener in self._listeners.get(key, []):
            listener(progress)


async def _stop(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has cleaned up; its outcome has been looked at or does not matter."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()


def _raise_if_over(render: Render) -> None:
    """Tell whoever waited for another process's render how it ended.

    Raises:
        GreenroomError: of the class whose code the ledger holds.
    """
    over = {RenderState.FAILED, RenderState.CANCELLED, RenderState.PARKED}
    if render.state in over:
        message = render.error or f"Render {render.id} was {render.state.value}; want it again."
        raise error_class(render.error_code or RenderingError.code)(message)
