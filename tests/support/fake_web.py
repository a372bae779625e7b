"""A web application over fakes, in this process or behind a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import uvicorn
from prometheus_client import CollectorRegistry

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.audit import SYSTEM, MemoryAudit
from app.authoring.releases.drafts import MemoryDrafts
from app.catalog.model import Catalog
from app.catalog.releases import MemoryReleases
from app.conversation.fakes import FakeClipRequester, FakeClock, FakeDecider, FakeResponder, FakeTurnLog
from app.conversation.ports import Clips, Services
from app.conversation.rate_limits import GenerationCaps
from app.conversation.script import Script, ServedRelease
from app.conversation.session_limits import SessionConfig
from app.conversation.session_store import MemorySessions, SessionStore
from app.conversation.visitor_speech.recognition import RecognitionQueue
from app.learning.questions.memory_book import MemoryQuestionBook
from app.learning.questions.questions import Questions
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.ledger.operator import RenderAdmin
from app.rendering.ledger.port import Ledger
from app.rendering.work.reconciler import Reconciler
from app.rendering.work.webhooks import WebhookReceiver
from app.runtime.serving.background_warm import BackgroundWarm
from app.runtime.settings.site import Settings, WebSettings
from app.store.memory import MemoryBlobStore, MemoryRecipeIndex
from app.web.app import create_app
from app.web.chat.event_stream import hang_up
from app.web.chat.frame_protocol import FrameProtocol
from tests.support.session_world import a_catalog, all_clips


def _same(ledger: Ledger, _: str) -> Ledger:
    """The ledger in memory keeps no names."""
    return ledger


@dataclass
class FakeContainer:
    """Everything the web needs, from memory."""

    web: WebSettings = field(default_factory=lambda: WebSettings(secret="a secret for tests"))
    catalog: Catalog = field(default_factory=a_catalog)
    clips: Clips = field(default_factory=lambda: all_clips(a_catalog()))
    decider: FakeDecider = field(
        default_factory=lambda: FakeDecider({"Open?": "hours", "Bye!": "goodbye", "Price?": ("tickets", "dogs")})
    )
    responder: FakeResponder = field(default_factory=FakeResponder)
    film: FakeClipRequester = field(default_factory=FakeClipRequester)
    log: FakeTurnLog = field(default_factory=FakeTurnLog)
    config: SessionConfig = field(default_factory=SessionConfig)
    sessions: SessionStore = field(default_factory=MemorySessions)
    allowance: GenerationCaps = field(default_factory=GenerationCaps)
    blobs: MemoryBlobStore = field(default_factory=MemoryBlobStore)
    clock: FakeClock = field(default_factory=FakeClock)
    metrics: CollectorRegistry = field(default_factory=CollectorRegistry)
    reasons: tuple[str, ...] = ()
    callbacks: WebhookReceiver | None = None
    ledger_of: Callable[[str], Ledger] = field(default_factory=lambda: partial(_same, MemoryLedger()))
    reconciler: Reconciler | None = None
    warming: BackgroundWarm | None = None
    release: str = "fake"
    releases: MemoryReleases = field(default_factory=MemoryReleases)
    settings: Settings = field(default_factory=Settings)
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    folder: Path | None = None
    """The catalog's folder, for the routes that edit it."""
    told: int = 0
    started: int = 0

    def __post_init__(self) -> None:
        """Index the clips; drafts become these releases; group what the log holds."""
        self.recipes = MemoryRecipeIndex(self.blobs)
        self.drafts = MemoryDrafts(self.releases)
        settings = self.settings.model_copy(update={"catalog": self.folder or Path("no-catalog")})
        self.site = SimpleNamespace(settings=settings, withdrawals=SimpleNamespace(faces=frozenset()))
        self.loaded = SimpleNamespace(encoder=HashingEncoder())
        self.questions = Questions(
            book=MemoryQuestionBook(self.log), turns=self.log, encoder=HashingEncoder, now=self.clock.now, visitors=1
        )

    @property
    def services(self) -> Services:
        """Everybody a conversation calls on."""
        return Services(self.decider, self.clips, self.responder, self.film, self.log, self.sessions, self.allowance)

    @property
    def served(self) -> ServedRelease:
        """The catalog and the cast."""
        return ServedRelease(lambda: Script(self.catalog.open_on(self.clock.now().date())), self.services)

    def render_admin(self, actor: str = SYSTEM) -> RenderAdmin:
        """The operator's access."""
        return RenderAdmin(self.ledger_of(actor), self.clock.now)

    def notify_nodes(self) -> None:
        """Count it."""
        self.told += 1

    async def readiness(self) -> tuple[str, ...]:
        """As told."""
        return self.reasons

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Count starts."""
        self.started += 1
        yield
        self.started -= 1


@asynccontextmanager
async def serving(
    container: FakeContainer, *, speech: RecognitionQueue | None = None, ws: type | str = FrameProtocol
) -> AsyncIterator[str]:
    """A real server on a free port, set up as in production but for another `ws`; its address."""
    app = create_app(container, speech=speech)
    config = uvicorn.Config(
        app,
        port=0,
        log_level="warning",
        ws=ws,  # type: ignore[arg-type]
        ws_per_message_deflate=False,
        ws_max_size=64 * 1024,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        hang_up(app.state.greenroom)
        server.should_exit = True
        await task
