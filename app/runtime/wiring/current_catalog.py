"""Current catalog: the folder's, or that of the current release, unpacked on this computer."""

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.adapters.catalog_files.archive import unpack
from app.adapters.catalog_files.loader import load_or_raise
from app.catalog.model import Catalog
from app.catalog.releases import CurrentRelease, PublishedRelease, ReleaseDraft, Releases
from app.digest import digest_bytes
from app.errors import SettingsError
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.store_and_encoder import open_catalog, release_name


@dataclass(frozen=True, slots=True)
class CurrentCatalog:
    """Served catalog with its name in receipts and the step that made it current (0: a folder)."""

    catalog: Catalog
    name: str
    step: int = 0
    number: int = 0


async def current_catalog(settings: Settings, releases: Releases) -> CurrentCatalog:
    """Read the catalog to serve now.

    Raises:
        CatalogError: it cannot be read.
        SettingsError: GREENROOM_SERVE is `release`, and there is no release.
    """
    if settings.serve == "folder":
        catalog = open_catalog(settings)
        return CurrentCatalog(catalog, release_name(catalog))
    current = await releases.current()
    if current is None:
        raise SettingsError(
            "Expected a published release, because GREENROOM_SERVE is `release`; there is none yet. Run `greenroom "
            "release publish` once, or set GREENROOM_SERVE=folder."
        )
    return await catalog_of(settings, releases, current)


async def catalog_of(settings: Settings, releases: Releases, current: CurrentRelease) -> CurrentCatalog:
    """Read the catalog of the current release.

    Raises:
        CatalogError: its files do not make the published catalog, for example in an older Greenroom.
    """
    release = current.release
    catalog = await release_catalog(settings, releases, release)
    return CurrentCatalog(catalog, release.label, current.step, release.number)


async def release_catalog(settings: Settings, releases: Releases, release: PublishedRelease) -> Catalog:
    """Read the catalog of any release; unpack it if it is not unpacked yet.

    Raises:
        CatalogError: its files cannot be read.
    """
    folder = release_folder(settings, release)
    await asyncio.to_thread(touch, folder, now=SystemClock().now())  # so that nobody deletes it just now
    if not folder.exists():
        data = await releases.pack(release.number)
        await asyncio.to_thread(_unpacked, data, folder)
    return await asyncio.to_thread(load_or_raise, folder)


async def draft_catalog(settings: Settings, content: ReleaseDraft) -> Catalog:
    """Read the catalog of what is not published yet; it is unpacked beside the releases.

    Raises:
        CatalogError: its files cannot be read.
    """
    folder = release_cache_of(settings) / f"draft-{digest_bytes(content.pack)[:16]}"
    await asyncio.to_thread(touch, folder, now=SystemClock().now())
    if not folder.exists():
        await asyncio.to_thread(_unpacked, content.pack, folder)
    return await asyncio.to_thread(load_or_raise, folder)


def release_folder(settings: Settings, release: PublishedRelease) -> Path:
    """Return the folder of an unpacked release; safe to delete while nothing serves it."""
    return release_cache_of(settings) / release.label


def _unpacked(data: bytes, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    unpack(data, folder)


def release_cache_of(settings: Settings) -> Path:
    """Return the folder of all unpacked releases."""
    return settings.models_dir.expanduser() / "releases"


def touch(folder: Path, *, now: datetime) -> None:
    """Mark a folder as used, if it exists."""
    with suppress(FileNotFoundError):
        os.utime(folder, (now.timestamp(), now.timestamp()))
