"""Warming: carries out a plan, several clips at once, within a budget, and reports its progress."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Annotated, Literal, TypedDict
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, PlainSerializer

from app.catalog.model import Avatar
from app.errors import BudgetExceededError, GreenroomError, RenderingError, StateFullError, StoreFullError
from app.rendering.ledger.port import Cap
from app.rendering.ledger.records import RUN_SCOPE
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.plan_json import money
from app.rendering.plan.planner import Plan, PlanAction
from app.rendering.plan.pricing import PlanRefusal
from app.rendering.work.reconciler import Reconciler
from app.rendering.work.studio import Studio
from app.rendering.work.task import ClipProgress
from app.rendering.work.waiting_line import WarmPlace
from app.store.ports import Entry

Ended = Literal["finished", "budget", "full", "cancelled"]

Money = Annotated[Decimal, PlainSerializer(money, return_type=str, when_used="json")]


class _Named(TypedDict):
    key: str
    intent: str | None
    locale: str | None


class _JsonValue(BaseModel):
    """Frozen value with a JSON form."""

    model_config = ConfigDict(frozen=True)


class WarmProgress(_JsonValue):
    """Progress of the run.

    `rate` is seconds of video per second of time; `eta_s` is None until one clip is done.
    """

    clips_done: int
    clips_failed: int
    clips_total: int
    video_s: float
    video_total_s: float
    spent: Money
    elapsed_s: float
    rate: float | None
    eta_s: float | None


class Failure(_JsonValue):
    """Clip that failed, and the error."""

    key: str
    intent: str | None
    locale: str | None
    code: str
    message: str
    retryable: bool


class ClipStarted(_JsonValue):
    """Event: work on a clip begins."""

    type: Literal["clip.started"] = "clip.started"
    key: str
    intent: str | None
    locale: str | None
    text: str | None
    tally: WarmProgress


class ClipMoved(_JsonValue):
    """Event: progress of a clip."""

    type: Literal["clip.progress"] = "clip.progress"
    key: str
    stage: Literal["waiting", "speaking", "rendering", "storing"]
    done_share: float


class ClipFinished(_JsonValue):
    """Event: a clip is stored."""

    type: Literal["clip.finished"] = "clip.finished"
    key: str
    intent: str | None
    locale: str | None
    duration_s: float
    tally: WarmProgress


class ClipFailed(_JsonValue):
    """Event: a clip failed; the run goes on."""

    type: Literal["clip.failed"] = "clip.failed"
    failure: Failure
    tally: WarmProgress


class Summary(_JsonValue):
    """Summary of the run. It ended `finished`, `budget` (more would cost too much), `full` or `cancelled`."""

    type: Literal["summary"] = "summary"
    ended: Ended
    run: str
    clips_done: int
    clips_failed: int
    clips_left: int
    clips_unchanged: int
    video_s: float
    spent: Money
    elapsed_s: float
    failures: tuple[Failure, ...]
    clips_rejected: int = 0
    """Delivered clips that the quality gate refused, also those that were rendered again and are ready
    now."""
    rejected_cost: Money = Decimal(0)
    """Cost of those; part of `spent`."""

    @property
    def complete(self) -> bool:
        """True if no clip failed and none is left."""
        return self.clips_failed == 0 and self.clips_left == 0


WarmEvent = ClipStarted | ClipMoved | ClipFinished | ClipFailed | Summary
OnEvent = Callable[[WarmEvent], None]


async def warm(
    plan: Plan,
    studio: Studio | WarmPlace,
    *,
    avatar: Avatar,
    budget: Decimal | None = None,
    concurrency: int = 1,
    on_event: OnEvent = lambda _event: None,
) -> Summary:
    """Render the plan's new and stale clips; failed clips do not stop the run, the budget and a full disk do.

    With a full disk it would pay for more speech that cannot be stored.

    The last event is the summary, also if the run is cancelled: unfinished renders are then released, and a
    later run goes on from there.
    """
    limit = Decimal("Infinity") if budget is None else budget
    place = WarmPlace.of(studio)
    studio = place.studio
    run = _Run(plan, place, avatar, on_event, limit=limit)
    await studio.reconcile()
    ended: Ended = "cancelled"
    await run.refuse()
    reconciling = asyncio.create_task(Reconciler(studio=studio, avatars=(avatar,)).run(), name="reconciler")
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, min(concurrency, len(plan.todo)))):
                group.create_task(run.work())
        ended = "full" if run.no_room else "budget" if run.over_budget else "finished"
    finally:
        reconciling.cancel()
        await asyncio.wait({reconciling})
        summary = await run.summary(ended)
        on_event(summary)
    return summary


class _Run:
    """State of one run: clips left, done and failed."""

    def __init__(
        self,
        plan: Plan,
        place: WarmPlace,
        avatar: Avatar,
        on_event: OnEvent,
        *,
        limit: Decimal,
    ) -> None:
        self.id = uuid4().hex[:12]
        self.over_budget = self.no_room = False
        self._plan = plan
        self._studio, self._maker, self._line = place.studio, place.maker, place.line
        self._avatar = avatar
        self._on_event = on_event
        self._scope = f"{RUN_SCOPE}{self.id}"
        self._caps = (Cap(self._scope, limit),)
        self._line.fill(plan.todo)
        self._total = len(plan.todo) + len(plan.of(PlanAction.REFUSED))
        self._failures: list[Failure] = []
        self._steps: dict[str, tuple[str, float]] = {}
        self._done = 0
        self._video_s = 0.0
        self._began_at = place.studio.clock()

    async def refuse(self) -> None:
        """Report the clips that the plan refuses."""
        for item in self._plan.of(PlanAction.REFUSED):
            refusal = item.refusal or PlanRefusal(RenderingError.code, "No renderer accepts this clip.")
            failure = Failure(**_named(item.wanted), code=refusal.code, message=refusal.message, retryable=False)
            self._failures.append(failure)
            self._on_event(ClipFailed(failure=failure, tally=await self._tally()))

    async def work(self) -> None:
        """Render one clip after the other until none is left, or no money."""
        while not (self.over_budget or self.no_room) and (item := await self._line.next()) is not None:
            await self._render(item.wanted)

    async def summary(self, ended: Ended) -> Summary:
        """Return the summary of the run."""
        rejected, cost = await self._studio.ledger.refused(self._scope)
        return Summary(
            ended=ended,
            run=self.id,
            clips_done=self._done,
            clips_failed=len(self._failures),
            clips_left=self._total - self._done - len(self._failures),
            clips_unchanged=len(self._plan.of(PlanAction.UNCHANGED)),
            video_s=round(self._video_s, 3),
            spent=await self._spent(),
            elapsed_s=round(self._elapsed_s(), 3),
            failures=tuple(self._failures),
            clips_rejected=rejected,
            rejected_cost=cost,
        )

    async def _render(self, wanted: WantedClip) -> None:
        named = _named(wanted)
        self._on_event(ClipStarted(**named, text=wanted.text, tally=await self._tally()))
        try:
            entry = await self._maker.clip(
                wanted, avatar=self._avatar, caps=self._caps, on_progress=lambda moved: self._moved(wanted, moved)
            )
        except BudgetExceededError:
            self.over_budget = True
        except GreenroomError as error:
            self.no_room = self.no_room or isinstance(error, StoreFullError | StateFullError)
            failure = Failure(**named, code=error.code, message=str(error), retryable=error.retryable)
            self._failures.append(failure)
            self._on_event(ClipFailed(failure=failure, tally=await self._tally()))
        else:
            await self._finished(entry, named)

    async def _finished(self, entry: Entry, named: _Named) -> None:
        duration_s = float(entry.media["duration_s"])
        self._done += 1
        self._video_s += duration_s
        self._on_event(ClipFinished(**named, duration_s=duration_s, tally=await self._tally()))

    def _moved(self, wanted: WantedClip, moved: ClipProgress) -> None:
        step = (moved.stage, round(moved.done_share, 1))
        if self._steps.get(wanted.key) == step:
            return  # a poll without a change is no event
        self._steps[wanted.key] = step
        self._on_event(ClipMoved(key=wanted.key, stage=moved.stage, done_share=moved.done_share))

    async def _tally(self) -> WarmProgress:
        elapsed_s = self._elapsed_s()
        rate = self._video_s / elapsed_s if self._video_s and elapsed_s > 0 else None
        missing_s = max(0.0, self._plan.seconds - self._video_s)
        return WarmProgress(
            clips_done=self._done,
            clips_failed=len(self._failures),
            clips_total=self._total,
            video_s=round(self._video_s, 3),
            video_total_s=round(self._plan.seconds, 3),
            spent=await self._spent(),
            elapsed_s=round(elapsed_s, 3),
            rate=rate and round(rate, 4),
            eta_s=missing_s / rate if rate else None,
        )

    async def _spent(self) -> Decimal:
        return (await self._studio.ledger.spend(self._scope)).committed

    def _elapsed_s(self) -> float:
        return (self._studio.clock() - self._began_at).total_seconds()


def _named(wanted: WantedClip) -> _Named:
    return {"key": wanted.key, "intent": wanted.labels.intent, "locale": wanted.labels.locale}


AGAIN_AFTER_S = 30.0
"""Pause between two tries: a provider that is busy or down is not asked more often."""

Once = Callable[[Decimal | None], Awaitable[Summary]]
"""Runs one warm of the clips that are missing by then, within the rest of the budget."""


async def until_done(
    once: Once,
    *,
    wait_s: float,
    budget: Decimal | None,
    now: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> Summary:
    """Warm again for `wait_s` while clips fail for passing reasons; return the last summary.

    All tries share the budget. Permanent failures, a spent budget and a cancelled run end it.
    """
    end = now() + wait_s
    while True:
        summary = await once(budget)
        if not _may_pass(summary) or now() + AGAIN_AFTER_S > end:
            return summary
        budget = None if budget is None else max(Decimal(0), budget - summary.spent)
        await sleep(AGAIN_AFTER_S)


def _may_pass(summary: Summary) -> bool:
    return summary.ended == "finished" and any(failure.retryable for failure in summary.failures)
