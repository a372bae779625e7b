"""The studio: gives out a recipe's clip, and has it filmed exactly once however many ask, in however many processes."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.audit import AuditLog, MemoryAudit
from app.catalog.model import Avatar
from app.rendering.ledger.port import Cap, Ledger
from app.rendering.ledger.states import Render
from app.rendering.media.concat import ClipConcat
from app.rendering.media.consent import ConsentCheck
from app.rendering.media.inspection import Inspector
from app.rendering.media.pipeline import Pipeline
from app.rendering.media.speech_cache import SpeechCache
from app.rendering.plan.clips import WantedClip, want_clip
from app.rendering.plan.providers import AvatarProviders, providers_of
from app.rendering.ports import MediaTools, Renderer, Speech
from app.rendering.single_flight import SingleFlight
from app.rendering.work.failover import RendererChain
from app.rendering.work.lost_submit import SubmitInquiry
from app.rendering.work.notifications import NodeBus, Notifications, clip_topic
from app.rendering.work.task import AttemptContext, ClipProgress, OnProgress
from app.store.disk_errors import disk_error
from app.store.labels import Labels
from app.store.ports import BlobStore, Entry, RecipeIndex
from app.tracing import NoTracer, Tracer


@dataclass(kw_only=True)
class Studio:
    """What filming needs, and the rule that a recipe is filmed once.

    `lease_s`: how long a dead worker's render waits to be taken over; the living one renews it three times as often.
    `look_every_s`: how often a process looks whether another one's clip is there.
    `max_tries`: how often a submit that was not accepted is followed by another one; `max_waits`: how often a provider
    may put us off.
    `standing_caps`: caps on everything filmed, by the time of asking, such as the day's.
    `checkpoint`: told at each named point of the work where it is.
    `bus`: reach the other nodes when a clip is there, or a provider has called.
    `tracer`: told of every go at a render, with the points of its work.
    `inspector`: looks into delivered clips; without one only what the workshop's probe counts is judged.
    """

    speech: Mapping[str, Speech]
    renderers: Mapping[str, Renderer]
    blobs: BlobStore
    recipes: RecipeIndex
    ledger: Ledger
    media_tools: MediaTools
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    worker_name: str
    scratch: Path
    lease_s: float = 15.0
    look_every_s: float = 0.25
    max_tries: int = 3
    max_waits: int = 30
    standing_caps: Callable[[datetime], Collection[Cap]] = lambda _now: ()
    checkpoint: Callable[[str], None] = lambda _name: None
    inspector: Inspector | None = None
    bus: NodeBus | None = None
    audit: AuditLog = field(default_factory=MemoryAudit)
    tracer: Tracer = field(default_factory=NoTracer)
    _flights: SingleFlight[Entry] = field(default_factory=SingleFlight, init=False, repr=False)
    _listeners: dict[str, list[OnProgress]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Set the pipeline and the crew up."""
        self.notifications = Notifications(self.sleep, self.bus)
        self._pipeline = Pipeline(
            blobs=self.blobs,
            recipes=self.recipes,
            media_tools=self.media_tools,
            speech_cache=SpeechCache(self.blobs, self.recipes, clock=self.clock),
            consents=ConsentCheck(self.audit, self.clock),
            clock=self.clock,
            scratch=self.scratch,
            inspector=self.inspector,
        )
        self._crew = RendererChain(
            context=AttemptContext(
                self._pipeline, self.ledger, self.sleep, self.notifications.wait, self.checkpoint, self.tracer
            ),
            worker_name=self.worker_name,
            lease_s=self.lease_s,
            look_every_s=self.look_every_s,
            max_tries=self.max_tries,
            max_waits=self.max_waits,
        )

    def providers(self, avatar: Avatar) -> AvatarProviders:
        """The avatar's voice and renderers.

        Raises:
            ProviderUnknownError: one of them is not set up here.
        """
        return providers_of(avatar, speech=self.speech, renderers=self.renderers)

    def wanted(self, avatar: Avatar, *, text: str | None, locale: str, labels: Labels) -> WantedClip:
        """The clip these words would be, its key included; nothing is spoken or filmed."""
        return want_clip(avatar, self.providers(avatar), text=text, locale=locale, labels=labels)

    def wanted_again(self, render: Render, avatar: Avatar) -> WantedClip | None:
        """The clip a render was wanted for; None when this avatar would be filmed otherwise by now."""
        told = render.labels
        labels = told.without_text().with_rejected(0)
        wanted = self.wanted(avatar, text=told.text, locale=told.locale or "", labels=labels)
        return wanted if render.recipe_key in wanted.keys else None

    async def stored(self, wanted: WantedClip) -> Entry | None:
        """The clip if it is in the store, by whichever of its renderers."""
        return await self._crew.stored(wanted)

    async def clip(
        self,
        wanted: WantedClip,
        *,
        avatar: Avatar,
        caps: Collection[Cap] = (),
        on_progress: OnProgress | None = None,
    ) -> Entry:
        """The clip: at once if it is stored, else when it is filmed, by this process or another.

        Raises:
            ConsentMissingError, PortraitError, LimitExceededError, ProviderRefusedError: it cannot be filmed like this.
            BudgetExceededError: one of the caps leaves no money for it.
            ClipRejectedError, MediaError: what was delivered is no good; it is kept aside.
            ProviderUnavailableError: not now.
            OutcomeUnknownError: it may have been paid for, and only a person can find out.
            StoreError: the disk refused; StoreFullError: it is full. What is paid is fetched by a later run.
        """
        entry = await self.stored(wanted)
        if entry is not None:
            return entry
        listeners = self._listeners.setdefault(wanted.key, [])
        if on_progress is not None:
            listeners.append(on_progress)
        try:
            return await self._flights.join(wanted.key, lambda: self._film(wanted, avatar, caps))
        finally:
            if on_progress is not None:
                listeners.remove(on_progress)
            if not listeners:
                self._listeners.pop(wanted.key, None)

    def inquiry(self, renderer: Renderer) -> SubmitInquiry:
        """Who asks a renderer what became of a submit."""
        return SubmitInquiry(renderer, self.ledger, self.clock, self.sleep)

    async def reconcile(self) -> int:
        """Close the renders whose clip is stored but whose worker died before saying so; returns how many."""
        return await self._crew.close_stored()

    async def _film(self, wanted: WantedClip, avatar: Avatar, caps: Collection[Cap]) -> Entry:
        try:
            return await self._filmed(wanted, avatar, caps)
        except OSError as error:  # half-finished work lies on a disk too
            raise disk_error(error) from error

    async def _filmed(self, wanted: WantedClip, avatar: Avatar, caps: Collection[Cap]) -> Entry:
        if wanted.parts:
            pieces = [await self.clip(part, avatar=avatar, caps=caps) for part in wanted.parts]
            return await ClipConcat(self._pipeline).join(wanted, avatar, pieces)
        entry = await self._crew.film(
            wanted,
            avatar,
            self.providers(avatar),
            caps=(*caps, *self.standing_caps(self.clock())),
            on_progress=lambda progress: self._tell(wanted.key, progress),
        )
        for key in wanted.keys:
            self.notifications.notify(clip_topic(key))
        return entry

    def _tell(self, key: str, progress: ClipProgress) -> None:
        for listener in self._listeners.get(key, []):
            listener(progress)
