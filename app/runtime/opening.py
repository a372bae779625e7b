"""Opening the parts: each function takes the settings and gives one piece, for whoever needs only that piece."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.adapters.encoder import SentenceEncoder
from app.adapters.files.loader import load_or_raise
from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate
from app.catalog.model import Catalog
from app.rendering.ports import Renderer, Speech
from app.rendering.studio import Studio
from app.runtime.clock import SystemClock
from app.runtime.registry import open_renderers, open_speech, open_workshop, state_ledger
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


def encoder_for(settings: Settings, catalog: Catalog) -> SentenceEncoder:
    """The sentence encoder: the setting's, else the catalog's, else the shipped one; loaded when first used."""
    return SentenceEncoder(settings.encoder or catalog.matching.encoder)


def release_name(catalog: Catalog) -> str:
    """How receipts name a catalog that was not published: by its content."""
    return f"working-{catalog.digest[:12]}"


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database, at the newest schema."""
    database = Database(settings.database_url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_studio(settings: Settings, store: Store, database: Database) -> AsyncIterator[Studio]:
    """The studio with its voices and renderers; its worker processes end with it."""
    async with AsyncExitStack() as stack:
        renderers: dict[str, Renderer] = await stack.enter_async_context(open_renderers(settings))
        speech: dict[str, Speech] = open_speech()
        clock = SystemClock()
        yield Studio(
            speech=speech,
            renderers=renderers,
            blobs=store.blobs,
            recipes=store.recipes,
            ledger=state_ledger(database),
            workshop=open_workshop(),
            clock=clock.now,
            sleep=clock.sleep,
            worker_name=f"{socket.gethostname()}-{os.getpid()}",
            scratch=scratch_folder(settings),
        )


def scratch_folder(settings: Settings) -> Path:
    """Where half-finished work lies: beside the store, on its file system, outside its layout."""
    return settings.cache.absolute() / "scratch"
