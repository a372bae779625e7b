"""Every figure that the composition root registers, in a registry of a test's own."""

from prometheus_client import CollectorRegistry

from app.rendering.ledger.memory import MemoryLedger
from app.runtime.serving.metrics import LedgerFigures, ReleaseFigures, StoreFigures
from app.store.memory import MemoryBlobStore, MemoryRecipeIndex


def register_figures(registry: CollectorRegistry) -> None:
    """As the container does."""
    blobs = MemoryBlobStore()
    LedgerFigures(registry, MemoryLedger())
    StoreFigures(registry, blobs, MemoryRecipeIndex(blobs))
    ReleaseFigures(registry)
