"""Paid calls that are no films, in the ledger: each is reserved before it goes out, and settled with its use."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Protocol

from app.audit import SYSTEM, Act
from app.errors import BudgetExceededError
from app.rendering.ledger.port import Cap
from app.rendering.ledger.records import SpendLine
from app.rendering.tariffs import PaidCall, Usage


class CallState(StrEnum):
    """State of a paid call: under way, or how it ended; `unknown` counts as charged."""

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Paid call in the ledger. `used` is its greatest use until it is settled; `day` is the day of its reserve."""

    id: str
    call: PaidCall
    state: CallState
    scopes: tuple[str, ...]
    at: datetime
    used: Usage
    charged: Decimal = Decimal(0)
    ended_at: datetime | None = None

    @property
    def day(self) -> date:
        """Day on which it was reserved."""
        return self.at.date()

    @property
    def reserved(self) -> Decimal:
        """Amount set aside for it."""
        return self.call.estimate if self.state is CallState.RESERVED else Decimal(0)

    def ended(self, state: CallState, *, charged: Decimal, used: Usage, now: datetime) -> "CallRecord":
        """Return the call with its end; one that is over stays as it is."""
        if self.state is not CallState.RESERVED:
            return self
        return replace(self, state=state, charged=charged, used=used, ended_at=now)


@dataclass(frozen=True, slots=True)
class CallTotal:
    """Calls of one kind at one provider since the ledger began; released ones are left out, their state apart."""

    kind: str
    provider: str
    state: CallState
    count: int
    charged: Decimal


class PaidCalls(Protocol):
    """Paid calls of a site. Every method is one transaction, together with the money of the call's scopes."""

    async def reserve(self, call: PaidCall, *, caps: Collection[Cap], now: datetime) -> str:
        """Set the call's estimate aside under every cap's scope; return the id of its record.

        Raises:
            BudgetExceededError: one of the caps leaves no room, or is 0; nothing has changed.
        """
        ...

    async def settle(self, call_id: str, amount: Decimal, used: Usage, *, now: datetime) -> None:
        """Book what it used and costs, and free the rest. A call that is over stays as it is."""
        ...

    async def release(self, call_id: str, *, now: datetime) -> None:
        """Free its money: it was refused, or never sent."""
        ...

    async def lose(self, call_id: str, *, now: datetime) -> None:
        """Book its estimate: its answer is lost, and it may be charged."""
        ...

    async def lose_older(self, than: datetime, *, now: datetime) -> int:
        """Book the estimates of calls that were reserved before this and never ended; return how many."""
        ...

    async def list(self, *, since: date | None = None, until: date | None = None) -> tuple[CallRecord, ...]:
        """Return the calls of these days, oldest first."""
        ...

    async def spend_report(self, *, since: date | None = None, until: date | None = None) -> tuple[SpendLine, ...]:
        """Return their spending, a line for each day, provider, intent and kind, oldest first."""
        ...

    async def totals(self) -> tuple[CallTotal, ...]:
        """Count the calls by kind, provider and state."""
        ...


def begun(call: PaidCall, call_id: str, caps: Collection[Cap], now: datetime) -> CallRecord:
    """Return the record of a new call.

    Raises:
        BudgetExceededError: a cap is 0, and so even a call without a price is not made.
    """
    for cap in caps:
        if cap.limit <= 0 and not call.free:
            raise BudgetExceededError(
                f"`{cap.scope}` has a budget of 0, so `{call.provider}` is not called for {call.kind.value}; raise "
                f"{cap.source or 'the budget'}."
            )
    scopes = tuple(dict.fromkeys(cap.scope for cap in caps))
    return CallRecord(call_id, call, CallState.RESERVED, scopes, now, call.most)


def spend_of(records: Iterable[CallRecord]) -> tuple[SpendLine, ...]:
    """Add up the calls that are, or may be, charged."""

    def key(record: CallRecord) -> tuple[date, str, str, str, str]:
        call = record.call
        return record.day, call.provider, call.intent, call.currency, call.kind.value

    kept = sorted((one for one in records if one.state is not CallState.RELEASED), key=key)
    return tuple(_line(place, tuple(group)) for place, group in groupby(kept, key=key))


def acts_of_call(record: CallRecord) -> tuple[Act, ...]:
    """Return the audit acts of a call's present state; calls without a price have none."""
    call = record.call
    if record.state is CallState.RESERVED:
        moved = [("money.reserved", call.estimate, record.at)]
    else:
        at = record.ended_at or record.at
        moved = [("money.spent", record.charged, at), ("money.released", call.estimate - record.charged, at)]
    about = {"provider": call.provider, "kind": call.kind.value, "intent": call.intent}
    return tuple(
        Act(
            at,
            SYSTEM,
            action,
            record.id,
            {"amount": f"{amount.normalize():f}", "currency": call.currency}
            | about
            | {"request_id": record.used.request_id},
        )
        for action, amount, at in moved
        if amount > 0
    )


def _line(key: tuple[date, str, str, str, str], records: tuple[CallRecord, ...]) -> SpendLine:
    day, provider, intent, currency, kind = key
    return SpendLine(
        day,
        provider,
        intent,
        currency,
        submits=len(records),
        clips=0,
        reserved=sum((one.reserved for one in records), Decimal(0)),
        spent=sum((one.charged for one in records), Decimal(0)),
        kind=kind,
    )
