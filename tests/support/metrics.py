"""Every figure that the composition root registers, in a registry of a test's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry

from app.adapters.sql.engine import Database
from app.adapters.sql.statement import SqlStatement
from app.rendering.ledger.calls_memory import MemoryPaidCalls
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.work.warm_history import MemoryWarmHistory
from app.runtime.serving.balance_metrics import BalanceMetrics
from app.runtime.serving.metrics import LedgerMetrics, ReleaseMetrics, StoreMetrics, WarmMetrics
from app.runtime.serving.money_metrics import ChargeMetrics
from app.runtime.serving.node_metrics import DatabaseMetrics, ReachMetrics, show_process
from app.runtime.serving.surroundings import Surroundings
from app.runtime.serving.traffic_follower import MixMetrics
from app.store.memory import MemoryBlobStore, MemoryRecipeIndex


def register_figures(registry: CollectorRegistry) -> None:
    """As the container does."""
    blobs = MemoryBlobStore()
    with _unused_database() as database:
        DatabaseMetrics(registry, database)
        ChargeMetrics(registry, SqlStatement(database), share=Decimal("0.1"))
    ReachMetrics(registry, Surroundings({}, budget_s=1, monotonic=lambda: 0.0).failures)
    show_process(registry, version="1.2.3")
    LedgerMetrics(registry, MemoryLedger(), calls=MemoryPaidCalls())
    BalanceMetrics(registry, {})
    WarmMetrics(registry, MemoryWarmHistory())
    StoreMetrics(registry, blobs, MemoryRecipeIndex(blobs))
    ReleaseMetrics(registry)
    MixMetrics(registry)


@contextmanager
def _unused_database() -> Iterator[Database]:
    """One that nobody connects to."""
    with TemporaryDirectory() as folder:
        yield Database(f"sqlite:///{Path(folder) / 'unused.db'}")
