"""Site: the parts that each of its processes uses, opened in one place and in the right order."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.drafts import SqlDrafts
from app.adapters.sql.engine import Database
from app.adapters.sql.erasing.traces import SqlTraces
from app.adapters.sql.releases import SqlReleases
from app.adapters.sql.warm_history import SqlWarmHistory
from app.audit import AuditLog
from app.catalog.model import Catalog
from app.catalog.releases import Releases
from app.conversation.clip_source import film_keys
from app.digest import Digest
from app.rendering.plan.clips import catalog_clips
from app.rendering.work.reconciler import Reconciler
from app.rendering.work.studio import Studio
from app.rendering.work.warm_history import WarmHistory
from app.runtime.settings.site import Settings
from app.runtime.wiring.current_catalog import CurrentCatalog, current_catalog
from app.runtime.wiring.database import is_new, open_database
from app.runtime.wiring.providers import recorded_speech
from app.runtime.wiring.store_and_encoder import OpenStore, open_store
from app.runtime.wiring.studio import day_caps, open_studio
from app.runtime.wiring.tracing import open_tracer
from app.runtime.wiring.withdrawals import Withdrawals
from app.store.erasing import ErasingRecipes


@dataclass(kw_only=True)
class Site:
    """Site: server, worker and every command get these same objects from `open_site`.

    `store` neither reads nor stores clips of faces whose consent is withdrawn. `current` is the served
    catalog: the folder's, or the current release's.
    """

    settings: Settings
    store: OpenStore
    database: Database
    releases: Releases
    audit: AuditLog
    withdrawals: Withdrawals
    studio: Studio
    reconciler: Reconciler
    warm_history: WarmHistory
    current: CurrentCatalog

    @property
    def catalog(self) -> Catalog:
        """Catalog that is served."""
        return self.current.catalog

    async def pinned_films(self) -> Collection[Digest]:
        """Return the recipe keys of what the catalog, a release or a draft says, speech included."""
        catalog = self.catalog
        clips = await asyncio.to_thread(catalog_clips, catalog, self.studio.providers(catalog.avatar))
        served = {key for clip in clips for key in film_keys(clip)}
        return served | await self.releases.pinned() | await SqlDrafts(self.database).pinned()

    def switch(self, current: CurrentCatalog) -> None:
        """Use the caps and recordings of another release; renders of the one before are still finished."""
        before, self.current = self.current.catalog, current
        self.studio.standing_caps = day_caps(self.settings, current.catalog.budget, release=current.number)
        self.studio.per_clip_attempts = current.catalog.budget.per_clip_attempts
        self.studio.speech = {**self.studio.speech, **recorded_speech(current.catalog.recordings)}
        self.reconciler.avatars = (current.catalog.avatar, before.avatar)


@asynccontextmanager
async def open_site(settings: Settings, *, leaves_no_trace: bool = False) -> AsyncIterator[Site]:
    """Open the site; it is closed at the end.

    `leaves_no_trace`: if the SQLite database does not exist yet, use an empty temporary one.

    Raises:
        CatalogError, StoreError, SettingsError: the catalog, the store or a setting cannot be used; nothing
        stays open.
    """
    store = open_store(settings)
    async with AsyncExitStack() as stack:
        passing = leaves_no_trace and is_new(settings)
        if passing:
            settings = stack.enter_context(_temporary_database(settings))
        tracer = stack.enter_context(open_tracer())
        database = await stack.enter_async_context(open_database(settings, kept=not passing))
        releases, audit = SqlReleases(database), SqlAudit(database)
        withdrawals = Withdrawals(audit)
        await withdrawals.read()

        async def pinned() -> Collection[Digest]:
            return await site.pinned_films()

        late = ErasingRecipes(store.recipes, store.blobs, SqlTraces(database).is_gone, pinned)
        store = replace(store, recipes=late)
        store = withdrawals.guard(store)
        current = await current_catalog(settings, releases)
        catalog = current.catalog
        studio = await stack.enter_async_context(
            open_studio(settings, store, database, budget=catalog.budget, recordings=catalog.recordings, tracer=tracer)
        )
        studio.standing_caps = day_caps(settings, catalog.budget, release=current.number)
        site = Site(
            settings=settings,
            store=store,
            database=database,
            releases=releases,
            audit=audit,
            withdrawals=withdrawals,
            studio=studio,
            reconciler=Reconciler(studio=studio, avatars=(catalog.avatar,)),
            warm_history=SqlWarmHistory(database),
            current=current,
        )
        yield site


@contextmanager
def _temporary_database(settings: Settings) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="greenroom-") as folder:
        path = Path(folder) / "nothing-yet.db"
        yield settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{path}"})
