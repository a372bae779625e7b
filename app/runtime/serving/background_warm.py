"""Background warm-up: renders what is missing while the node serves, and tells how far it is."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import structlog

from app.errors import GreenroomError
from app.rendering.plan.planner import Plan, PlanAction, PlanItem
from app.rendering.work.warm_events import ClipFailed, ClipFinished, OnEvent, Summary, WarmEvent
from app.rendering.work.warm_waits import RetryWindow, until_done
from app.runtime.wiring.clock import SystemClock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WarmStatus:
    """Status of a warm-up: stored clips of all that it can render, and whether it goes on."""

    filmed: int = 0
    clips: int = 0
    going_on: bool = False


@asynccontextmanager
async def logged(plan: Plan) -> AsyncIterator[OnEvent]:
    """Log a run: its begin, each clip that ends, its end."""
    stored = len(plan.of(PlanAction.UNCHANGED))
    log.info("warm.begun", missing=len(plan.todo), stored=stored, seconds_of_video=round(plan.seconds, 1))

    def show(event: WarmEvent) -> None:
        match event:
            case ClipFinished():
                done, total = event.tally.clips_done, event.tally.clips_total
                log.info("warm.clip_rendered", intent=event.intent, locale=event.locale, done=done, total=total)
            case ClipFailed():
                failure = event.failure
                log.warning("warm.clip_failed", intent=failure.intent, code=failure.code, error=failure.message[:500])
            case Summary():
                spent = str(event.spent)
                log.info("warm.ended", ended=event.ended, done=event.clips_done, left=event.clips_left, spent=spent)
            case _:
                pass

    yield show


@dataclass(kw_only=True)
class BackgroundWarm:
    """Warm-up of a serving node, and of every release that it serves later.

    `first` is the plan that was agreed to; `plan` makes another one, for clips that failed for a passing reason
    and for other releases. Paid renders of another release need `yes`. `film` carries a plan out within the
    amount that is left of `budget`. `opens` says which clips a talk begins with: until they are stored, or have
    failed, the node is not ready.
    """

    first: Plan
    plan: Callable[[], Awaitable[Plan]]
    film: Callable[[Plan, Decimal | None, OnEvent], Awaitable[Summary]]
    opens: Callable[[PlanItem], bool]
    show: Callable[[Plan], AbstractAsyncContextManager[OnEvent]] = logged
    budget: Decimal | None = None
    yes: bool = False
    clock: SystemClock = field(default_factory=SystemClock)
    status: WarmStatus = field(default=WarmStatus(), init=False)
    _needed: set[str] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        """Take the first plan as the status."""
        self._again = asyncio.Event()
        self._left = self.budget
        self._take(self.first)

    @property
    def reason(self) -> str:
        """Sentence that says why no talk can begin yet; empty if one can."""
        if not self._needed:
            return ""
        return f"The clips that a talk begins with are being rendered; left: {len(self._needed)}."

    def restart(self) -> None:
        """Render for another release, which is served from now on."""
        self._again.set()

    async def run(self) -> None:
        """Warm; when it is over, wait for another release."""
        plan: Plan | None = self.first
        while True:
            self._again.clear()
            if plan is not None:
                await self._until_restart(plan)
            await self._again.wait()
            plan = await self._allowed()

    async def _until_restart(self, plan: Plan) -> None:
        running = asyncio.create_task(self._warm(plan), name="warm behind")
        restart = asyncio.create_task(self._again.wait(), name="another release")
        try:
            await asyncio.wait({running, restart}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (running, restart):
                task.cancel()
            await asyncio.gather(running, restart, return_exceptions=True)

    async def _warm(self, first: Plan) -> None:
        plans = [first]

        async def once() -> Summary:
            plan = plans.pop() if plans else await self.plan()
            self._take(plan)
            async with self.show(plan) as show:
                return await self.film(plan, self._left, lambda event: self._hear(event, show))

        try:
            await until_done(once, RetryWindow(until=math.inf, now=self.clock.monotonic, sleep=self.clock.sleep))
        except GreenroomError as error:
            log.warning("warm.failed", code=error.code, error=str(error)[:500])
        finally:
            self._needed = set()
            self.status = WarmStatus(self.status.filmed, self.status.clips)

    async def _allowed(self) -> Plan | None:
        """Return the plan of the release that is served now; None if nobody has agreed to its price."""
        try:
            plan = await self.plan()
        except GreenroomError as error:
            log.warning("warm.failed", code=error.code, error=str(error)[:500])
            return None
        if plan.price and not self.yes:
            log.warning("warm.not_agreed", price=str(plan.price), remedy="say `greenroom serve --warm --yes`")
            return None
        return plan

    def _take(self, plan: Plan) -> None:
        stored, missing = len(plan.of(PlanAction.UNCHANGED)), len(plan.todo)
        self.status = WarmStatus(stored, stored + missing, going_on=missing > 0)
        self._needed = {item.wanted.key for item in plan.todo if self.opens(item)}

    def _hear(self, event: WarmEvent, show: OnEvent) -> None:
        match event:
            case ClipFinished():
                self.status = WarmStatus(self.status.filmed + 1, self.status.clips, going_on=True)
                self._needed.discard(event.key)
            case ClipFailed():
                self._needed.discard(event.failure.key)
            case Summary():
                self.status = WarmStatus(self.status.filmed, self.status.clips)
                self._left = None if self._left is None else max(Decimal(0), self._left - event.spent)
            case _:
                pass
        show(event)
