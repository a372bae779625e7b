"""Figures by provider, read from the ledger: how renders end, what workers lost, which breakers are open."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from app.rendering.breaker import WINDOW_S, open_until
from app.rendering.ledger import Ledger
from app.rendering.records import OUTCOMES, Total


class ProviderFigures(Collector):
    """Counters whose truth is the ledger, so that nothing is lost with the process that it happened in."""

    def __init__(self, registry: CollectorRegistry, ledger: Ledger) -> None:
        """Register the figures; a registry takes them once."""
        self._ledger = ledger
        self._totals: dict[tuple[str, str], int] = {}
        self._breaker = Gauge(
            "greenroom_breaker_open", "1 while nothing is submitted to a provider.", ["provider"], registry=registry
        )
        registry.register(self)

    async def read(self, now: datetime) -> None:
        """Read once."""
        self._totals = _by_kind(await self._ledger.totals())
        since = now - timedelta(seconds=WINDOW_S)
        for provider in self._providers:
            told = await self._ledger.verdicts(provider, since=since)
            self._breaker.labels(provider).set(open_until(told, now) is not None)

    def collect(self) -> Iterator[CounterMetricFamily]:
        """What was read last; each provider has all of its counters, for a rate needs a zero to begin from."""
        ended = CounterMetricFamily(
            "greenroom_renders_ended", "Renders by outcome, since ever.", labels=["provider", "outcome"]
        )
        taken = CounterMetricFamily("greenroom_leases_taken_over", "Leases of dead workers.", labels=["provider"])
        fenced = CounterMetricFamily("greenroom_fenced_writes", "Steps refused for an old fence.", labels=["provider"])
        for provider in self._providers:
            for outcome in OUTCOMES:
                ended.add_metric([provider, outcome], self._totals.get((provider, outcome), 0))
            taken.add_metric([provider], self._totals.get((provider, "taken_over"), 0))
            fenced.add_metric([provider], self._totals.get((provider, "fenced"), 0))
        yield from (ended, taken, fenced)

    @property
    def _providers(self) -> list[str]:
        return sorted({provider for provider, _ in self._totals})


def _by_kind(totals: Iterable[Total]) -> dict[tuple[str, str], int]:
    return {(total.provider, total.kind): total.count for total in totals}
