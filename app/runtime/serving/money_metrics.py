"""Metrics of money, read from the ledger: spending by provider, the day's budget and what is used of it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from prometheus_client import CollectorRegistry, Gauge

from app.rendering.ledger.port import Cap, Ledger
from app.rendering.ledger.records import SpendLine

MONTH_EVERY = timedelta(minutes=5)
"""Shortest interval of reading the month, which has many lines."""


class MoneyMetrics:
    """Metrics of money; amounts are US dollars, days and months are UTC."""

    def __init__(
        self, registry: CollectorRegistry, ledger: Ledger, caps: Callable[[datetime], Collection[Cap]]
    ) -> None:
        """Register the metrics; a registry takes them once."""
        self._ledger, self._caps = ledger, caps
        self._month_read_at: datetime | None = None

        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"greenroom_{name}", what, labels, registry=registry)

        self._day = gauge("spend_day_usd", "Reserved and spent today (UTC), by provider.", "provider")
        self._month = gauge("spend_month_usd", "Reserved and spent this month (UTC), by provider.", "provider")
        self._used = gauge("budget_used_day_usd", "What counts against today's budget.")
        self._budget = gauge("budget_day_usd", "What today may cost (UTC).")
        self._paid = gauge("paid_requests_day", "Jobs handed over today (UTC) that cost money.")
        self._old_used = gauge("spend_day", "Old name of greenroom_budget_used_day_usd; the next release is without.")
        self._old_budget = gauge("budget_day", "Old name of greenroom_budget_day_usd; the next release is without.")

    async def read(self, now: datetime) -> None:
        """Read once; the month less often."""
        used = float((await self._ledger.spend(f"day:{now:%Y-%m-%d}")).committed)
        budget = float(min((cap.limit for cap in self._caps(now)), default=Decimal(0)))
        for gauge, value in (
            (self._used, used),
            (self._old_used, used),
            (self._budget, budget),
            (self._old_budget, budget),
        ):
            gauge.set(value)
        today = await self._ledger.spend_report(since=now.date(), until=now.date())
        self._paid.set(sum(line.submits for line in today if line.reserved or line.spent))
        _show(self._day, today)
        if self._month_read_at is None or now - self._month_read_at >= MONTH_EVERY or now < self._month_read_at:
            _show(self._month, await self._ledger.spend_report(since=now.date().replace(day=1), until=now.date()))
            self._month_read_at = now


def _show(gauge: Gauge, lines: Iterable[SpendLine]) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.provider] += line.reserved + line.spent
    gauge.clear()
    for provider, amount in sums.items():
        gauge.labels(provider).set(float(amount))
