"""Ports of a conversation: decider, clips, responder, clip requester, clock, metrics."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, Self

from app.conversation.erasing.eraser import EraseFilms, Eraser, nothing_filmed
from app.conversation.erasing.traces import MemoryTraces, SessionTraces
from app.conversation.page.deliveries import Deliveries, NoDeliveries
from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import ServerMessage
from app.conversation.rate_limits import GenerationCaps
from app.conversation.session_store import MemorySessions, SessionStore
from app.learning.turn_log import TurnLog, TurnOutcome
from app.matching.decision import Decision
from app.matching.turns.previous import Previous
from app.rendering.media.face_box import FaceBox
from app.tracing import NoTracer, Tracer


@dataclass(frozen=True, slots=True)
class PlayableCaption:
    """One caption and its times, in seconds from the start of its clip."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class PlayableRendition:
    """Rendition of a clip: the same in another size."""

    url: str
    width: int
    height: int
    size_bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class PlayableClip:
    """A stored clip as a visitor gets it: addresses are absolute or start with `/`."""

    url: str
    media_type: str
    duration_s: float
    poster: str | None
    digest: str
    captions: tuple[PlayableCaption, ...]
    text: str
    """The words that are spoken; empty for an idle loop."""
    size_bytes: int = 0
    alternatives: tuple[PlayableRendition, ...] = ()
    face: FaceBox | None = None


class Decider(Protocol):
    """Matching: decides which intent a question means."""

    async def decide(self, text: str, *, locale: str | None = None, previous: Previous | str | None = None) -> Decision:
        """Decide one question; `previous` is the turn before it in the same session, or the question of it."""
        ...


class Clips(Protocol):
    """The clips of the served release."""

    async def for_intent(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """Return the clip of a variant (modulo the number of variants), or of the next one; None if there is none."""
        ...

    def at_hand(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """Return the clip if it is known without waiting; None: ask `for_intent`."""
        ...

    async def is_stored(self, intent_id: str, *, locale: str, variant: int) -> bool:
        """Return whether this very variant is rendered, for those who count and do not play."""
        ...

    async def if_stored(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """Return the clip of this very variant; None if it is not stored, or was not a moment ago. It is not missed."""
        ...


class Quotation(str):
    """Piece of an answer that quotes a document; a piece that is a plain string is a model's."""

    __slots__ = ("document",)

    document: str
    """Title of the document."""

    def __new__(cls, text: str, document: str) -> Self:
        """Name the document."""
        piece = super().__new__(cls, text)
        piece.document = document
        return piece


class NamedIntent(str):
    """Piece that is no words: id of an intent that does what the visitor wants, with a function of the page."""

    __slots__ = ()


class Responder(Protocol):
    """Responder: words the answer to a question that no intent answers."""

    def respond(
        self,
        question: str,
        *,
        locale: str,
        previous: str | None = None,
        session: str | None = None,
        page: Mapping[str, str] | None = None,
    ) -> AsyncIterator[str]:
        """Yield the pieces of an answer as they come; no piece at all means "I do not know".

        A piece of a document is a `Quotation`; a `NamedIntent` stands alone, and that intent is answered instead.
        `page` has what the page tells, of the values that the catalog lets the responder know.

        `previous` is the question before it, if this one needs it to be understood. What it costs counts against
        the session's budget.

        Raises:
            BudgetExceededError: there is no money for a new answer.
            ContentBlockedError: moderation blocked the question or the answer.
            GenerationCappedError: no new answers are left for this session, address or day.
        """
        ...


class ClipRequester(Protocol):
    """Requester of new clips, rendered now."""

    async def film(self, text: str, *, locale: str, session: str | None = None, trace: str = "") -> PlayableClip:
        """Render these words with the served avatar; the same words asked twice at once are rendered once.

        `trace` is the parent span. The cost counts against the session's budget.

        Raises:
            RenderingError: it cannot be rendered; nothing is half stored.
        """
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Services that a conversation uses."""

    decider: Decider
    clips: Clips
    responder: Responder
    film: ClipRequester
    turn_log: TurnLog
    sessions: SessionStore = field(default_factory=MemorySessions)
    allowance: GenerationCaps = field(default_factory=GenerationCaps)
    tracer: Tracer = field(default_factory=NoTracer)
    deliveries: Deliveries = field(default_factory=NoDeliveries)
    forget: Callable[[str], None] = lambda _: None
    """Drop from this process whatever a session that is erased has caused here."""
    traces: SessionTraces = field(default_factory=MemoryTraces)
    erase_films: EraseFilms = nothing_filmed

    @property
    def eraser(self) -> Eraser:
        """Eraser of sessions."""
        return Eraser(
            turns=self.turn_log,
            traces=self.traces,
            tally=self.allowance.tally,
            erase_films=self.erase_films,
            deliveries=self.deliveries,
        )


class Clock(Protocol):
    """Clock of a conversation."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        ...


class Connection(Protocol):
    """Connection to the visitor; both methods return at once and may be called after it broke."""

    def send(self, message: ServerMessage) -> None:
        """Queue a message."""
        ...

    def close(self, code: CloseCode) -> None:
        """Close the connection after the queued messages."""
        ...


Step = Literal["match", "film"]


class Meter(Protocol):
    """Metrics of conversations, for operators."""

    def session_opened(self) -> None:
        """Count a session that was opened."""
        ...

    def session_closed(self) -> None:
        """Count a session that is over."""
        ...

    def turn_done(self, outcome: TurnOutcome, *, after_s: float) -> None:
        """Count a finished turn; it was answered, or given up, `after_s` the question."""
        ...

    def took(self, step: Step, seconds: float) -> None:
        """Count a finished step, matching or rendering, and its duration."""
        ...
