"""Warming: carries out a plan, several clips at once, within a budget, and reports its progress."""

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypedDict
from uuid import uuid4

from app.catalog.model import Avatar
from app.errors import (
    BudgetExceededError,
    GreenroomError,
    ProviderRefusedError,
    RenderingError,
    StateFullError,
    StateUnavailableError,
    StoreFullError,
)
from app.rendering.ledger.port import Cap
from app.rendering.ledger.records import RUN_SCOPE
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.planner import Plan, PlanAction
from app.rendering.plan.pricing import PlanRefusal
from app.rendering.tariffs import Tariff
from app.rendering.work.ending import Cause, cause_of, most_urgent
from app.rendering.work.reconciler import Reconciler
from app.rendering.work.studio import Studio
from app.rendering.work.task import ClipProgress
from app.rendering.work.waiting_line import WarmPlace
from app.rendering.work.warm_events import (
    ClipFailed,
    ClipFinished,
    ClipMoved,
    ClipStarted,
    Ended,
    Failure,
    OnEvent,
    Summary,
    WarmProgress,
)
from app.rendering.work.warm_waits import BreakerWatch
from app.store.ports import Entry

SIGN_OF_LIFE_S = 60.0
"""Longest silence about a paid job that goes on and on."""

_ENDINGS: dict[Ended, Cause] = {"budget": Cause.BUDGET, "full": Cause.STORAGE, "cancelled": Cause.CANCELLED}


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Limits on the money of a run, and its name: tries of one command share the name, and so the budget.

    `caps` bind it too, such as that of a plan that was agreed to.
    """

    budget: Decimal | None = None
    caps: tuple[Cap, ...] = ()
    run: str = field(default_factory=lambda: uuid4().hex[:12])

    @property
    def scope(self) -> str:
        """Scope of the run's money in the ledger."""
        return f"{RUN_SCOPE}{self.run}"

    @property
    def all_caps(self) -> tuple[Cap, ...]:
        """Caps on each order; also without a budget, so that the ledger adds the run's money up."""
        limit = Decimal("Infinity") if self.budget is None else self.budget
        return (Cap(self.scope, limit), *self.caps)


class _Named(TypedDict):
    key: str
    intent: str | None
    locale: str | None


