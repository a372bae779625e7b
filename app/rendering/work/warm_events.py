"""Events of a warm run, each with a JSON form: clips that begin, move and end, and the summary."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer

from app.rendering.plan.plan_json import money
from app.rendering.work.ending import Cause

Ended = Literal["finished", "budget", "full", "account", "cancelled"]

Money = Annotated[Decimal, PlainSerializer(money, return_type=str, when_used="json")]


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
    """Clip that failed, the error, and its cause."""

    key: str
    intent: str | None
    locale: str | None
    code: str
    message: str
    retryable: bool
    cause: Cause = Cause.FAILED


class ClipStarted(_JsonValue):
    """Event: work on a clip begins."""

    type: Literal["clip.started"] = "clip.started"
    key: str
    intent: str | None
    locale: str | None
    text: str | None
    tally: WarmProgress


class ClipMoved(_JsonValue):
    """Event: progress of a clip; `waited_s` of at most `limit_s` is how long its job takes already."""

    type: Literal["clip.progress"] = "clip.progress"
    key: str
    stage: Literal["waiting", "speaking", "rendering", "storing"]
    done_share: float
    waited_s: float = 0.0
    limit_s: float = 0.0


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


class ProviderPaused(_JsonValue):
    """Event: the circuit breaker of a provider opened; nothing is ordered there until then."""

    type: Literal["provider.paused"] = "provider.paused"
    provider: str
    until: datetime
    reason: str


class ProviderResumed(_JsonValue):
    """Event: the pause of a provider is over; one order is tried."""

    type: Literal["provider.resumed"] = "provider.resumed"
    provider: str


class TryingAgain(_JsonValue):
    """Event: what fails may pass, and is tried again after a pause."""

    type: Literal["trying_again"] = "trying_again"
    code: str
    message: str
    after_s: float
    left_s: float


class Summary(_JsonValue):
    """Summary of the run.

    It ended `finished`, `budget` (more would cost too much), `full` (no room on a disk), `account` (a provider
    refuses the key, or there is none) or `cancelled`; `why` has the words. `cause` is what needs a person most;
    None if all is well.
    """

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
    cause: Cause | None = None
    why: str | None = None

    @property
    def complete(self) -> bool:
        """True if no clip failed and none is left."""
        return self.clips_failed == 0 and self.clips_left == 0


WarmEvent = ClipStarted | ClipMoved | ClipFinished | ClipFailed | ProviderPaused | ProviderResumed | Summary
OnEvent = Callable[[WarmEvent], None]
