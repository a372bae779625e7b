"""Stand-ins of one release: what plays for its stale clips until they are rendered, as its authors chose."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from app.adapters.sql.drafts import SqlDrafts
from app.adapters.sql.engine import Database
from app.adapters.sql.releases import SqlReleases
from app.catalog.model import Catalog, Meanwhile
from app.digest import Digest
from app.errors import StateUnavailableError, StoreError
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.meanwhile import OldClips, Place, asks_for_the_store, old_clips
from app.rendering.plan.planner import make_plan, take_stock
from app.rendering.ports import Capabilities
from app.store.ports import Entry, RecipeIndex

log = structlog.get_logger()

LOOK_EVERY_S = 5.0
"""Interval at which a node looks whether the new clips of a pulled intent are stored."""


_SAMPLE = 20
"""Clips that are looked up to tell whether a whole catalog is drawn anew."""


async def heard_clips(database: Database) -> Callable[[Digest], bool]:
    """Read which clips visitors may have heard: those of releases; where there is none, all but those of drafts."""
    released = await SqlReleases(database).pinned()
    if released:
        return released.__contains__
    drafted = await SqlDrafts(database).pinned()
    return lambda key: key not in drafted


@dataclass(kw_only=True)
class StandIns:
    """Stand-ins of one release on one node; empty until `load` has compared the catalog with the store."""

    catalog: Catalog
    wanted: Sequence[WantedClip]
    recipes: RecipeIndex
    capabilities: Mapping[str, Capabilities]
    was_public: Callable[[], Awaitable[Callable[[Digest], bool]]]
    """Reads which clips visitors may have heard: those of drafts, and of edits that nobody published, never play."""
    run: Meanwhile | None = None
    """Choice of this node, where an intent has none of its own."""
    kept: dict[Place, tuple[Digest, ...]] = field(default_factory=dict)
    _is_watched: bool = False
    _pulled: Mapping[str, tuple[tuple[Digest, ...], ...]] = field(default_factory=dict)

    def pulled(self) -> frozenset[str]:
        """Return the intents that are not answered now."""
        return frozenset(self._pulled)

    @property
    def can_wait(self) -> bool:
        """Return whether visitors may come before `load` has ended: nothing is pulled, only old clips come later."""
        return not asks_for_the_store(self.catalog, self.run)

    async def load(self) -> None:
        """Compare the catalog with the store; where nobody asks for it, only if one of a few clips is missing.

        A store that cannot be read leaves words for all: that is told, and nothing fails.
        """
        try:
            if self.can_wait and await self._are_stored([clip.keys for clip in self._some()]):
                return
            was_public = await self.was_public()
            stock = await take_stock(self.recipes, self.wanted)
            found = await asyncio.to_thread(self._found, stock, was_public)
            self.kept.update(found.kept)
            self._pulled = found.pulled
            await self.look()
        except (StoreError, StateUnavailableError) as error:
            log.warning("stand_ins.unknown", error=str(error)[:300])

    def _some(self) -> Sequence[WantedClip]:
        """Return clips spread over the catalog: another way to draw misses all, and a bucket is slow to read."""
        spoken = [clip for clip in self.wanted if clip.speech]
        return spoken[:: max(1, len(spoken) // _SAMPLE)]

    def _found(self, stock: Sequence[Entry], was_public: Callable[[Digest], bool]) -> OldClips:
        """Compare the catalog with what visitors may have heard, and with what is wanted now; blocking."""
        now = {key for clip in self.wanted for key in clip.keys}
        heard = [one for one in stock if one.kind != "clip" or one.key in now or was_public(one.key)]
        return old_clips(self.catalog, make_plan(self.wanted, heard, capabilities=self.capabilities), self.run)

    async def look(self) -> None:
        """Answer again what has its new clips."""
        waiting = [(intent, groups) for intent, groups in self._pulled.items() if not await self._are_stored(groups)]
        self._pulled = dict(waiting)

    async def watch(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Compare, where that could wait, and look until nothing is pulled; a second call does nothing."""
        if self._is_watched:
            return
        self._is_watched = True
        if self.can_wait:
            await self.load()
        while self._pulled:
            await sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except StoreError as error:
                log.warning("stand_ins.unknown", error=str(error)[:300])

    async def _are_stored(self, groups: Sequence[Sequence[Digest]]) -> bool:
        for keys in groups:
            if not any([await self.recipes.get(key) is not None for key in keys]):
                return False
        return True