async def warm(
    plan: Plan,
    studio: Studio | WarmPlace,
    *,
    avatar: Avatar,
    limits: RunLimits | None = None,
    concurrency: int = 1,
    on_event: OnEvent = lambda _event: None,
) -> Summary:
    """Render the plan's new and stale clips.

    Failed clips do not stop the run. The budget does, and a full disk, because more speech would be paid for
    that cannot be stored; and a provider that refuses the account, because it would refuse each clip alike. A voice
    that does so ends the clips that it would speak, and the run if it is the only one.
    Until the first paid order is accepted, no other clip is begun.

    The last event is the summary, also if the run is cancelled: unfinished renders are then released, and a
    later run goes on from there.
    """
    place = WarmPlace.of(studio)
    studio = place.studio
    run = _Run(plan, place, avatar, on_event, limits=limits or RunLimits())
    await studio.reconcile()
    ended: Ended = "cancelled"
    await run.refuse()
    watch = BreakerWatch(studio.ledger, studio.clock, studio.sleep, on_event)
    providers = {clip.recipe.renderer: None for item in plan.todo for clip in item.wanted.orders}
    beside = {
        asyncio.create_task(Reconciler(studio=studio, avatars=(avatar,)).run(), name="reconciler"),
        asyncio.create_task(watch.run(providers), name="breaker watch"),
    }
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(max(1, min(concurrency, len(plan.todo)))):
                group.create_task(run.work(first=number == 0))
        ended = run.stopped_by or "finished"
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
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
        limits: RunLimits,
    ) -> None:
        self.stopped_by: Ended | None = None
        self._why: str | None = None
        self._plan = plan
        self._studio, self._maker, self._line = place.studio, place.maker, place.line
        self._avatar = avatar
        self._on_event = on_event
        self._limits = limits
        self._line.fill(plan.todo)
        self._plan_s = plan.seconds  # of all clips: added up once, not with each clip
        self._total = len(plan.todo) + len(plan.of(PlanAction.REFUSED))
        self._failures: list[Failure] = []
        self._steps: dict[str, tuple[str, float, int]] = {}
        self._done = 0
        self._video_s = 0.0
        self._spent = Decimal(0)
        self._began_at = place.studio.clock()
        self._silent = {name: without_key(tariff) for name, tariff in plan.tariffs.items() if tariff.needs}
        self._voices = {item.wanted.speech.provider for item in plan.todo if item.wanted.speech}
        self._order_accepted = asyncio.Event()
        if not plan.price:
            self._order_accepted.set()

    async def refuse(self) -> None:
        """Report the clips that the plan refuses."""
        for item in self._plan.of(PlanAction.REFUSED):
            refusal = item.refusal or PlanRefusal(RenderingError.code, "No renderer accepts this clip.")
            failure = Failure(**_named(item.wanted), code=refusal.code, message=refusal.message, retryable=False)
            self._failures.append(failure)
            self._on_event(ClipFailed(failure=failure, tally=await self._tally()))

    async def work(self, *, first: bool) -> None:
        """Render one clip after the other until none is left, or the run must stop; all but the first wait for it."""
        if not first:
            await self._order_accepted.wait()
        try:
            while not self.stopped_by and (item := await self._line.next()) is not None:
                await self._render(item.wanted)
                self._order_accepted.set()
        finally:
            self._order_accepted.set()

    async def summary(self, ended: Ended) -> Summary:
        """Return the summary of the run."""
        rejected, cost = await self._studio.ledger.refused(self._limits.scope)
        causes = [failure.cause for failure in self._failures]
        return Summary(
            ended=ended,
            run=self._limits.run,
            clips_done=self._done,
            clips_failed=len(self._failures),
            clips_left=self._total - self._done - len(self._failures),
            clips_unchanged=len(self._plan.of(PlanAction.UNCHANGED)),
            video_s=round(self._video_s, 3),
            spent=await self._spending(),
            elapsed_s=round(self._elapsed_s(), 3),
            failures=tuple(self._failures),
            clips_rejected=rejected,
            rejected_cost=cost,
            cause=most_urgent([*causes, _ENDINGS[ended]] if ended in _ENDINGS else causes),
            why=self._why,
        )

    async def _render(self, wanted: WantedClip) -> None:
        named = _named(wanted)
        self._on_event(ClipStarted(**named, text=wanted.text, tally=await self._tally()))
        try:
            self._check_keys(wanted)
            await self._check_voice(wanted)
            entry = await self._maker.clip(
                wanted,
                avatar=self._avatar,
                caps=self._limits.all_caps,
                on_progress=lambda moved: self._moved(wanted, moved),
            )
        except BudgetExceededError as error:
            self._stop("budget", error)
        except GreenroomError as error:
            await self._failed(error, named)
        else:
            await self._finished(entry, named)

    async def _failed(self, error: GreenroomError, named: _Named) -> None:
        cause = cause_of(error)
        if isinstance(error, StoreFullError | StateFullError):
            self._stop("full", error)
        elif cause is Cause.ACCOUNT and isinstance(error, ProviderRefusedError):
            self._silent |= {error.voice: str(error)} if error.voice else {}
            if not error.voice or self._voices <= self._silent.keys():
                self._stop("account", error)
        failure = Failure(**named, code=error.code, message=str(error), retryable=error.retryable, cause=cause)
        self._failures.append(failure)
        self._on_event(ClipFailed(failure=failure, tally=await self._tally()))

    def _stop(self, by: Ended, error: GreenroomError) -> None:
        """Begin no further clip. A full disk or a refused account is told rather than the budget."""
        if self.stopped_by in {None, "budget"}:
            self.stopped_by, self._why = by, str(error)

    def _check_keys(self, wanted: WantedClip) -> None:
        """Refuse a clip none of whose renderers has a key, before its words are spoken or its portrait leaves.

        Raises:
            ProviderRefusedError: it names the settings.
        """
        facts = [self._plan.capabilities[clip.recipe.renderer] for clip in wanted.orders]
        if not wanted.parts and all(one.needs for one in facts):
            needed = " or ".join(dict.fromkeys(f"{one.needs} for `{one.name}`" for one in facts))
            message = f"Expected {needed}, found none; set it, or name another renderer."
            raise ProviderRefusedError(message, reason="auth")

    async def _check_voice(self, wanted: WantedClip) -> None:
        """Refuse a clip whose voice has no key or was refused, unless its words are spoken already.

        Raises:
            ProviderRefusedError: as the voice's provider refused, or with the setting that it needs.
        """
        speech = wanted.speech
        why = self._silent.get(speech.provider) if speech and not wanted.parts else None
        if speech and why and await self._studio.recipes.get(speech.key) is None:
            raise ProviderRefusedError(why, reason="auth", voice=speech.provider)

    async def _finished(self, entry: Entry, named: _Named) -> None:
        duration_s = float(entry.media["duration_s"])
        self._done += 1
        self._video_s += duration_s
        self._on_event(ClipFinished(**named, duration_s=duration_s, tally=await self._tally()))

    def _moved(self, wanted: WantedClip, moved: ClipProgress) -> None:
        if moved.stage != "speaking":
            self._order_accepted.set()  # or somebody else has this clip, or there is no place free: nobody need wait
        step = (moved.stage, round(moved.done_share, 1), int(moved.waited_s // SIGN_OF_LIFE_S))
        if self._steps.get(wanted.key) == step:
            return  # a poll without a change is no event, but for one a minute
        self._steps[wanted.key] = step
        waited_s, limit_s = round(moved.waited_s, 1), round(moved.limit_s, 1)
        event = ClipMoved(
            key=wanted.key, stage=moved.stage, done_share=moved.done_share, waited_s=waited_s, limit_s=limit_s
        )
        self._on_event(event)

    async def _tally(self) -> WarmProgress:
        elapsed_s = self._elapsed_s()
        rate = self._video_s / elapsed_s if self._video_s and elapsed_s > 0 else None
        missing_s = max(0.0, self._plan_s - self._video_s)
        return WarmProgress(
            clips_done=self._done,
            clips_failed=len(self._failures),
            clips_total=self._total,
            video_s=round(self._video_s, 3),
            video_total_s=round(self._plan_s, 3),
            spent=await self._known_spending(),
            elapsed_s=round(elapsed_s, 3),
            rate=rate and round(rate, 4),
            eta_s=missing_s / rate if rate else None,
        )

    async def _known_spending(self) -> Decimal:
        """Return the run's spending, as it was when the database was last within reach."""
        try:
            return await self._spending()
        except StateUnavailableError:
            return self._spent

    async def _spending(self) -> Decimal:
        self._spent = (await self._studio.ledger.spend(self._limits.scope)).committed
        return self._spent

    def _elapsed_s(self) -> float:
        return (self._studio.clock() - self._began_at).total_seconds()


def without_key(tariff: Tariff) -> str:
    """Return the sentence about a voice without its setting."""
    return f"Expected {tariff.needs} for the voice `{tariff.provider}`, found none; set it, or name another voice."


def _named(wanted: WantedClip) -> _Named:
    return {"key": wanted.key, "intent": wanted.labels.intent, "locale": wanted.labels.locale}
