"""What is kept beside the renders: the history of every step, what providers called back, what was spent on what."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from app.errors import ClipRejectedError, MediaError
from app.rendering.states import Event, Fail, Heartbeat, Lost, NotAccepted, Render, RenderState, Submitted

Verdict = Literal["good", "bad", "unknown"]
"""What a step says about the provider's health; an answer that was lost is counted apart."""


@dataclass(frozen=True, slots=True)
class Record:
    """One step of one render. `reserved` and `spent` are changes; `day` is the one on which its submit began."""

    render_id: str
    at: datetime
    event: str
    state: RenderState
    provider: str
    day: date
    intent: str
    currency: str
    token: str | None = None
    request_id: str | None = None
    code: str | None = None
    verdict: Verdict | None = None
    reserved: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)


ORPHAN = "orphan"
"""The state of a call about a job that no render knows."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A verified webhook. `request_id` is the provider's own id; `body_digest` the sha256 of the raw body."""

    provider: str
    token: str
    request_id: str
    state: str
    received_at: datetime
    body_digest: str


@dataclass(frozen=True, slots=True)
class SpendLine:
    """What one intent cost at one provider on one day; `intent` is empty for others.

    `reserved` may still be billed; `rejected` is the part of `spent` that went into clips the quality gate refused.
    """

    day: date
    provider: str
    intent: str
    currency: str
    submits: int
    clips: int
    reserved: Decimal
    spent: Decimal
    rejected: Decimal = Decimal(0)


REJECTED_CODES = frozenset({ClipRejectedError.code, MediaError.code})
"""How a render ends whose clip was delivered and refused."""


def record_of(before: Render, after: Render, event: Event) -> Record | None:
    """The step as it is kept; a heartbeat is none."""
    if isinstance(event, Heartbeat):
        return None
    return Record(
        render_id=after.id,
        at=event.now,
        event=type(event).__name__,
        state=after.state,
        provider=after.provider,
        day=(after.begun_at or event.now).date(),
        intent=str(after.labels.get("intent") or ""),
        currency=after.currency,
        token=after.token or before.token,
        request_id=after.request_id or before.request_id,
        code=after.error_code,
        verdict=_verdict(event),
        reserved=after.reserved - before.reserved,
        spent=after.spent - before.spent,
    )


def _verdict(event: Event) -> Verdict | None:
    match event:
        case Submitted():
            return "good"
        case Lost():
            return "unknown"
        case NotAccepted(blame=True) | Fail(blame=True):
            return "bad"
        case _:
            return None
