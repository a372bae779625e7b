"""Paid calls in memory: they end with their process."""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from app.rendering.ledger.budgets import MemoryBudgets
from app.rendering.ledger.calls import CallRecord, CallState, CallTotal, begun, spend_of
from app.rendering.ledger.port import Cap
from app.rendering.ledger.records import SpendLine
from app.rendering.tariffs import PaidCall, Usage


class MemoryPaidCalls:
    """Paid calls in a list; `budgets` has the money of their scopes, shared with the ledger of the renders."""

    def __init__(self, budgets: MemoryBudgets | None = None) -> None:
        self._budgets = budgets or MemoryBudgets()
        self._calls: dict[str, CallRecord] = {}

    async def reserve(self, call: PaidCall, *, caps: Collection[Cap], now: datetime) -> str:
        """Check, move the money, add the record."""
        record = begun(call, uuid4().hex, caps, now)
        self._budgets.settle(record.scopes, reserved=call.estimate, spent=Decimal(0), caps=caps)
        self._calls[record.id] = record
        return record.id

    async def settle(self, call_id: str, amount: Decimal, used: Usage, *, now: datetime) -> None:
        """End it with its price."""
        self._end(call_id, CallState.SETTLED, charged=amount, used=used, now=now)

    async def release(self, call_id: str, *, now: datetime) -> None:
        """End it without a price."""
        self._end(call_id, CallState.RELEASED, charged=Decimal(0), used=Usage(0), now=now)

    async def lose(self, call_id: str, *, now: datetime) -> None:
        """End it with its estimate."""
        call = self._calls[call_id].call
        self._end(call_id, CallState.UNKNOWN, charged=call.estimate, used=call.most, now=now)

    async def lose_older(self, than: datetime, *, now: datetime) -> int:
        """End those that are still under way."""
        old = [one.id for one in self._calls.values() if one.state is CallState.RESERVED and one.at < than]
        for call_id in old:
            await self.lose(call_id, now=now)
        return len(old)

    async def list(self, *, since: date | None = None, until: date | None = None) -> tuple[CallRecord, ...]:
        """Return the records of these days."""
        return tuple(
            one
            for one in sorted(self._calls.values(), key=lambda one: (one.at, one.id))
            if (since is None or one.day >= since) and (until is None or one.day <= until)
        )

    async def spend_report(self, *, since: date | None = None, until: date | None = None) -> tuple[SpendLine, ...]:
        """Add them up."""
        return spend_of(await self.list(since=since, until=until))

    async def totals(self) -> tuple[CallTotal, ...]:
        """Count them."""
        counts: Counter[tuple[str, str, CallState]] = Counter()
        sums: dict[tuple[str, str, CallState], Decimal] = {}
        for one in self._calls.values():
            key = (one.call.kind.value, one.call.provider, one.state)
            counts[key] += 1
            sums[key] = sums.get(key, Decimal(0)) + one.charged
        return tuple(CallTotal(*key, count=counts[key], charged=sums[key]) for key in sorted(counts))

    def _end(self, call_id: str, state: CallState, *, charged: Decimal, used: Usage, now: datetime) -> None:
        before = self._calls[call_id]
        after = before.ended(state, charged=charged, used=used, now=now)
        reserved, spent = after.reserved - before.reserved, after.charged - before.charged
        self._budgets.settle(after.scopes, reserved=reserved, spent=spent, caps=())
        self._calls[call_id] = after
