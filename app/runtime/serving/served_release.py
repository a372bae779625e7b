"""Served release: a catalog with its matcher, responder and clips; and the loader that opens it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from app.adapters.responders.documents import KnowledgeResponder
from app.adapters.sql.erasing.traces import SqlTraces
from app.adapters.sql.sessions import SqlSessions
from app.catalog.model import Catalog
from app.catalog.voice_table import served_locale
from app.conversation.clip_source import StoredClips, StudioClipRequester, VisitorsFirst, clips_by_words
from app.conversation.erasing.eraser import Eraser
from app.conversation.erasing.traces import SessionTraces
from app.conversation.page.deliveries import Deliveries, NoDeliveries
from app.conversation.ports import Responder, Services
from app.conversation.rate_limits import GenerationCaps
from app.conversation.script import DayScripts, ServedRelease
from app.conversation.session_store import SessionStore
from app.digest import Digest
from app.errors import EncoderUnavailableError
from app.learning.turn_log import TurnLog
from app.matching.decision import LEFT_TO_DOCUMENTS, Decision, Verdict
from app.matching.matcher import Matcher
from app.matching.ports import Encoder, SecondLook
from app.matching.turns.previous import Previous
from app.rendering.media.consent import covers
from app.rendering.media.face_box import FaceBoxes
from app.rendering.plan.clips import WantedClip, catalog_clips, in_text_alone
from app.rendering.work.film_erasing import FilmEraser
from app.rendering.work.remote import RemoteStudio
from app.rendering.work.studio import Studio
from app.rendering.work.waiting_line import WaitingLine
from app.runtime.serving.retention import keep_tidy
from app.runtime.serving.stand_ins import StandIns, heard_clips
from app.runtime.settings.site import Settings
from app.runtime.wiring.clip_urls import clips_base
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.erasing import open_deliveries, open_film_eraser
from app.runtime.wiring.locale_encoders import chosen
from app.runtime.wiring.matcher_cache import MatcherParts
from app.runtime.wiring.responders import open_generation_caps, open_responders
from app.runtime.wiring.second_looks import open_second_look
from app.runtime.wiring.site import Site
from app.runtime.wiring.store_and_encoder import Encoders, OpenStore, encoders_for, original_for
from app.runtime.wiring.studio import open_face_boxes, session_limit
from app.runtime.wiring.tuned_encoders import find_tuned
from app.runtime.wiring.turn_log import open_turn_log
from app.text import forget_texts

_PATIENCE_S = 4.0
"""Time a question waits for the matcher at start-up: less than the conversation's deadline for a decision."""


@dataclass
class LoadingDecider:
    """Matcher that may still be loading: questions wait a little, then get an error to try again.

    Where intents come into question and none is sure, the documents go first if they say exactly what is asked.
    """

    documents: KnowledgeResponder | None = None
    matcher: Matcher | None = None
    failure: str = ""
    """Reason why there will never be a matcher."""
    _loaded: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)
    _complete: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)
    _without: Collection[str] = field(default=(), init=False, repr=False)

    def use(self, matcher: Matcher, *, without: Collection[str] = ()) -> None:
        """Decide with this matcher from now on; questions in the locales that it is `without` wait for the next one."""
        self.matcher = matcher
        self._without = without
        self._loaded.set()
        if not without:
            self._complete.set()

    def give_up(self, failure: str) -> None:
        """Fail all questions from now on, those that wait included."""
        self.failure = failure
        self._loaded.set()
        self._complete.set()

    async def decide(self, text: str, *, locale: str | None = None, previous: Previous | str | None = None) -> Decision:
        """Decide a question.

        Raises:
            EncoderUnavailableError: the encoder did not load in time.
        """
        ready = self._complete if self._waits(locale) else self._loaded
        if not ready.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await ready.wait()
        if self.matcher is None or self._waits(locale):
            raise EncoderUnavailableError(
                self.failure or "The sentence encoder is still loading; ask again in a few seconds."
            )
        decision = await self.matcher.decide(text, locale=locale, previous=previous)
        if decision.outcome != "clarify" or self.documents is None:
            return decision
        said = await asyncio.to_thread(self.documents.exact_words, text)
        return _left_to_documents(decision, said) if said else decision

    def _waits(self, locale: str | None) -> bool:
        """Return whether the matcher is without a locale; all locales of one language have one encoder."""
        return served_locale(locale, self._without) is not None


