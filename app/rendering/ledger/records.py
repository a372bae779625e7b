"""Records beside the renders: the history of every step, webhooks, lines of spending, totals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from app.audit import SYSTEM, Act
from app.errors import ClipRejectedError, MediaError, RenderStateError
from app.rendering.ledger.decisions import Adopt, Cancel, Deliver, Resolve, Retry
from app.rendering.ledger.states import (
    BeginSubmit,
    Claim,
    Event,
    Fail,
    Heartbeat,
    Lost,
    NotAccepted,
    Park,
    Render,
    RenderState,
    Submitted,
)
from app.rendering.ports import ProviderFigures

RUN_SCOPE, RELEASE_SCOPE = "run:", "release:"
"""First letters of the scopes that name a run of `warm`, and the release that is rendered."""

HealthVerdict = Literal["good", "bad", "unknown"]
"""Verdict of a step on the provider's health; a lost answer is counted apart."""


@dataclass(frozen=True, slots=True)
class Record:
    """One step of one render. `reserved` and `spent` are changes; `day` is the day on which its submit began.

    `event` is the event's class; `TakenOver` is a claim after a dead worker, `Fenced` a refused step, `Corrected` a
    correction by a person (`actor`, `note`), which belongs to the day on which it is booked. An order has the
    `seconds` of video, the `run` of `warm` and the `release` it was made for; a finished job what its provider said.
    """

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
    verdict: HealthVerdict | None = None
    reserved: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)
    seconds: float | None = None
    run: str | None = None
    release: int | None = None
    provider_charged: Decimal | None = None
    provider_seconds: float | None = None
    note: str | None = None
    actor: str | None = None


CORRECTED = "Corrected"
"""Record of a correction: a refund, or what the provider billed beyond the estimate."""

TAKEN_OVER = "TakenOver"
"""Record of a claim after another worker's lease had run out."""

FENCED = "Fenced"
"""Record of a step that was refused, because its worker had lost the render."""

ORPHAN = "orphan"
"""State of a webhook about a job that belongs to no render."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Verified webhook. `request_id` is the provider's own id, `body_digest` the sha256 of the raw body.

    `acknowledged_at`, `acknowledged_by` and `note`: of an orphan that a person has looked into.
    """

    provider: str
    token: str
    request_id: str
    state: str
    received_at: datetime
    body_digest: str
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    note: str | None = None


FILM = "film"
"""Kind of a line of spending that is for renders."""


