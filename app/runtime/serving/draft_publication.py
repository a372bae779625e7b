"""Publication of a draft: by a person now, or by a node when its time has come."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.catalog_files.archive import tree_of
from app.author_errors import ClipsMissingError, DraftConflictError, ReleaseConflictError
from app.authoring.releases.base import stale_folder
from app.authoring.releases.drafts import Draft, Drafts, only_reviewed
from app.catalog.model import Catalog
from app.catalog.releases import CurrentRelease, Releases
from app.digest import Digest
from app.errors import GreenroomError
from app.rendering.plan.clips import spoken_clips
from app.runtime.settings.site import Settings
from app.runtime.wiring.current_catalog import draft_catalog
from app.runtime.wiring.folder_standing import compared_tree
from app.runtime.wiring.site import Site

log = structlog.get_logger()

LOOK_EVERY_S = 5.0
"""Interval at which a node looks for drafts whose time has come."""

AGAIN_AFTER = timedelta(minutes=1)
"""Time after which a draft that could not be published is tried again."""

CountMissing = Callable[[Catalog], Awaitable[int]]
"""Count of a catalog's clips that are not rendered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPublication:
    """Publication of drafts on one site."""

    settings: Settings
    releases: Releases
    drafts: Drafts
    missing: CountMissing

    async def publish(self, draft: Draft, *, by: str, at: datetime) -> CurrentRelease:
        """Publish a draft now.

        Raises:
            ReviewMissingError: the site asks for an approval, and there is none.
            ReleaseStaleError: others published since the draft was made.
            CatalogError: it cannot be read by this version.
            ClipsMissingError: clips are not rendered yet, and that is not allowed.
            DraftConflictError, ReleaseConflictError: somebody changed it, or published, meanwhile.
        """
        only_reviewed(draft, review=self.settings.review_releases)
        content = await self.drafts.content(draft.name)
        current = await self.releases.current()
        if current is not None and current.release.catalog != draft.catalog:
            files = await asyncio.to_thread(tree_of, content.pack)
            base = draft.base or None
            compared = await compared_tree(self.releases, files, current, base=base, source="remembered")
            if compared.standing.stale:
                raise stale_folder(compared.standing)
        catalog = await draft_catalog(self.settings, content)
        missing = 0 if draft.allow_missing else await self.missing(catalog)
        if missing:
            message = f"Not published: {missing} clips of draft `{draft.name}` are not rendered yet; render them first."
            raise ClipsMissingError(message, missing=missing)
        return await self.drafts.publish(draft, by=by, at=at, after=current.step if current else 0)


def missing_of(site: Site) -> CountMissing:
    """Return the count of clips that the site's store lacks."""

    async def count(catalog: Catalog) -> int:
        clips = await asyncio.to_thread(spoken_clips, catalog, site.studio.providers(catalog.avatar))
        return sum([not await _is_stored(site, clip.keys) for clip in clips])

    return count


async def _is_stored(site: Site, keys: tuple[Digest, ...]) -> bool:
    return any([await site.store.recipes.get(key) is not None for key in keys])


@dataclass(kw_only=True)
class DraftScheduler:
    """Scheduler on one node: it publishes the drafts whose time has come, also those of while nobody ran.

    All nodes look; the store lets one publish. What fails is told once, and tried again after a while.
    """

    publication: DraftPublication
    notify: Callable[[], None]
    node: str
    _failed: dict[str, tuple[int, datetime]] = field(default_factory=dict, init=False)
    """Revision of each draft that failed here, and when to try again."""

    async def keep(self, *, now: Callable[[], datetime], sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Look regularly until cancelled."""
        while True:
            try:
                await self.look(now())
            except (GreenroomError, SQLAlchemyError, OSError) as error:
                log.warning("drafts.unreachable", error=str(error).splitlines()[0][:200])
            await sleep(LOOK_EVERY_S)

    async def look(self, now: datetime) -> tuple[CurrentRelease, ...]:
        """Publish what is due; return what this node published."""
        done = [await self._publish(draft, now) for draft in await self.publication.drafts.due(now)]
        return tuple(one for one in done if one is not None)

    async def _publish(self, draft: Draft, now: datetime) -> CurrentRelease | None:
        revision, again_at = self._failed.get(draft.name, (0, now))
        if revision == draft.revision and now < again_at:
            return None
        try:
            current = await self.publication.publish(draft, by=draft.scheduled_by or draft.made_by, at=now)
        except (DraftConflictError, ReleaseConflictError):
            return None  # another node was faster, or a person: the next look tells
        except GreenroomError as error:
            await self._fail(draft, str(error), now)
            return None
        self.notify()
        log.info("draft.published", draft=draft.name, release=current.release.number, due=str(draft.publish_at))
        return current

    async def _fail(self, draft: Draft, why: str, now: datetime) -> None:
        if draft.failure != why:
            log.warning("draft.not_published", draft=draft.name, error=why[:500])
            try:
                draft = await self.publication.drafts.put(replace(draft, failure=why), "failed", by=self.node, at=now)
            except DraftConflictError:
                return  # another node told it
        self._failed[draft.name] = draft.revision, now + AGAIN_AFTER
