"""Every figure that the composition root registers, in a registry of a test's own."""

from prometheus_client import CollectorRegistry

from app.adapters.memory import MemoryBlobStore, MemoryRecipeIndex
from app.rendering.memory import MemoryLedger
from app.runtime.figures import LedgerFigures, ReleaseFigures
from app.runtime.store_figures import StoreFigures


def register_figures(registry: CollectorRegistry) -> None:
    """As the container does."""
    blobs = MemoryBlobStore()
    LedgerFigures(registry, MemoryLedger())
    StoreFigures(registry, blobs, MemoryRecipeIndex(blobs))
    ReleaseFigures(registry)
