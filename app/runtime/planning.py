"""The plan of a catalog against its store, for the command line and the store's care."""

import asyncio

from app.adapters.sql.releases import SqlReleases
from app.catalog.model import Catalog
from app.digest import Digest
from app.rendering.cast import choose_cast
from app.rendering.lines import WantedClip, catalog_clips
from app.rendering.planner import Plan, make_plan, take_stock
from app.runtime.database import is_new, open_database
from app.runtime.opening import Store, open_catalog
from app.runtime.portraits import unusable_portrait
from app.runtime.registry import open_renderers, open_speech
from app.runtime.settings import Settings


async def plan_catalog(settings: Settings, catalog: Catalog, store: Store) -> Plan:
    """What is new, stale, unchanged and unreferenced, and what it takes.

    Raises:
        ProviderUnknownError: the avatar names a voice or renderer that is not set up here.
    """
    async with open_renderers(settings) as renderers:
        cast = choose_cast(catalog.avatar, speech=open_speech(), renderers=renderers)
        wanted = catalog_clips(catalog, cast)
        capabilities = {name: renderer.capabilities for name, renderer in renderers.items()}
    stock = await take_stock(store.recipes, wanted)
    stored = {entry.key for entry in stock}
    missing = any(stored.isdisjoint(clip.keys) for clip in wanted)
    unusable = await asyncio.to_thread(unusable_portrait, settings, catalog.avatar, cast) if missing else {}
    return make_plan(wanted, stock, capabilities=capabilities, unusable=unusable)


async def pinned_keys(settings: Settings) -> frozenset[Digest]:
    """The recipes that the catalog or a release uses: never collected.

    Raises:
        CatalogError: the catalog cannot be read; without it nothing may be collected.
        SettingsError: the database cannot be read.
    """
    return frozenset(await catalog_keys(settings, open_catalog(settings))) | await _released_keys(settings)


async def catalog_keys(settings: Settings, catalog: Catalog) -> tuple[Digest, ...]:
    """The recipe keys of all its clips and their speech, each once."""
    async with open_renderers(settings) as renderers:
        cast = choose_cast(catalog.avatar, speech=open_speech(), renderers=renderers)
        return tuple(dict.fromkeys(key for clip in catalog_clips(catalog, cast) for key in _keys(clip)))


async def _released_keys(settings: Settings) -> frozenset[Digest]:
    if is_new(settings):
        return frozenset()
    async with open_database(settings) as database:
        return await SqlReleases(database).pinned()


def _keys(clip: WantedClip) -> tuple[Digest, ...]:
    return (*clip.keys, clip.speech.key) if clip.speech else clip.keys