@dataclass(frozen=True, slots=True)
class SpendLine:
    """Cost of one intent at one provider on one day; `intent` is empty for other renders and calls.

    `kind` is `film`, or the kind of the paid calls that `submits` counts. `reserved` may still be billed; `rejected`
    is the part of `spent` for clips that the quality gate refused.
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
    kind: str = FILM


TotalKind = Literal["wanted", "ready", "failed", "rejected", "cancelled", "taken_over", "fenced"]
"""Kinds of totals: begin and end of renders (`rejected`: delivered, then refused by the gate), and
incidents."""

OUTCOMES: tuple[TotalKind, ...] = ("ready", "failed", "rejected", "cancelled")


@dataclass(frozen=True, slots=True)
class Total:
    """Count of one kind at a provider since the ledger began; it only grows."""

    provider: str
    kind: TotalKind
    count: int


REJECTED_CODES = frozenset({ClipRejectedError.code, MediaError.code})
"""Error codes of a render whose clip was delivered and refused."""


def record_of(before: Render, after: Render, event: Event) -> Record | None:
    """Return the record of a step; None for a heartbeat."""
    if isinstance(event, Heartbeat):
        return None
    taken_over = isinstance(event, Claim) and before.worker is not None
    figures, order = event.figures or ProviderFigures(), event if isinstance(event, BeginSubmit) else None
    return Record(
        render_id=after.id,
        at=event.now,
        event=TAKEN_OVER if taken_over else type(event).__name__,
        state=after.state,
        provider=after.provider,
        day=(after.begun_at or event.now).date(),
        intent=after.labels.intent or "",
        currency=after.currency,
        token=after.token or before.token,
        request_id=after.request_id or before.request_id,
        code=after.error_code,
        verdict=_verdict(event),
        reserved=after.reserved - before.reserved,
        spent=after.spent - before.spent,
        seconds=order.seconds if order else None,
        run=scope_in(after.scopes, RUN_SCOPE) if order else None,
        release=int(release) if order and (release := scope_in(after.scopes, RELEASE_SCOPE)) else None,
        provider_charged=figures.charged,
        provider_seconds=figures.seconds,
    )


def scope_in(scopes: Iterable[str], kind: str) -> str | None:
    """Return what a scope of this kind names, such as a run; None without one."""
    return next((scope.removeprefix(kind) for scope in scopes if scope.startswith(kind)), None)


def refusal_of(render: Render, event: Event) -> Record:
    """Return the record of a step that was refused because of its old fence."""
    return Record(
        render_id=render.id,
        at=event.now,
        event=FENCED,
        state=render.state,
        provider=render.provider,
        day=(render.begun_at or event.now).date(),
        intent=render.labels.intent or "",
        currency=render.currency,
        token=render.token,
        request_id=render.request_id,
    )


def correction_of(render: Render, history: Iterable[Record], amount: Decimal, *, by: Act) -> Record:
    """Return the record of a correction of what is booked for a render; `by` says who books it, when and why.

    Raises:
        RenderStateError: the render's money is not settled, or more would be given back than is booked.
    """
    booked = sum((record.spent for record in history), Decimal(0))
    if render.reserved or amount == 0 or booked + amount < 0:
        raise RenderStateError(
            f"Cannot book {amount:+f} {render.currency} on render {render.id}: {render.reserved:f} are set aside and "
            f"{booked:f} are booked. Correct settled money only, and give back no more than is booked."
        )
    return Record(
        render_id=render.id,
        at=by.at,
        event=CORRECTED,
        state=render.state,
        provider=render.provider,
        day=by.at.date(),
        intent=render.labels.intent or "",
        currency=render.currency,
        token=render.token,
        request_id=render.request_id,
        spent=amount,
        note=str(by.details["note"]),
        actor=by.actor,
    )


def correction_act(render_id: str, amount: Decimal, currency: str, *, note: str, actor: str, now: datetime) -> Act:
    """Return the audit act of a correction."""
    return Act(now, actor, "money.corrected", render_id, {"amount": _text(amount), "currency": currency, "note": note})


def _verdict(event: Event) -> HealthVerdict | None:
    match event:
        case Submitted():
            return "good"
        case Lost():
            return "unknown"
        case NotAccepted(blame=True) | Fail(blame=True):
            return "bad"
        case _:
            return None


_NAMED: dict[type[Event], str] = {
    Park: "render.parked",
    Cancel: "render.cancelled",
    Retry: "render.retried",
    Adopt: "render.adopted",
    Deliver: "render.adopted",
    Resolve: "render.resolved",
}


def acts_of(record: Record, event: Event, *, actor: str = SYSTEM) -> Iterator[Act]:
    """Yield the audit acts of one step, money last; most steps have none."""
    name = _NAMED.get(type(event))
    if name:
        yield _act(record, actor, name, {})
    freed = -record.reserved - record.spent
    moved = (("money.reserved", record.reserved), ("money.spent", record.spent), ("money.released", freed))
    for action, amount in moved:
        if amount > 0:
            yield _act(record, actor, action, {"amount": _text(amount), "currency": record.currency})


def _act(record: Record, actor: str, action: str, money: dict[str, str]) -> Act:
    about = {"provider": record.provider, "intent": record.intent, "request_id": record.request_id or ""}
    return Act(record.at, actor, action, record.render_id, money | about)


def _text(amount: Decimal) -> str:
    """Return a decimal as text, without an exponent and without trailing zeros."""
    return f"{amount.normalize():f}"
