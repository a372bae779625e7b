"""What a conversation needs from the world: decisions, clips, words, film."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from app.conversation.rate_limits import GenerationCaps
from app.conversation.session_store import MemorySessions, SessionStore
from app.learning.turn_log import TurnLog, TurnOutcome
from app.matching.decision import Decision
from app.tracing import NoTracer, Tracer


@dataclass(frozen=True, slots=True)
class PlayableCaption:
    """One caption and when it shows, in seconds."""

    start_s: float
    end_s: float
    text: str


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


class Decider(Protocol):
    """Which intent a question means."""

    async def decide(self, text: str, *, locale: str | None = None, previous: str | None = None) -> Decision:
        """Decide one question; `previous` is the question before it in the same session."""
        ...


class Clips(Protocol):
    """The clips of the served release."""

    async def for_intent(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """The clip of an intent's variant (counted modulo the variants it has), or None if it is not filmed yet."""
        ...


class Responder(Protocol):
    """Words for a question that no intent answers."""

    def respond(self, question: str, *, locale: str, previous: str | None = None) -> AsyncIterator[str]:
        """Pieces of an answer as they come; no piece at all means an honest "I do not know".

        `previous` is given where the question says too little without the one before it.

        Raises:
            ContentBlockedError: moderation does not let it through.
            GenerationCappedError: as much was generated as may be.
        """
        ...


class ClipRequester(Protocol):
    """New clips, made now."""

    async def film(self, text: str, *, locale: str, session: str | None = None, trace: str = "") -> PlayableClip:
        """Film these words with the served avatar; the same words asked twice at once are filmed once.

        `trace` is the span that wants it.

        What it costs counts against the session's budget.

        Raises:
            RenderingError: it cannot be filmed; nothing is half stored.
        """
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everybody a conversation calls on."""

    decider: Decider
    clips: Clips
    responder: Responder
    film: ClipRequester
    turn_log: TurnLog
    sessions: SessionStore = field(default_factory=MemorySessions)
    allowance: GenerationCaps = field(default_factory=GenerationCaps)
    tracer: Tracer = field(default_factory=NoTracer)


class Clock(Protocol):
    """Time, as it is given to a conversation."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def now(self) -> datetime:
        """The time of day, in UTC."""
        ...


Step = Literal["match", "film"]


class Meter(Protocol):
    """Figures about conversations, for operators."""

    def session_opened(self) -> None:
        """A visitor came."""
        ...

    def session_closed(self) -> None:
        """A visitor's session is over."""
        ...

    def turn_done(self, outcome: TurnOutcome, *, after_s: float) -> None:
        """A question came to its end; `after_s` it was answered, or given up."""
        ...

    def took(self, step: Step, seconds: float) -> None:
        """A step was carried out: matching, or filming."""
        ...
