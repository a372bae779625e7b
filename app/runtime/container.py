"""The composition root of the server: everything it needs, opened together and closed together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version

import structlog
from prometheus_client import CollectorRegistry

from app.adapters.knowledge import KnowledgeResponder
from app.adapters.sql.sessions import SqlSessions
from app.catalog.model import Catalog
from app.conversation.actions import Deadlines
from app.conversation.conduct import Conduct
from app.conversation.limits import Limits
from app.conversation.ports import Cast
from app.conversation.screening import StoredClips, StudioFilm
from app.digest import digest_bytes
from app.errors import EncoderUnavailableError
from app.matching.decision import Decision
from app.matching.matcher import Matcher
from app.matching.ports import Encoder
from app.rendering.callbacks import CallDesk
from app.rendering.lines import catalog_clips
from app.rendering.reconciler import Reconciler
from app.rendering.studio import Studio
from app.runtime.clip_addresses import clips_base, clips_origin
from app.runtime.clock import SystemClock
from app.runtime.database import open_database
from app.runtime.figures import LedgerFigures
from app.runtime.fitting import build_matcher
from app.runtime.nodes import open_film, open_limits
from app.runtime.opening import Store, encoders_for, open_catalog, open_store
from app.runtime.settings import Settings
from app.runtime.studio import open_studio, session_limit
from app.runtime.talking import open_allowance, open_turn_log, open_words
from app.runtime.upkeep import keep_tidy
from app.runtime.web_settings import WebSettings
from app.store.ports import BlobStore

log = structlog.get_logger()


_PATIENCE_S = 4.0
"""How long a question waits for the matcher at start-up: less than the conversation's own deadline for a decision."""


@dataclass
class LoadingDecider:
    """The matcher once it is loaded; until then questions wait a little, and are then told to come again."""

    matcher: Matcher | None = None
    failure: str = ""
    """Why there will never be a matcher."""
    _loaded: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)

    def use(self, matcher: Matcher) -> None:
        """Decide with this matcher from now on."""
        self.matcher = matcher
        self._loaded.set()

    def give_up(self, failure: str) -> None:
        """Let nobody wait any more."""
        self.failure = failure
        self._loaded.set()

    async def decide(self, text: str, *, locale: str | None = None, previous: str | None = None) -> Decision:
        """Decide, or raise EncoderUnavailableError when the encoder does not come in time."""
        if not self._loaded.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._loaded.wait(), _PATIENCE_S)
        if self.matcher is None:
            raise EncoderUnavailableError(
                self.failure or "The sentence encoder is still loading; ask again in a few seconds."
            )
        return await self.matcher.decide(text, locale=locale, previous=previous)


@dataclass
class Container:
    """What the web gets; `running` loads the encoder in the background, and `readiness` says how far that is."""

    settings: Settings
    catalog: Catalog
    store: Store
    studio: Studio
    cast: Cast
    encoder: Encoder
    decider: LoadingDecider
    knowledge: KnowledgeResponder
    web: WebSettings
    conduct: Conduct
    reconciler: Reconciler
    limits: Limits
    clock: SystemClock = field(default_factory=SystemClock)
    metrics: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        """Register what is read from the ledger."""
        self.figures = LedgerFigures(self.metrics, self.studio.ledger)

    @property
    def blobs(self) -> BlobStore:
        """The bytes of the clips."""
        return self.store.blobs

    @property
    def callbacks(self) -> CallDesk:
        """Where providers call back."""
        return CallDesk(self.studio, self.reconciler.wake)

    async def readiness(self) -> tuple[str, ...]:
        """Why the server is not ready, a sentence each; empty when it is."""
        if self.decider.failure:
            return (self.decider.failure,)
        return () if self.decider.matcher else ("The sentence encoder is still loading.",)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Load what questions need, while the server already answers everything else."""
        loading = asyncio.create_task(self._load(), name="load the encoder")
        reconciling = asyncio.create_task(self.reconciler.run(), name="reconciler")
        tidying = keep_tidy(
            self.cast.turn_log, self.cast.sessions, clock=self.clock, days=self.settings.keep_turns_days
        )
        tidier = asyncio.create_task(tidying, name="upkeep")
        counting = asyncio.create_task(self.figures.keep(now=self.clock.now, sleep=self.clock.sleep), name="figures")
        tasks = (loading, reconciling, tidier, counting)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _load(self) -> None:
        started = self.clock.monotonic()
        try:
            self.decider.use(await asyncio.to_thread(build_matcher, self.settings, self.catalog, self.encoder))
            await asyncio.to_thread(self.knowledge.warm_up)
        except EncoderUnavailableError as error:
            self.decider.give_up(str(error))
            log.warning("encoder.failed", error=str(error))
            return
        log.info("encoder.loaded", seconds=round(self.clock.monotonic() - started, 2))


@asynccontextmanager
async def open_container(settings: Settings) -> AsyncIterator[Container]:
    """Everything the server needs, closed again at the end.

    Raises:
        CatalogError, StoreError, SettingsError: something is not as it must be; nothing stays open.
    """
    catalog = open_catalog(settings)
    store = open_store(settings)
    await store.blobs.facts(digest_bytes(b""))  # a bucket that refuses is told now, not by the first visitor
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        studio = await stack.enter_async_context(
            open_studio(settings, store, database, budget=catalog.budget, recordings=catalog.recordings)
        )
        encoders = encoders_for(settings, catalog)
        words = await stack.enter_async_context(open_words(settings, catalog, encoders.plain))
        decider = LoadingDecider()
        base_url = clips_base(settings)
        clips = StoredClips.of(
            catalog_clips(catalog, studio.cast(catalog.avatar)),
            store.recipes,
            default_locale=catalog.default_locale,
            base_url=base_url,
        )
        filming = await stack.enter_async_context(open_film(settings, studio))
        film = StudioFilm(filming, catalog.avatar, base_url, session_limit(settings, catalog.budget))
        yield Container(
            settings=settings,
            catalog=catalog,
            store=store,
            studio=studio,
            cast=Cast(
                decider,
                clips,
                words.responder,
                film,
                open_turn_log(settings, database),
                SqlSessions(database),
                open_allowance(settings, database),
            ),
            encoder=encoders.matching,
            decider=decider,
            knowledge=words.knowledge,
            web=_web_settings(settings, clips_origin=await clips_origin(settings, store)),
            reconciler=Reconciler(studio=studio, avatars=(catalog.avatar,)),
            limits=await stack.enter_async_context(open_limits(settings)),
            conduct=Conduct(
                deadlines=Deadlines(film_s=settings.film_deadline_s),
                idle_s=settings.session_idle_s,
                detects_locale=settings.detect_locale,
            ),
        )


def _web_settings(settings: Settings, *, clips_origin: str) -> WebSettings:
    return WebSettings(
        secret=settings.secret.get_secret_value(),
        environment=settings.environment,
        public_url=settings.public_url,
        allowed_origins=settings.origins,
        api_key=settings.api_key.get_secret_value(),
        clips_origin=clips_origin,
        version=version("greenroom"),
    )
