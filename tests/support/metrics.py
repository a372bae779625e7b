"""Every figure that the composition root registers, in a registry of a test's own."""

from prometheus_client import CollectorRegistry

from app.rendering.ledger.memory import MemoryLedger
from app.runtime.serving.metrics import LedgerMetrics, ReleaseMetrics, StoreMetrics
from app.store.memory import MemoryBlobStore, MemoryRecipeIndex


def register_figures(registry: CollectorRegistry) -> None:
    """As the container does."""
    blobs = MemoryBlobStore()
    LedgerMetrics(registry, MemoryLedger())
    StoreMetrics(registry, blobs, MemoryRecipeIndex(blobs))
    ReleaseMetrics(registry)
