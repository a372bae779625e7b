"""Withdrawn consent, as a process knows it: read at its start, and every few seconds from then on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.sql.audit import SqlAudit
from app.audit import AuditLog
from app.catalog.model import Catalog
from app.catalog.releases import PublishedRelease, Releases, every_release
from app.digest import Digest
from app.errors import CatalogError, GreenroomError
from app.rendering.media.consent import ConsentedRecipes, withdrawn_faces
from app.runtime.settings.site import Settings
from app.runtime.wiring.current_catalog import release_catalog
from app.runtime.wiring.database import is_new, open_database
from app.runtime.wiring.store_and_encoder import OpenStore

log = structlog.get_logger()

LOOK_EVERY_S = 5.0


@dataclass
class Withdrawals:
    """Faces that must not be shown.

    While the database is away the last list stays: answers never wait for it.
    """

    audit: AuditLog
    faces: frozenset[str] = field(default=frozenset(), init=False)

    async def read(self) -> None:
        """Read once."""
        self.faces = frozenset(await withdrawn_faces(self.audit))

    async def keep(self, sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Read regularly until cancelled."""
        while True:
            await sleep(LOOK_EVERY_S)
            try:
                await self.read()
            except (GreenroomError, SQLAlchemyError, OSError) as error:
                log.warning("consent.unreachable", error=str(error).splitlines()[0][:200])

    def guard(self, store: OpenStore) -> OpenStore:
        """Return the store without the clips of these faces."""
        return replace(store, recipes=ConsentedRecipes(store.recipes, lambda: self.faces))


@dataclass(frozen=True, slots=True)
class CatalogFace:
    """Portrait of a catalog and its place: `folder`, or `release 3`."""

    portrait: Digest
    avatar: str
    used_in: str


async def faces_not_shown(settings: Settings) -> frozenset[str]:
    """Return the digests of portraits whose consent is withdrawn; none if there is no database yet."""
    if is_new(settings):
        return frozenset()
    async with open_database(settings) as database:
        return frozenset(await withdrawn_faces(SqlAudit(database)))


async def faces_of(
    settings: Settings, releases: Releases, subject: str
) -> tuple[tuple[CatalogFace, ...], tuple[int, ...]]:
    """Find the portraits whose consent names this person, in the folder and all releases.

    And unreadable releases.
    """
    found, unreadable = [], []
    try:
        found += _faces(load_or_raise(settings.catalog), subject, "folder")
    except CatalogError as error:
        log.warning("consent.folder_unreadable", error=str(error)[:200])
    async for release in every_release(releases):
        try:
            catalog = await release_catalog(settings, releases, release)
        except CatalogError:
            unreadable.append(release.number)
        else:
            found += _faces(catalog, subject, f"release {release.number}")
    return tuple(found), tuple(unreadable)


async def face_of(settings: Settings, releases: Releases, release: PublishedRelease) -> str:
    """Return the digest of a release's portrait; empty if it cannot be read here."""
    try:
        return (await release_catalog(settings, releases, release)).avatar.portrait_digest
    except CatalogError:
        return ""


def _faces(catalog: Catalog, subject: str, used_in: str) -> list[CatalogFace]:
    avatar = catalog.avatar
    if avatar.consent is None or avatar.consent.subject.casefold() != subject.casefold():
        return []
    return [CatalogFace(Digest(avatar.portrait_digest), avatar.id, used_in)]
