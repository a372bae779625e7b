"""Opening what is light: store, catalog, encoder. Each function takes the settings and gives one piece."""

from dataclasses import dataclass

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.adapters.encoder import SentenceEncoder
from app.adapters.encoders.quick import QuickEncoder
from app.adapters.files.loader import load_or_raise
from app.catalog.model import Catalog
from app.matching.ports import Encoder
from app.runtime.settings import Settings
from app.store.ports import BlobStore, RecipeIndex


@dataclass(frozen=True, slots=True)
class Store:
    """Bytes and recipes."""

    blobs: BlobStore
    recipes: RecipeIndex


def open_store(settings: Settings) -> Store:
    """The clip store.

    Raises:
        StoreError: the folder cannot be used.
    """
    blobs = DiskBlobStore(settings.cache)
    return Store(blobs, DiskRecipeIndex(settings.cache, blobs))


def open_catalog(settings: Settings) -> Catalog:
    """The catalog.

    Raises:
        CatalogError: it has errors.
    """
    return load_or_raise(settings.catalog)


def encoder_for(settings: Settings, catalog: Catalog) -> Encoder:
    """The sentence encoder: the setting's, else the catalog's, else the shipped one; loaded when first used.

    It runs in 8 bits where that is verified, on the catalog's own phrases, to decide as the original does.
    """
    original = SentenceEncoder(settings.encoder or catalog.matching.encoder)
    probes = [text for intent in catalog.intents for texts in intent.phrases.values() for text in texts]
    return QuickEncoder(original, folder=settings.models_dir.expanduser() / "encoders", probes=probes)


def release_name(catalog: Catalog) -> str:
    """How receipts name a catalog that was not published: by its content."""
    return f"working-{catalog.digest[:12]}"
