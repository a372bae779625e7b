"""A release as this node plays it: put together whole before the first question meets it."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self

from app.adapters.knowledge import KnowledgeResponder
from app.adapters.sql.engine import Database
from app.adapters.sql.sessions import SqlSessions
from app.catalog.model import Catalog
from app.conversation.allowance import Allowance
from app.conversation.keeping import SessionStore
from app.conversation.ports import Cast
from app.conversation.screening import StoredClips, StudioFilm
from app.conversation.script import DayScripts
from app.conversation.served import Served
from app.learning.ports import TurnLog
from app.matching.ports import Encoder
from app.rendering.elsewhere import Elsewhere
from app.rendering.lines import catalog_clips
from app.rendering.studio import Studio
from app.runtime.clip_addresses import clips_base
from app.runtime.clock import SystemClock
from app.runtime.deciding import LoadingDecider
from app.runtime.fitting import build_matcher
from app.runtime.opening import Encoders, Store, encoders_for, original_for
from app.runtime.settings import Settings
from app.runtime.studio import session_limit
from app.runtime.talking import open_allowance, open_turn_log, open_words
from app.runtime.tuned import find_tuned


@dataclass(frozen=True, slots=True)
class Playing:
    """One release with everything that belongs to it alone; `close` gives it back."""

    name: str
    catalog: Catalog
    served: Served
    decider: LoadingDecider
    knowledge: KnowledgeResponder
    encoder: Encoder
    close: AsyncExitStack


@dataclass(kw_only=True)
class House:
    """What outlives a release."""

    settings: Settings
    store: Store
    studio: Studio
    filming: Studio | Elsewhere
    turn_log: TurnLog
    sessions: SessionStore
    allowance: Allowance
    clock: SystemClock
    _closing: set[asyncio.Task[None]] = field(default_factory=set, init=False, repr=False)
    _encoders: dict[tuple[str, str], Encoders] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def over(
        cls,
        database: Database,
        *,
        settings: Settings,
        store: Store,
        studio: Studio,
        filming: Studio | Elsewhere,
        clock: SystemClock,
    ) -> Self:
        """The house whose transcripts, sessions and counts are in this database."""
        return cls(
            settings=settings,
            store=store,
            studio=studio,
            filming=filming,
            turn_log=open_turn_log(settings, database),
            sessions=SqlSessions(database),
            allowance=open_allowance(settings, database),
            clock=clock,
        )

    async def put_on(self, catalog: Catalog, name: str) -> Playing:
        """Everything but the matcher, which `load` brings; nothing blocks.

        Raises:
            SettingsError, ProviderUnknownError: the catalog names what is not set up here.
        """
        encoders = self._encoders_for(catalog)
        base_url = clips_base(self.settings)
        clips = StoredClips.of(
            catalog_clips(catalog, self.studio.cast(catalog.avatar)),
            self.store.recipes,
            default_locale=catalog.default_locale,
            base_url=base_url,
        )
        film = StudioFilm(self.filming, catalog.avatar, base_url, session_limit(self.settings, catalog.budget))
        async with AsyncExitStack() as stack:
            words = await stack.enter_async_context(open_words(self.settings, catalog, encoders.plain))
            decider = LoadingDecider()
            tracer = self.studio.tracer
            cast = Cast(
                decider, clips, words.responder, film, self.turn_log, self.sessions, self.allowance, tracer=tracer
            )
            served = Served(DayScripts(catalog, lambda: self.clock.now().date()), cast)
            return Playing(name, catalog, served, decider, words.knowledge, encoders.matching, stack.pop_all())

    async def load(self, playing: Playing) -> None:
        """Bring the matcher and the documents' vectors; takes seconds, in a thread.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        matcher = await asyncio.to_thread(
            build_matcher, self.settings, playing.catalog, playing.encoder, release=playing.name
        )
        playing.decider.use(matcher)
        await asyncio.to_thread(playing.knowledge.warm_up)

    def close_later(self, playing: Playing, *, after_s: float) -> None:
        """Give a release back when the last turn that began on it is over."""
        task = asyncio.create_task(self._close(playing, after_s), name="close an old release")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def aclose(self) -> None:
        """Give all old ones back now."""
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _close(self, playing: Playing, after_s: float) -> None:
        try:
            await self.clock.sleep(after_s)
        finally:
            await playing.close.aclose()

    def _encoders_for(self, catalog: Catalog) -> Encoders:
        """The same model is loaded once, whichever releases ask for it."""
        original = original_for(self.settings, catalog).name
        home = find_tuned(self.settings, catalog, original)
        key = original, str(home.folder) if home else ""
        if key not in self._encoders:
            self._encoders[key] = encoders_for(self.settings, catalog)
        return self._encoders[key]
