"""Figures that are read from the ledger, the same on every node: take the maximum over nodes, never the sum."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from decimal import Decimal
from typing import NoReturn

import structlog
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy.exc import SQLAlchemyError

from app.errors import GreenroomError
from app.rendering.ledger import Cap, Ledger
from app.rendering.states import RenderState
from app.runtime.provider_figures import ProviderFigures

log = structlog.get_logger()

EVERY_S = 15.0
"""As often as Prometheus usually asks."""


class LedgerFigures:
    """How many renders stand where, what may be paid for nothing, and what the day has cost."""

    def __init__(
        self, registry: CollectorRegistry, ledger: Ledger, caps: Callable[[datetime], Collection[Cap]] = lambda _: ()
    ) -> None:
        """Register the figures; a registry takes them once."""
        self._ledger, self._caps = ledger, caps
        self._renders = Gauge("greenroom_renders", "Renders in the ledger by state.", ["state"], registry=registry)
        self._orphans = Gauge("greenroom_orphan_calls", "Webhooks of jobs that no render knows.", registry=registry)
        self._spend = Gauge("greenroom_spend_day", "Reserved and spent today (UTC), in US dollars.", registry=registry)
        self._limit = Gauge("greenroom_budget_day", "What today may cost (UTC), in US dollars.", registry=registry)
        self._paid = Gauge(
            "greenroom_paid_requests_day", "Jobs handed over today (UTC) that cost money.", registry=registry
        )
        self._providers = ProviderFigures(registry, ledger)

    async def keep(self, *, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Read again and again until cancelled; a database that is gone leaves the figures as they were."""
        while True:
            try:
                await self.read(now())
            except (GreenroomError, SQLAlchemyError, OSError) as error:
                log.warning("figures.unreachable", error=str(error).splitlines()[0][:200])
            await sleep(EVERY_S)

    async def read(self, now: datetime) -> None:
        """Read once."""
        counts = await self._ledger.counts()
        for state in RenderState:
            self._renders.labels(state.value).set(counts.get(state, 0))
        self._orphans.set(len(await self._ledger.orphans()))
        self._spend.set(float((await self._ledger.spend(f"day:{now:%Y-%m-%d}")).committed))
        self._limit.set(float(min((cap.limit for cap in self._caps(now)), default=Decimal(0))))
        today = await self._ledger.spend_report(since=now.date(), until=now.date())
        self._paid.set(sum(line.submits for line in today if line.reserved or line.spent))
        await self._providers.read(now)


class ReleaseFigures:
    """Which release this node serves, and whether it should serve another one and cannot."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the figures; a registry takes them once."""
        self._number = Gauge("greenroom_release", "Number of the served release; 0: a folder.", registry=registry)
        self._failing = Gauge(
            "greenroom_release_failing", "1 while the current one cannot be served.", registry=registry
        )

    def serves(self, number: int) -> None:
        """It is another one from now on."""
        self._number.set(number)
        self._failing.set(0)

    def fails(self, why: str) -> None:
        """The current release is another one that cannot be put together here; empty: it can."""
        self._failing.set(bool(why))