def _left_to_documents(decision: Decision, said: str) -> Decision:
    """Return the decision as a miss: the documents answer instead of chips."""
    verdict = Verdict(guard=LEFT_TO_DOCUMENTS, passed=False, reason=f"the documents say exactly that: “{said}”")
    receipt = decision.receipt.model_copy(update={"guards": (*decision.receipt.guards, verdict)})
    return decision.model_copy(update={"outcome": "miss", "choices": (), "receipt": receipt})


@dataclass(frozen=True, slots=True)
class LoadedRelease:
    """One release with the parts that belong to it alone; `close` closes them."""

    name: str
    catalog: Catalog
    served: ServedRelease
    decider: LoadingDecider
    knowledge: KnowledgeResponder
    encoder: Encoder
    plain: Encoder
    """Encoder of texts that are no questions to the catalog."""
    close: AsyncExitStack
    stand_ins: StandIns
    second_look: SecondLook | None = None


@dataclass(kw_only=True)
class ReleaseLoader:
    """Loader of releases: holds the parts that outlive a release."""

    settings: Settings
    store: OpenStore
    studio: Studio
    clips: Studio | RemoteStudio
    turn_log: TurnLog
    sessions: SessionStore
    allowance: GenerationCaps
    clock: SystemClock
    was_public: Callable[[], Awaitable[Callable[[Digest], bool]]]
    traces: SessionTraces
    films: FilmEraser
    deliveries: Deliveries = field(default_factory=NoDeliveries)
    line: WaitingLine = field(default_factory=WaitingLine)
    """Clips that this node renders ahead of time, if it does."""
    faces: FaceBoxes | None = None
    """Finds the faces of clips that were filmed before faces were looked for."""
    _closing: set[asyncio.Task[None]] = field(default_factory=set, init=False, repr=False)
    _encoders: dict[tuple[str, str, bool, str], Encoders] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def over(cls, site: Site, *, clips: Studio | RemoteStudio, clock: SystemClock) -> Self:
        """Make a loader that stores transcripts, sessions and counts in the site's database."""
        return cls(
            settings=site.settings,
            store=site.store,
            studio=site.studio,
            clips=clips,
            turn_log=open_turn_log(site.settings, site.database),
            sessions=SqlSessions(site.database),
            allowance=open_generation_caps(site.settings, site.database),
            clock=clock,
            was_public=partial(heard_clips, site.database),
            traces=SqlTraces(site.database),
            films=open_film_eraser(site),
            deliveries=open_deliveries(site),
            faces=open_face_boxes(site.settings, site.store),
        )

    async def keep_tidy(self, *, forget_words: Callable[[], None]) -> None:
        """Delete what has expired, now and every ten minutes; `forget_words` empties this process's caches of words."""
        days = self.settings.keep_turns_days
        kept = (self.turn_log, self.sessions, self.eraser)
        await keep_tidy(*kept, clock=self.clock, days=days, forget_words=forget_words)

    @property
    def eraser(self) -> Eraser:
        """Eraser of sessions and of films that nobody asks for any more."""
        return Eraser(
            turns=self.turn_log,
            traces=self.traces,
            tally=self.allowance.tally,
            erase_films=self.films.erase,
            deliveries=self.deliveries,
        )

    async def open(self, catalog: Catalog, name: str) -> LoadedRelease:
        """Open a release without its matcher, which `load` adds; does not block.

        Raises:
            SettingsError, ProviderUnknownError: the catalog names a part that is not set up here.
        """
        encoders = self._encoders_for(catalog)
        providers = self.studio.providers(catalog.avatar)
        wanted = await asyncio.to_thread(catalog_clips, catalog, providers)
        stand_ins = self._stand_ins(catalog, wanted)
        clips = self._stored_clips(catalog, wanted, stand_ins)
        requester = self._requester(catalog, wanted)
        async with AsyncExitStack() as stack:
            words = await stack.enter_async_context(
                open_responders(self.settings, catalog, encoders.plain.recalling, self.studio)
            )
            looking = await stack.enter_async_context(open_second_look(self.settings, catalog, self.studio))
            decider = LoadingDecider(words.knowledge)

            def forget(session: str) -> None:
                words.responder.forget(session)
                encoders.plain.forget()
                forget_texts()

            services = self._services(decider, clips, words.responder, requester, forget)
            scripts = DayScripts(
                catalog, lambda: self.clock.now().date(), stand_ins.pulled, in_text_alone(catalog, providers)
            )
            return LoadedRelease(
                name,
                catalog,
                ServedRelease(scripts, services, name),
                decider,
                words.knowledge,
                encoders.matching,
                encoders.plain,
                stack.pop_all(),
                stand_ins,
                looking,
            )

    def _stored_clips(self, catalog: Catalog, wanted: Sequence[WantedClip], stand_ins: StandIns) -> StoredClips:
        return StoredClips.of(
            wanted,
            self.store.recipes,
            default_locale=catalog.default_locale,
            base_url=clips_base(self.settings),
            missed=self.line.forward,
            looked_up=self.faces.later if self.faces else lambda _entry: None,
            may_show=self._consented(catalog),
            kept=stand_ins.kept,
        )

    def _requester(self, catalog: Catalog, wanted: Sequence[WantedClip]) -> StudioClipRequester:
        return StudioClipRequester(
            VisitorsFirst(self.clips, self.line),
            catalog.avatar,
            clips_base(self.settings),
            session_limit(self.settings, catalog.budget),
            clips_by_words(wanted),
            self._consented(catalog),
            self.traces,
            self.clock.now,
            self.store.recipes,
        )

    def _consented(self, catalog: Catalog) -> Callable[[str], bool]:
        return lambda locale: covers(catalog.avatar, locale=locale, today=self.clock.now().date())

    def _services(
        self,
        decider: LoadingDecider,
        clips: StoredClips,
        responder: Responder,
        requester: StudioClipRequester,
        forget: Callable[[str], None],
    ) -> Services:
        return Services(
            decider,
            clips,
            responder,
            requester,
            self.turn_log,
            self.sessions,
            self.allowance,
            tracer=self.studio.tracer,
            forget=forget,
            deliveries=self.deliveries,
            traces=self.traces,
            erase_films=self.films.erase,
        )

    def _stand_ins(self, catalog: Catalog, wanted: Sequence[WantedClip]) -> StandIns:
        return StandIns(
            catalog=catalog,
            wanted=wanted,
            recipes=self.store.recipes,
            capabilities={name: renderer.capabilities for name, renderer in self.studio.renderers.items()},
            was_public=self.was_public,
            run=self.settings.meanwhile or None,
        )

    async def load(self, loaded: LoadedRelease) -> None:
        """Load the matcher and the documents' vectors; takes seconds, in a thread.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        if not loaded.stand_ins.can_wait:
            await loaded.stand_ins.load()
        task = asyncio.create_task(loaded.stand_ins.watch(self.clock.sleep), name="look for old and new clips")
        loaded.close.callback(task.cancel)
        parts = MatcherParts(
            self.settings, loaded.catalog, loaded.encoder, release=loaded.name, second_look=loaded.second_look
        )
        # The default locale first: at a first start each encoder's thresholds take some ten seconds to fit.
        matcher = await asyncio.to_thread(parts.default)
        loaded.decider.use(matcher, without=parts.later)
        await asyncio.to_thread(loaded.knowledge.warm_up)
        if parts.later:
            loaded.decider.use(await asyncio.to_thread(parts.awake, matcher))

    def close_later(self, loaded: LoadedRelease, *, after_s: float) -> None:
        """Close a release after a time, when the last turn that began on it is over."""
        task = asyncio.create_task(self._close(loaded, after_s), name="close an old release")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def aclose(self) -> None:
        """Close all replaced releases now, and end looking for faces."""
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, *([self.faces.close()] if self.faces else []), return_exceptions=True)

    async def _close(self, loaded: LoadedRelease, after_s: float) -> None:
        try:
            await self.clock.sleep(after_s)
        finally:
            await loaded.close.aclose()

    def _encoders_for(self, catalog: Catalog) -> Encoders:
        """Return the encoders of a catalog; a model is loaded once, however many releases use it."""
        original = original_for(self.settings, catalog).name
        tuned = find_tuned(self.settings, catalog, original)
        default = chosen(self.settings, catalog)[0].kind or ""
        key = original, str(tuned.folder) if tuned else "", catalog.matching.second_encoder, default
        if key not in self._encoders:
            self._encoders[key] = encoders_for(self.settings, catalog)
        return self._encoders[key]
