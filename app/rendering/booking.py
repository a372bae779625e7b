"""What the audit log is told of a render's step: money that moved, and what a person did or must do."""

from collections.abc import Iterator
from decimal import Decimal

from app.catalog.audit import SYSTEM, Act
from app.rendering.records import Record
from app.rendering.states import Cancel, Event, Park, Retry

_NAMED: dict[type[Event], str] = {
    Park: "render.parked",
    Cancel: "render.cancelled",
    Retry: "render.retried",
}


def acts_of(record: Record, event: Event, *, actor: str = SYSTEM) -> Iterator[Act]:
    """The deeds in one step, money last; a step without any leaves none."""
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
    """A decimal without an exponent, zeros at its end or a second spelling."""
    return f"{amount.normalize():f}"
