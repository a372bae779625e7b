"""Which catalog a node serves: its folder's, or the release that is current, whichever that becomes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.catalog_files.archive import unpack
from app.adapters.catalog_files.loader import load_or_raise
from app.catalog.model import Catalog
from app.catalog.releases import CurrentRelease, PublishedRelease, Releases
from app.errors import GreenroomError, SettingsError
from app.runtime.serving.release_cache import shelf_of, touch
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.store_and_encoder import open_catalog, release_name

log = structlog.get_logger()

RELEASE_TOPIC = "release"
"""What is called on every node when another release is current."""

LOOK_EVERY_S = 2.0
"""How often a node looks without being called."""

AGAIN_AFTER_LOOKS = 15
"""A release that could not be put together is tried again after so many looks."""


@dataclass(frozen=True, slots=True)
class CurrentCatalog:
    """A catalog, what receipts call it, and the step that made it current (0: it is a folder)."""

    catalog: Catalog
    name: str
    step: int = 0
    number: int = 0


async def chosen_catalog(settings: Settings, releases: Releases) -> CurrentCatalog:
    """What to serve now.

    Raises:
        CatalogError: it cannot be read.
        SettingsError: a release is wanted, and none was published.
    """
    if settings.serve == "folder":
        catalog = open_catalog(settings)
        return CurrentCatalog(catalog, release_name(catalog))
    standing = await releases.current()
    if standing is None:
        raise SettingsError(
            "Expected a published release, because GREENROOM_SERVE is `release`; there is none yet. Say `greenroom "
            "release publish` once, or set GREENROOM_SERVE=folder."
        )
    return await opened(settings, releases, standing)


async def opened(settings: Settings, releases: Releases, standing: CurrentRelease) -> CurrentCatalog:
    """The catalog of a release.

    Raises:
        CatalogError: its files do not make the catalog that was published, as when this is an older Greenroom.
    """
    release = standing.release
    catalog = await release_catalog(settings, releases, release)
    return CurrentCatalog(catalog, release.label, standing.step, release.number)


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
    return shelf_of(settings) / release.label


def _unpacked(data: bytes, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    unpack(data, folder)


@dataclass(kw_only=True)
class ReleaseFollower:
    """Looks which release is current, and has it put on when it is another one.

    `switch` puts it together first and only then serves it; while that fails the one before goes on, and `tell` is told
    why at once; when it is served, nothing.
    """

    releases: Releases
    step: int
    switch: Callable[[CurrentRelease], Awaitable[None]]
    pause: Callable[[], Awaitable[None]]
    tell: Callable[[str], None] = lambda _failure: None
    failure: str = ""
    _failed: tuple[int, int] = field(default=(0, 0), init=False)
    """The step that could not be served, and how many looks to leave it alone."""

    async def run(self) -> NoReturn:
        """Look until cancelled."""
        while True:
            await self.pause()
            await self.look()

    async def look(self) -> None:
        """Look once."""
        try:
            standing = await self.releases.current()
        except (SQLAlchemyError, OSError) as error:
            log.warning("release.unknown", error=str(error).splitlines()[0][:200])
            return
        if standing is None or standing.step == self.step:
            return
        step, looks = self._failed
        if step == standing.step and looks > 0:
            self._failed = step, looks - 1
            return
        await self._serve(standing)

    async def _serve(self, standing: CurrentRelease) -> None:
        try:
            await self.switch(standing)
        except (GreenroomError, SQLAlchemyError, OSError) as error:
            self._failed = standing.step, AGAIN_AFTER_LOOKS
            self.failure = f"Release {standing.release.number} cannot be served here: {error}"
            log.warning("release.not_served", release=standing.release.number, error=str(error)[:500])
            self.tell(self.failure)
            return
        self.step, self.failure = standing.step, ""
        self.tell("")
        log.info("release.served", release=standing.release.number, by=standing.by)
