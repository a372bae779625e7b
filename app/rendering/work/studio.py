"""Studio: the entry point to rendering.

It returns a recipe's clip and has it rendered once, whatever the demand.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from app.audit import AuditLog, MemoryAudit
from app.catalog.model import Avatar
from app.errors import ProviderRefusedError
from app.rendering.ledger.calls import PaidCalls
from app.rendering.ledger.calls_memory import MemoryPaidCalls
from app.rendering.ledger.calls_meter import CallMeter
from app.rendering.ledger.port import Cap, Ledger
from app.rendering.ledger.rejections import PER_CLIP_ATTEMPTS
from app.rendering.ledger.states import Render
from app.rendering.media.concat import ClipConcat
from app.rendering.media.consent import ConsentCheck
from app.rendering.media.credentials import CredentialsSigner, NoSigner
from app.rendering.media.hearing.ear import Ear
from app.rendering.media.inspection import Inspector
from app.rendering.media.pipeline import Pipeline
from app.rendering.media.speech_cache import SpeechCache, StoredSpeech
from app.rendering.plan.clips import WantedClip, want_clip
from app.rendering.plan.providers import AvatarProviders, providers_of
from app.rendering.ports import MediaTools, PortraitMaker, Renderer, Speech
from app.rendering.single_flight import SingleFlight
from app.rendering.text_normalisation import AsWritten, TextNormaliser
from app.rendering.work.failover import RendererChain
from app.rendering.work.lost_submit import SubmitInquiry
from app.rendering.work.notifications import NodeBus, Notifications, clip_topic
from app.rendering.work.task import AttemptContext, ClipProgress, OnProgress
from app.store.disk_errors import disk_error
from app.store.labels import Labels
from app.store.ports import BlobStore, Entry, RecipeIndex
from app.tracing import NoTracer, Tracer

LOST_AFTER = timedelta(minutes=15)
"""A paid call takes minutes at most: one that is still under way after this was left by a process that died."""


@dataclass(kw_only=True)
class Studio:
    """Services of rendering, and the rule that a recipe is rendered once, for all callers and processes.

    `lease_s`: time until a dead worker's render may be taken over; a living one renews it in a third of that.
    `look_every_s`: interval of looking for a clip that another process renders.
    `max_tries`: submits for one render; `max_waits`: pauses that a provider may ask for.
    `standing_caps`: caps on all renders at a given time, such as the day's.
    `per_clip_attempts`: paid orders of one clip before a person decides, the first one included.
    `checkpoint`: called at each named point of the work.
    `bus`: notifies the other nodes of stored clips and webhooks.
    `tracer`: gets a span for every attempt, with the points of its work.
    `calls`: the ledger of paid calls that are no films, such as voices.
    `inspector`: inspects delivered clips; without one, only the facts of the probe are judged. `ear`: hears them.
    """

    speech: Mapping[str, Speech]
    renderers: Mapping[str, Renderer]
    blobs: BlobStore
    recipes: RecipeIndex
    ledger: Ledger
    media_tools: MediaTools
    portrait: PortraitMaker
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    worker_name: str
    scratch: Path
    lease_s: float = 15.0
    look_every_s: float = 0.25
    max_tries: int = 3
    max_waits: int = 30
    standing_caps: Callable[[datetime], Collection[Cap]] = lambda _now: ()
    per_clip_attempts: int = PER_CLIP_ATTEMPTS
    checkpoint: Callable[[str], None] = lambda _name: None
    normaliser: TextNormaliser = field(default_factory=AsWritten)
    inspector: Inspector | None = None
    ear: Ear | None = None
    credentials: CredentialsSigner = field(default_factory=NoSigner)
    bus: NodeBus | None = None
    audit: AuditLog = field(default_factory=MemoryAudit)
    calls: PaidCalls = field(default_factory=MemoryPaidCalls)
    tracer: Tracer = field(default_factory=NoTracer)
    _flights: SingleFlight[Entry] = field(default_factory=SingleFlight, init=False, repr=False)
    _listeners: dict[str, list[OnProgress]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Set up the meter, the pipeline and the chain of renderers."""
        self.notifications = Notifications(self.sleep, self.bus)
        self.meter = CallMeter(self.calls, self.clock)
        self._pipeline = Pipeline(
            blobs=self.blobs,
            recipes=self.recipes,
            media_tools=self.media_tools,
            portrait=self.portrait,
            speech_cache=SpeechCache(self.blobs, self.recipes, clock=self.clock, meter=self.meter),
            consents=ConsentCheck(self.audit, self.clock),
            clock=self.clock,
            scratch=self.scratch,
            inspector=self.inspector,
            ear=self.ear,
            credentials=self.credentials,
        )
        self._chain = RendererChain(
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
        """Return the avatar's voice and renderers.

        Raises:
            ProviderUnknownError: one of them is not configured.
        """
        return providers_of(avatar, speech=self.speech, renderers=self.renderers, normaliser=self.normaliser)

    def wanted(self, avatar: Avatar, *, text: str | None, locale: str, labels: Labels) -> WantedClip:
        """Return the clip that these words would be, with its keys; nothing is spoken or rendered."""
        return want_clip(avatar, self.providers(avatar), text=text, locale=locale, labels=labels)

    def wanted_again(self, render: Render, avatar: Avatar) -> WantedClip | None:
        """Return the clip of a render; None if this avatar has another recipe by now."""
        labels = render.labels.without_text().with_rejected(0).without_decision()
        wanted = self.wanted(avatar, text=render.labels.text, locale=render.labels.locale or "", labels=labels)
        return wanted if render.recipe_key in wanted.keys else None

    async def stored(self, wanted: WantedClip) -> Entry | None:
        """Return the stored clip, by any of its renderers; None if there is none."""
        return await self._chain.stored(wanted)

    async def clip(
        self,
        wanted: WantedClip,
        *,
        avatar: Avatar,
        caps: Collection[Cap] = (),
        on_progress: OnProgress | None = None,
    ) -> Entry:
        """Return the clip: at once if it is stored, else when this or another process has rendered it.

        Raises:
            ConsentMissingError, PortraitError, LimitExceededError, ProviderRefusedError: it is refused.
            BudgetExceededError: one of the caps leaves no money for it.
            ClipRejectedError, MediaError: the quality gate refused the delivered clip; it is set aside.
            ProviderUnavailableError: the provider cannot be used now.
            OutcomeUnknownError: it may be paid, and only a person can find out.
            ChargedWithoutClipError: it is, or may be, billed, and there is no clip; a person decides.
            StoreError: the disk failed; StoreFullError: it is full. A later run fetches a paid clip.
        """
        entry = await self.stored(wanted)
        if entry is not None:
            return entry
        listeners = self._listeners.setdefault(wanted.key, [])
        if on_progress is not None:
            listeners.append(on_progress)
        try:
            return await self._flights.join(wanted.key, lambda: self._render(wanted, avatar, caps))
        finally:
            if on_progress is not None:
                listeners.remove(on_progress)
            if not listeners:
                self._listeners.pop(wanted.key, None)

    async def add_small(self, wanted: WantedClip, *, avatar: Avatar) -> bool:
        """Make the small rendition of a stored clip that lacks one, from its own video; True if one was made."""
        entry = await self.stored(wanted)
        maker = self._pipeline.renditions
        return entry is not None and await maker.lacks(entry) and await maker.add(entry, avatar)

    async def hear(self, wanted: WantedClip, *, avatar: Avatar, caps: Collection[Cap] = ()) -> StoredSpeech:
        """Return the speech of a clip without rendering it: at once if it is stored, else from the locale's voice.

        Raises:
            ConsentMissingError, ProviderRefusedError: it is refused.
            BudgetExceededError: one of the caps leaves no money for it.
            ProviderUnavailableError: the voice cannot be used now.
        """
        recipe = wanted.speech
        if recipe is None:
            raise ProviderRefusedError("Expected words to speak, got none.")
        await self._pipeline.consents.check(avatar, locale=recipe.locale, renderer=recipe.provider)
        every, voice = (*caps, *self.standing_caps(self.clock())), self.providers(avatar).voice(recipe.provider)
        return await self._pipeline.speech_cache.sound(recipe, voice, caps=every)

    async def bring(self, render_id: str, video: Path) -> None:
        """Put a video that a person has at hand where a render's delivered video lies.

        Raises:
            StoreError: the disk failed; StoreFullError: it is full. Nothing is left of it.
        """

        async def copy(destination: Path) -> None:
            await asyncio.to_thread(shutil.copyfile, video, destination)

        try:
            await self._pipeline.bring(render_id, copy)
        except OSError as error:
            await self.drop(render_id)
            raise disk_error(error) from error

    async def drop(self, render_id: str) -> None:
        """Delete a video that was brought for a render that is not to be."""
        await self._pipeline.clear(render_id)

    def inquiry(self, renderer: Renderer) -> SubmitInquiry:
        """Return the inquiry that finds out the outcome of a renderer's submits."""
        return SubmitInquiry(renderer, self.ledger, self.clock, self.sleep)

    async def reconcile(self) -> int:
        """Close renders whose clip is stored but whose worker died before it closed them; return how many.

        Calls whose process died are booked.
        """
        now = self.clock()
        await self.calls.lose_older(now - LOST_AFTER, now=now)
        return await self._chain.close_stored()

    async def _render(self, wanted: WantedClip, avatar: Avatar, caps: Collection[Cap]) -> Entry:
        try:
            return await self._rendered(wanted, avatar, caps)
        except OSError as error:  # unfinished work is on a disk, too
            raise disk_error(error) from error

    async def _rendered(self, wanted: WantedClip, avatar: Avatar, caps: Collection[Cap]) -> Entry:
        if wanted.parts:
            pieces = [await self.clip(part, avatar=avatar, caps=caps) for part in wanted.parts]
            return await ClipConcat(self._pipeline).join(wanted, avatar, pieces)
        entry = await self._chain.render(
            wanted,
            avatar,
            self.providers(avatar),
            caps=(*caps, *self.standing_caps(self.clock())),
            on_progress=lambda progress: self._report(wanted.key, progress),
            per_clip=self.per_clip_attempts,
        )
        for key in wanted.keys:
            self.notifications.notify(clip_topic(key))
        return entry

    def _report(self, key: str, progress: ClipProgress) -> None:
        for listener in self._listeners.get(key, []):
            listener(progress)
