"""What a process knows of withdrawn consent: read at its start, and every few seconds from then on."""

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
    """Faces that must not be shown. What was known stays known while the database is away: hits never wait for it."""

    audit: AuditLog
    faces: frozenset[str] = field(default=frozenset(), init=False)

    async def read(self) -> None:
        """Read once."""
        self.faces = frozenset(await withdrawn_faces(self.audit))

    async def keep(self, sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Read again and again until cancelled."""
        while True:
            await sleep(LOOK_EVERY_S)
            try:
                await self.read()
            except (GreenroomError, SQLAlchemyError, OSError) as error:
                log.warning("consent.unreachable", error=str(error).splitlines()[0][:200])

    def guard(self, store: OpenStore) -> OpenStore:
        """The store without the clips of these faces."""
        return replace(store, recipes=ConsentedRecipes(store.recipes, lambda: self.faces))


@dataclass(frozen=True, slots=True)
class CatalogFace:
    """A portrait, and where it is used: `folder`, or `release 3`."""

    portrait: Digest
    avatar: str
    used_in: str


async def faces_not_shown(settings: Settings) -> frozenset[str]:
    """The digests of the portraits whose consent is withdrawn; none where there is no database yet."""
    if is_new(settings):
        return frozenset()
    async with open_database(settings) as database:
        return frozenset(await withdrawn_faces(SqlAudit(database)))


async def faces_of(
    settings: Settings, releases: Releases, subject: str
) -> tuple[tuple[CatalogFace, ...], tuple[int, ...]]:
    """Every portrait whose consent names this person, in the folder and all releases; releases that are unreadable."""
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
    """The digest of a release's portrait; empty when it cannot be read here."""
    try:
        return (await release_catalog(settings, releases, release)).avatar.portrait_digest
    except CatalogError:
        return ""


def _faces(catalog: Catalog, subject: str, used_in: str) -> list[CatalogFace]:
    avatar = catalog.avatar
    if avatar.consent is None or avatar.consent.subject.casefold() != subject.casefold():
        return []
    return [CatalogFace(Digest(avatar.portrait_digest), avatar.id, used_in)]
