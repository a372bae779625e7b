"""Container of the server: its parts, opened together and closed together."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version

import structlog
from prometheus_client import CollectorRegistry

from app.adapters.sql.drafts import SqlDrafts
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.questions.book import SqlQuestionBook
from app.adapters.sql.statement import SqlStatement
from app.adapters.sql.tallies import SqlTallies
from app.audit import SYSTEM, AuditLog
from app.authoring.releases.drafts import Drafts
from app.catalog.model import Catalog
from app.catalog.releases import CurrentRelease, Releases
from app.conversation.actions import Deadlines
from app.conversation.ports import Services
from app.conversation.rate_limits import Limits
from app.conversation.script import ServedRelease
from app.conversation.session_limits import SessionConfig
from app.digest import digest_bytes
from app.errors import EncoderUnavailableError
from app.learning.questions.questions import Questions
from app.learning.tallies import Tallies
from app.rendering.ledger.operator import RenderAdmin
from app.rendering.ledger.port import Cap
from app.rendering.work.reconciler import Reconciler
from app.rendering.work.waiting_line import WarmPlace
from app.rendering.work.webhooks import WebhookReceiver
from app.runtime.serving.background_warm import BackgroundWarm
from app.runtime.serving.balance_metrics import BalanceMetrics
from app.runtime.serving.config_audit import record_settings, who
from app.runtime.serving.draft_publication import DraftPublication, DraftScheduler, missing_of
from app.runtime.serving.metrics import LedgerMetrics, ReleaseMetrics, StoreMetrics, WarmMetrics
from app.runtime.serving.money_metrics import ChargeMetrics
from app.runtime.serving.node_metrics import DatabaseMetrics, ReachMetrics, show_process
from app.runtime.serving.release_cache import keep_release_cache
from app.runtime.serving.release_follower import LOOK_EVERY_S, RELEASE_TOPIC, ReleaseFollower
from app.runtime.serving.served_release import LoadedRelease, LoadingDecider, ReleaseLoader
from app.runtime.serving.surroundings import Surroundings
from app.runtime.serving.traffic_follower import MixMetrics, TrafficFollower
from app.runtime.serving.visitor_webhook import keep_webhook
from app.runtime.settings.site import Settings, WebSettings
from app.runtime.wiring.clip_urls import clips_origin
from app.runtime.wiring.clock import SharedClock, SystemClock
from app.runtime.wiring.cluster import open_clip_maker, open_limits
from app.runtime.wiring.current_catalog import catalog_of
from app.runtime.wiring.site import Site, open_site
from app.store.ports import BlobStore, RecipeIndex

log = structlog.get_logger()

OLD_FOR_S = 600.0
"""Time for which a replaced release stays open: longer than any turn that began on it."""


@dataclass(kw_only=True)
class Container:
    """Container for the web layer.

    `running` loads the encoder in the background, `readiness` reports its state.
    """

    site: Site
    loader: ReleaseLoader
    loaded: LoadedRelease
    web: WebSettings
    config: SessionConfig
    limits: Limits
    clock: SystemClock = field(default_factory=SystemClock)
    metrics: CollectorRegistry = field(default_factory=CollectorRegistry)
    warming: BackgroundWarm | None = None
    """Warm-up that goes on while it serves, if that was asked for before it ran."""

    def __post_init__(self) -> None:
        """Register the metrics, and prepare to follow the current release."""
        show_process(self.metrics, version=self.web.version)
        DatabaseMetrics(self.metrics, self.site.database)
        studio, share = self.site.studio, self.site.settings.charge_alarm_share
        charges = ChargeMetrics(self.metrics, SqlStatement(self.site.database), share=share)
        self.ledger_metrics = LedgerMetrics(self.metrics, studio.ledger, self._day_caps, studio.calls, charges=charges)
        self.balance_metrics = BalanceMetrics(self.metrics, studio.renderers)
        self.warm_metrics = WarmMetrics(self.metrics, self.site.warm_history)
        self.store_metrics = StoreMetrics(self.metrics, self.blobs, self.site.store.recipes)
        self.release_metrics = ReleaseMetrics(self.metrics)
        self.release_metrics.serves(self.site.current.number)
        self.traffic = TrafficFollower(
            settings=self.site.settings,
            database=self.site.database,
            audit=self.audit,
            metrics=MixMetrics(self.metrics),
        )
        self.follower = ReleaseFollower(
            releases=self.releases,
            step=self.site.current.step,
            switch=self._switch,
            pause=lambda: self.site.studio.notifications.wait(RELEASE_TOPIC, LOOK_EVERY_S),
            report=self.release_metrics.fails,
        )
        self.scheduler = DraftScheduler(
            publication=DraftPublication(
                settings=self.site.settings, releases=self.releases, drafts=self.drafts, missing=missing_of(self.site)
            ),
            notify=self.notify_nodes,
            node=who(),
        )
        self.questions = Questions(
            book=SqlQuestionBook(self.site.database),
            turns=self.loader.turn_log,
            encoder=lambda: self.loaded.plain,
            now=self.clock.now,
            visitors=self.site.settings.question_visitors,
        )
        self.before = self.loaded.name
        self.surroundings = Surroundings(
            {"database": self.site.database.ping, "store": self.blobs.ping},
            budget_s=self.site.settings.ready_budget_s,
            monotonic=self.clock.monotonic,
        )
        self.reach_metrics = ReachMetrics(self.metrics, self.surroundings.failures)

    @property
    def releases(self) -> Releases:
        """All published releases."""
        return self.site.releases

    @property
    def drafts(self) -> Drafts:
        """Catalogs that wait to be published."""
        return SqlDrafts(self.site.database)

    @property
    def settings(self) -> Settings:
        """Settings of this process."""
        return self.site.settings

    @property
    def audit(self) -> AuditLog:
        """The audit log."""
        return self.site.audit

    @property
    def catalog(self) -> Catalog:
        """Catalog that is served now."""
        return self.loaded.catalog

    @property
    def release(self) -> str:
        """Name of the served release, as in receipts."""
        return self.loaded.name

    @property
    def services(self) -> Services:
        """Services that a conversation uses now."""
        return self.loaded.served.services

    @property
    def served(self) -> ServedRelease:
        """Served release: its scripts and services."""
        return self.loaded.served

    @property
    def decider(self) -> LoadingDecider:
        """Matcher of the served release."""
        return self.loaded.decider

    @property
    def blobs(self) -> BlobStore:
        """Blob store of the clips."""
        return self.site.store.blobs

    @property
    def recipes(self) -> RecipeIndex:
        """Index of the clips, without those of withdrawn faces."""
        return self.site.store.recipes

    @property
    def tallies(self) -> Tallies:
        """Tallies of the turns."""
        return SqlTallies(self.site.database)

    @property
    def callbacks(self) -> WebhookReceiver:
        """Receiver of the providers' webhooks."""
        return WebhookReceiver(self.site.studio, self.site.reconciler.wake)

    @property
    def reconciler(self) -> Reconciler:
        """Reconciler of the unfinished renders."""
        return self.site.reconciler

    def render_admin(self, actor: str = SYSTEM) -> RenderAdmin:
        """Operator's access to the ledger; `actor` is the name in the audit log."""
        return RenderAdmin(SqlLedger(self.site.database, actor=actor), self.clock.now, self.site.studio.calls)

    def warm_place(self, *, free: bool) -> WarmPlace:
        """Place of a warm-up on this node. Workers get free renders only: they do not know the budget of a run."""
        maker = self.loader.clips if free else self.site.studio
        return WarmPlace(self.site.studio, maker, self.loader.line)

    def notify_nodes(self) -> None:
        """Notify all nodes that another release is current."""
        self.site.studio.notifications.notify(RELEASE_TOPIC)

    async def readiness(self) -> tuple[str, ...]:
        """Reasons why the server is not ready, a sentence each; empty if it is ready.

        Redis is not asked: stored answers play without it.
        """
        failures = tuple((await self.surroundings.failures()).values())
        if self.decider.failure:
            return (self.decider.failure, *failures)
        loading = "" if self.decider.matcher else "The sentence encoder is still loading."
        warming = self.warming.reason if self.warming else ""
        return (*(reason for reason in (loading, warming) if reason), *failures)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the background tasks, and load the matcher while the server already answers other requests."""
        jobs = {
            "load the encoder": self._load(),
            "reconciler": self.site.reconciler.run(),
            "upkeep": self.loader.keep_tidy(forget_words=lambda: self.services.forget("")),
            "ledger metrics": self.ledger_metrics.keep(now=self.clock.now, sleep=self.clock.sleep),
            "balances": self.balance_metrics.keep(sleep=self.clock.sleep),
            "warm-up metrics": self.warm_metrics.keep(now=self.clock.now, sleep=self.clock.sleep),
            "drafts": self.scheduler.keep(now=self.clock.now, sleep=self.clock.sleep),
            "visitor webhook": keep_webhook(self.site.settings, self.loader.deliveries, self.clock),
            "traffic": self.traffic.keep(lambda: self.loaded, now=self.clock.now, sleep=self.clock.sleep),
            "database and store": self.reach_metrics.keep(sleep=self.clock.sleep),
            "withdrawn consent": self.site.withdrawals.keep(self.clock.sleep),
            "store metrics": self.store_metrics.keep(monotonic=self.clock.monotonic, sleep=self.clock.sleep),
        }
        tasks = [asyncio.create_task(job, name=name) for name, job in jobs.items()]
        if self.warming:
            tasks.append(asyncio.create_task(self.warming.run(), name="warm-up"))
        if self.site.settings.serve == "release":
            tasks.append(asyncio.create_task(self.follower.run(), name="follow the releases"))
            now, sleep = SystemClock().now, self.clock.sleep
            release_cache = keep_release_cache(self.site.settings, self._served, now=now, sleep=sleep)
            tasks.append(asyncio.create_task(release_cache, name="sweep old releases"))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.questions.aclose()

    async def _load(self) -> None:
        started = self.clock.monotonic()
        try:
            await self.loader.load(self.loaded)
        except EncoderUnavailableError as error:
            self.decider.give_up(str(error))
            log.warning("encoder.failed", error=str(error))
            return
        log.info("encoder.loaded", seconds=round(self.clock.monotonic() - started, 2))

    def _served(self) -> Collection[str]:
        """Names of the served release and the one before: somebody may go back to it soon."""
        return self.loaded.name, self.before

    def _day_caps(self, now: datetime) -> Collection[Cap]:
        """Caps of the day, read each time: another release may have another budget."""
        return self.site.studio.standing_caps(now)

    async def _switch(self, release: CurrentRelease) -> None:
        """Load another release completely, then serve it."""
        current = await catalog_of(self.site.settings, self.releases, release)
        loaded = await self.loader.open(current.catalog, current.name)
        try:
            await self.loader.load(loaded)
        except BaseException:  # also when stopped: what was opened is closed
            await loaded.close.aclose()
            raise
        before, self.loaded = self.loaded, loaded
        self.before = before.name
        self.site.switch(current)
        self.release_metrics.serves(current.number)
        if self.warming:
            self.warming.restart()
        self.loader.close_later(before, after_s=OLD_FOR_S)


@asynccontextmanager
async def open_container(settings: Settings) -> AsyncIterator[Container]:
    """Open the parts of the server; they are closed at the end.

    Raises:
        CatalogError, StoreError, SettingsError: the catalog, the store or a setting cannot be used; nothing
        stays open.
    """
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(open_site(settings))
        await site.store.blobs.facts(
            digest_bytes(b"")
        )  # a bucket that refuses is reported now, not at the first visitor
        clock = SharedClock(site.studio.clock)
        clips = await stack.enter_async_context(open_clip_maker(settings, site.studio))
        loader = ReleaseLoader.over(site, clips=clips, clock=clock)
        stack.push_async_callback(loader.aclose)
        loaded = await loader.open(site.current.catalog, site.current.name)
        await record_settings(site.audit, settings, by=who(), at=clock.now())
        container = Container(
            site=site,
            loader=loader,
            loaded=loaded,
            web=_web_settings(settings, clips_origin=await clips_origin(settings, site.store)),
            limits=await stack.enter_async_context(open_limits(settings)),
            config=_session_config(settings),
            clock=clock,
        )
        try:
            yield container
        finally:
            await container.loaded.close.aclose()


def _session_config(settings: Settings) -> SessionConfig:
    return SessionConfig(
        deadlines=Deadlines(film_s=settings.film_deadline_s),
        idle_s=settings.session_idle_s,
        detects_locale=settings.detect_locale,
        logs_context=settings.log_context,
    )


def _web_settings(settings: Settings, *, clips_origin: str) -> WebSettings:
    return WebSettings(
        secret=settings.secret.get_secret_value(),
        environment=settings.environment,
        public_url=settings.public_url,
        allowed_origins=settings.origins,
        contact=settings.contact,
        trusted_proxies=settings.proxies,
        sessions_per_address=settings.sessions_per_address,
        keys=settings.keys,
        clips_origin=clips_origin,
        version=version("greenroom"),
        access_log=settings.access_log,
    )
