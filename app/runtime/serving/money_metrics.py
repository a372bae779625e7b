"""Metrics of money, read from the ledger: spending by provider, the day's budget and what is used of it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import structlog
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from app.adapters.sql.statement import SqlStatement
from app.rendering.ledger.calls import CallState, CallTotal, PaidCalls
from app.rendering.ledger.port import Cap, Ledger
from app.rendering.ledger.records import FILM, SpendLine
from app.rendering.ledger.statement import charge_difference

log = structlog.get_logger()

MONTH_EVERY = timedelta(minutes=5)
"""Shortest interval of reading the month, which has many lines."""


class MoneyMetrics:
    """Metrics of money; amounts are US dollars, days and months are UTC."""

    def __init__(
        self,
        registry: CollectorRegistry,
        ledger: Ledger,
        caps: Callable[[datetime], Collection[Cap]],
        calls: PaidCalls | None = None,
    ) -> None:
        """Register the metrics; a registry takes them once."""
        self._ledger, self._caps, self._calls = ledger, caps, calls
        self._by_kind = CallMetrics(registry, calls) if calls else None
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
        today = await self._lines(now.date(), now.date())
        films = (line for line in today if line.kind == FILM)
        self._paid.set(sum(line.submits for line in films if line.reserved or line.spent))
        _show(self._day, today)
        if self._month_read_at is None or now - self._month_read_at >= MONTH_EVERY or now < self._month_read_at:
            _show(self._month, await self._lines(now.date().replace(day=1), now.date()))
            self._month_read_at = now
        if self._by_kind:
            await self._by_kind.read()

    async def _lines(self, since: date, until: date) -> tuple[SpendLine, ...]:
        """Return the spending of these days: of films, and of calls that are none."""
        calls = await self._calls.spend_report(since=since, until=until) if self._calls else ()
        return (*await self._ledger.spend_report(since=since, until=until), *calls)


class ChargeMetrics:
    """Metric of jobs whose providers say another charge than is booked; each is also logged once."""

    def __init__(self, registry: CollectorRegistry, statement: SqlStatement, *, share: Decimal) -> None:
        """Register the metric; `share` is the part of what is booked up to which a difference is small."""
        self._statement, self._share = statement, share
        self._logged: set[str] = set()
        self._difference = Gauge(
            "greenroom_charge_difference_usd",
            "Charge that providers say beyond what is booked, of yesterday's and today's jobs that differ (UTC).",
            ["provider"],
            registry=registry,
        )

    async def read(self, now: datetime) -> None:
        """Read once."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        async for page in self._statement.told(since=now.date() - timedelta(days=1)):
            for line in page:
                found = charge_difference(line, self._share)
                sums[line.provider] += found.difference if found else 0
                if found is not None and found.job not in self._logged:
                    self._logged.add(found.job)
                    amounts = {"booked": str(found.booked), "charged": str(found.charged), "currency": found.currency}
                    log.warning("charge.differs", render=found.id, provider=found.provider, job=found.job, **amounts)
        self._difference.clear()
        for provider, amount in sums.items():
            self._difference.labels(provider).set(float(amount))


def _show(gauge: Gauge, lines: Iterable[SpendLine]) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.provider] += line.reserved + line.spent
    gauge.clear()
    for provider, amount in sums.items():
        gauge.labels(provider).set(float(amount))


class CallMetrics(Collector):
    """Calls and their cost by kind and provider, since ever."""

    def __init__(self, registry: CollectorRegistry, calls: PaidCalls) -> None:
        """Register the metrics; a registry takes them once."""
        self._calls = calls
        self._totals: tuple[CallTotal, ...] = ()
        registry.register(self)

    async def read(self) -> None:
        """Read once."""
        self._totals = await self._calls.totals()

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the counters read last; each kind and provider has every outcome, to begin a rate from zero."""
        made = CounterMetricFamily(
            "greenroom_paid_calls", "Paid calls by outcome, since ever.", labels=["kind", "provider", "outcome"]
        )
        cost = CounterMetricFamily(
            "greenroom_paid_calls_usd", "What they cost, in US dollars.", labels=["kind", "provider"]
        )
        counts = {(one.kind, one.provider, one.state): one.count for one in self._totals}
        for kind, provider in sorted({(one.kind, one.provider) for one in self._totals}):
            for state in CallState:
                if state is not CallState.RESERVED:  # under way: it may become any of the others
                    made.add_metric([kind, provider, state.value], counts.get((kind, provider, state), 0))
            charged = sum(one.charged for one in self._totals if (one.kind, one.provider) == (kind, provider))
            cost.add_metric([kind, provider], float(charged))
        yield from (made, cost)
