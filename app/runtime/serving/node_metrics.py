"""Metrics of a node itself: its process and version, its database, and whether database and store answer."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from app.adapters.sql.engine import Database

EVERY_S = 15.0
"""Interval of asking: Prometheus usually scrapes this often."""

_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def show_process(registry: CollectorRegistry, *, version: str) -> None:
    """Register the metrics; a registry takes them once.

    Series that only say when another one began (`_created`) are left out, also those of other metrics.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call]
    ProcessCollector(registry=registry)
    build = Gauge(
        "greenroom_build_info", "Always 1; the label is the version that runs.", ["version"], registry=registry
    )
    build.labels(version).set(1)


class DatabaseMetrics:
    """Metrics of the database, counted where its statements are sent."""

    def __init__(self, registry: CollectorRegistry, database: Database) -> None:
        """Register the metrics and listen to the engine; both happen once."""
        self._seconds = Histogram(
            "greenroom_database_query_seconds", "Time of a statement.", registry=registry, buckets=_BOUNDS
        )
        self._errors = Counter("greenroom_database_errors", "Statements that failed.", registry=registry)
        in_use = Gauge("greenroom_database_connections_in_use", "Connections lent by the pool.", registry=registry)
        most = Gauge("greenroom_database_connections_max", "Connections that the pool lends.", registry=registry)
        engine = database.engine.sync_engine
        pool = engine.pool
        if isinstance(pool, QueuePool):
            in_use.set_function(pool.checkedout)
            most.set(pool.size() + max(0, pool._max_overflow))  # noqa: SLF001 - the pool tells it in no other way
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)
        event.listen(engine, "handle_error", self._fail)

    def _begin(self, *sent: Any) -> None:
        *_, context, _many = sent
        if context is not None:
            context.greenroom_began = time.perf_counter()

    def _end(self, *sent: Any) -> None:
        *_, context, _many = sent
        began = getattr(context, "greenroom_began", None)
        if began is not None:
            self._seconds.observe(time.perf_counter() - began)

    def _fail(self, _error: object) -> None:
        self._errors.inc()


class ReachMetrics:
    """Metrics that say whether database and store answer this node: what `/readyz` asks, too."""

    def __init__(self, registry: CollectorRegistry, failures: Callable[[], Awaitable[Mapping[str, str]]]) -> None:
        """Register the metrics; a registry takes them once."""
        self._failures = failures
        self._up = {
            part: Gauge(f"greenroom_{part}_up", f"1 while the {part} answers.", registry=registry)
            for part in ("database", "store")
        }
        for gauge in self._up.values():
            gauge.set(1)  # the node was opened with both of them

    async def keep(self, *, sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Ask regularly until cancelled."""
        while True:
            await self.read()
            await sleep(EVERY_S)

    async def read(self) -> None:
        """Ask once."""
        failures = await self._failures()
        for part, gauge in self._up.items():
            gauge.set(part not in failures)
