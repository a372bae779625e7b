"""Metrics of a node that are read from the ledger, the store, the served release and the history of warm-ups."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from app.errors import GreenroomError
from app.rendering.ledger.calls import PaidCalls
from app.rendering.ledger.circuit_breaker import WINDOW_S, open_until
from app.rendering.ledger.port import Cap, Ledger
from app.rendering.ledger.records import OUTCOMES, Total
from app.rendering.ledger.states import RenderState
from app.rendering.work.warm_history import COMPLETE, WarmHistory
from app.runtime.serving.money_metrics import ChargeMetrics, MoneyMetrics
from app.store.ports import BlobStore, RecipeIndex


class ProviderMetrics(Collector):
    """Metrics by provider, read from the ledger: outcomes of renders, lost leases, open circuit breakers.

    No process counts them itself, so nothing is lost when one dies.
    """

    def __init__(self, registry: CollectorRegistry, ledger: Ledger) -> None:
        """Register the metrics; a registry takes them once."""
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
            verdicts = await self._ledger.verdicts(provider, since=since)
            self._breaker.labels(provider).set(open_until(verdicts, now) is not None)

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the counters read last.

        Each provider has all of them, because a rate needs a zero to begin from.
        """
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


log = structlog.get_logger()

EVERY_S = 15.0
"""Interval of reading: Prometheus usually scrapes this often."""


async def keep_reading(
    read: Callable[[datetime], Awaitable[None]],
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
) -> NoReturn:
    """Read regularly until cancelled; while the database is away the metrics stay as they were."""
    while True:
        try:
            await read(now())
        except (GreenroomError, SQLAlchemyError, OSError) as error:
            log.warning("figures.unreachable", error=str(error).splitlines()[0][:200])
        await sleep(EVERY_S)


class LedgerMetrics:
    """Metrics of the ledger: renders by state, jobs that may be paid for nothing, spending."""

    def __init__(
        self,
        registry: CollectorRegistry,
        ledger: Ledger,
        caps: Callable[[datetime], Collection[Cap]] = lambda _: (),
        calls: PaidCalls | None = None,
        *,
        charges: ChargeMetrics | None = None,
    ) -> None:
        """Register the metrics; a registry takes them once. `charges` is read together with them."""
        self._ledger, self._charges = ledger, charges
        self._renders = Gauge("greenroom_renders", "Renders in the ledger by state.", ["state"], registry=registry)
        self._orphans = Gauge("greenroom_orphan_calls", "Webhooks of jobs that no render knows.", registry=registry)
        self._money = MoneyMetrics(registry, ledger, caps, calls)
        self._providers = ProviderMetrics(registry, ledger)

    async def keep(self, *, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Read regularly until cancelled."""
        await keep_reading(self.read, now=now, sleep=sleep)

    async def read(self, now: datetime) -> None:
        """Read once."""
        counts = await self._ledger.counts()
        for state in RenderState:
            self._renders.labels(state.value).set(counts.get(state, 0))
        self._orphans.set(await self._ledger.orphan_count())
        await self._money.read(now)
        if self._charges is not None:
            await self._charges.read(now)
        await self._providers.read(now)


class ReleaseMetrics:
    """Metrics of the served release: its number, and whether the current one cannot be served."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the metrics; a registry takes them once."""
        self._number = Gauge("greenroom_release", "Number of the served release; 0: a folder.", registry=registry)
        self._failing = Gauge(
            "greenroom_release_failing", "1 while the current one cannot be served.", registry=registry
        )

    def serves(self, number: int) -> None:
        """Record that a release is served."""
        self._number.set(number)
        self._failing.set(0)

    def fails(self, why: str) -> None:
        """Record why the current release cannot be served here; empty: it can."""
        self._failing.set(bool(why))


STORE_EVERY_S = 600.0
"""Shortest interval of store scans: each looks at every file, or sends a request per thousand objects."""

SHARE = 0.01
"""Share of time that scans may take: a store that takes a minute is scanned every 100 minutes."""


class StoreMetrics:
    """Metrics of the store: its size, and the blobs and entries in quarantine."""

    def __init__(self, registry: CollectorRegistry, blobs: BlobStore, recipes: RecipeIndex) -> None:
        """Register the metrics; a registry takes them once."""
        self._blobs, self._recipes = blobs, recipes
        self._bytes = Gauge("greenroom_store_bytes", "Size of all blobs.", registry=registry)
        self._mismatches = Gauge(
            "greenroom_scrub_mismatches", "Blobs and entries in quarantine: their bytes were wrong.", registry=registry
        )

    async def keep(
        self,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        every_s: float = STORE_EVERY_S,
    ) -> NoReturn:
        """Read regularly until cancelled; while the store is away the metrics stay as they were."""
        while True:
            began = monotonic()
            try:
                await self.read()
            except (GreenroomError, OSError) as error:
                log.warning("figures.store_unreachable", error=str(error)[:200])
            await sleep(max(every_s, (monotonic() - began) / SHARE))

    async def read(self) -> None:
        """Read once: the quarantine first, which is quick."""
        aside = (*await self._blobs.quarantined(), *await self._recipes.quarantined())
        self._mismatches.set(len(aside))
        size_bytes = 0
        async for facts in self._blobs.scan():
            size_bytes += facts.size_bytes
        self._bytes.set(size_bytes)


WARM_OUTCOMES = (COMPLETE, "failed", "budget", "full", "account", "cancelled")
"""Outcomes that have a series from the start."""


class WarmMetrics:
    """Metrics of warm-ups, read from the database: each runs in a process of its own, which ends.

    Before the first warm-up every figure is 0.
    """

    def __init__(self, registry: CollectorRegistry, history: WarmHistory) -> None:
        """Register the metrics; a registry takes them once."""
        self._history = history

        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"greenroom_{name}", what, labels, registry=registry)

        self._ended = gauge("warm_last_end_timestamp_seconds", "End of the last warm-up of the whole catalog.")
        self._completed = gauge("warm_last_complete_timestamp_seconds", "End of the last one that left nothing out.")
        self._outcome = gauge("warm_last_outcome", "1 for how the last warm-up ended.", "outcome")
        self._wanted = gauge("clips_wanted", "Clips that the catalog needed at the last warm-up.")
        self._missing = gauge("clips_missing", "Clips that the last warm-up left missing.")
        self._oldest = gauge("clip_missing_oldest_seconds", "How long the clip has been missing that has been longest.")
        for outcome in WARM_OUTCOMES:
            self._outcome.labels(outcome).set(0)

    async def keep(self, *, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Read regularly until cancelled."""
        await keep_reading(self.read, now=now, sleep=sleep)

    async def read(self, now: datetime) -> None:
        """Read once."""
        state = await self._history.state()
        if state is None:
            return
        self._ended.set(state.ended_at.timestamp())
        self._completed.set(state.completed_at.timestamp() if state.completed_at else 0)
        for outcome in {*WARM_OUTCOMES, state.outcome}:
            self._outcome.labels(outcome).set(outcome == state.outcome)
        self._wanted.set(state.clips_wanted)
        self._missing.set(state.clips_missing)
        since = state.missing_since
        self._oldest.set(max(0.0, (now - since).total_seconds()) if since else 0)
