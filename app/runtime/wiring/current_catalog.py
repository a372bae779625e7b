"""Current catalog: the one that is served, the folder's or the release that is current, unpacked on this computer."""

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.adapters.catalog_files.archive import unpack
from app.adapters.catalog_files.loader import load_or_raise
from app.catalog.model import Catalog
from app.catalog.releases import CurrentRelease, PublishedRelease, Releases
from app.errors import SettingsError
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.store_and_encoder import open_catalog, release_name


@dataclass(frozen=True, slots=True)
class CurrentCatalog:
    """A catalog, what receipts call it, and the step that made it current (0: it is a folder)."""

    catalog: Catalog
    name: str
    step: int = 0
    number: int = 0


async def current_catalog(settings: Settings, releases: Releases) -> CurrentCatalog:
    """What to serve now.

    Raises:
        CatalogError: it cannot be read.
        SettingsError: a release is wanted, and none was published.
    """
    if settings.serve == "folder":
        catalog = open_catalog(settings)
        return CurrentCatalog(catalog, release_name(catalog))
    current = await releases.current()
    if current is None:
        raise SettingsError(
            "Expected a published release, because GREENROOM_SERVE is `release`; there is none yet. Say `greenroom "
            "release publish` once, or set GREENROOM_SERVE=folder."
        )
    return await catalog_of(settings, releases, current)


async def catalog_of(settings: Settings, releases: Releases, current: CurrentRelease) -> CurrentCatalog:
    """The catalog of a release.

    Raises:
        CatalogError: its files do not make the catalog that was published, as when this is an older Greenroom.
    """
    release = current.release
    catalog = await release_catalog(settings, releases, release)
    return CurrentCatalog(catalog, release.label, current.step, release.number)


async def release_catalog(settings: Settings, releases: Releases, release: PublishedRelease) -> Catalog:
    """The catalog of any release, unpacked where it is not yet.

    Raises:
        CatalogError: its files cannot be read.
    """
    folder = release_folder(settings, release)
    await asyncio.to_thread(touch, folder, now=SystemClock().now())  # so that nobody sweeps it just now
    if not folder.exists():
        data = await releases.pack(release.number)
        await asyncio.to_thread(_unpacked, data, folder)
    return await asyncio.to_thread(load_or_raise, folder)


def release_folder(settings: Settings, release: PublishedRelease) -> Path:
    """Where a release is unpacked on this computer; safe to delete while nothing serves it."""
    return release_cache_of(settings) / release.label


def _unpacked(data: bytes, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    unpack(data, folder)


def release_cache_of(settings: Settings) -> Path:
    """The folder of the folders."""
    return settings.models_dir.expanduser() / "releases"


def touch(folder: Path, *, now: datetime) -> None:
    """Say that somebody uses a folder, if it is there."""
    with suppress(FileNotFoundError):
        os.utime(folder, (now.timestamp(), now.timestamp()))
