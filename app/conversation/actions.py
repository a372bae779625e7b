"""What a session wants done: the actions its driver carries out, and the names of the work they start."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import ServerMessage
from app.learning.turn_log import TurnOutcome


class Work(StrEnum):
    """One piece of work of a turn; a turn has at most one of each under way."""

    DECIDE = "decide"
    ANSWER = "answer"
    HOLDING = "holding"
    EXCUSE = "excuse"
    """The clip that says what cannot be answered: not understood, not known, or broken."""
    RESPOND = "respond"
    FILM = "film"
    SPEECH = "speech"
    """Not work but waiting: the avatar speaks."""
    IDLE = "idle"
    """Not work but waiting: the visitor says nothing."""


@dataclass(frozen=True, slots=True)
class Send:
    """Give this message to the visitor if there is a line; the session keeps it for a return anyway."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Decide:
    """Find out which intent a question means; answer with `decided` or `failed`."""

    turn: str
    text: str
    locale: str
    previous: str | None


@dataclass(frozen=True, slots=True)
class FindClip:
    """Look for an intent's clip; answer with `clip_found` or `failed`."""

    turn: str
    work: Work
    intent: str
    locale: str
    variant: int


@dataclass(frozen=True, slots=True)
class Prefetch:
    """Look for clips that are likely next; answer with `prefetched`."""

    turn: str
    intents: tuple[tuple[str, int], ...]
    """Intent ids and the variant that would be played."""
    locale: str


@dataclass(frozen=True, slots=True)
class Respond:
    """Find words; answer with `words` for each piece, then `words_ended`, or `failed`.

    `previous` is the question before it, where this one says too little without.
    """

    turn: str
    text: str
    locale: str
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class RequestClip:
    """Make a clip of these words; answer with `filmed` or `failed`."""

    turn: str
    text: str
    locale: str


@dataclass(frozen=True, slots=True)
class Arm:
    """Call `wake` with this turn and work after this time; arming again replaces the timer."""

    turn: str
    work: Work
    after_s: float


@dataclass(frozen=True, slots=True)
class Drop:
    """Cancel one piece of work of a turn, and its timer."""

    turn: str
    work: Work


@dataclass(frozen=True, slots=True)
class RecordTurn:
    """Write a finished turn down."""

    turn: str
    question: str
    locale: str
    outcome: TurnOutcome
    intent: str | None
    clip: str | None
    receipt: Mapping[str, Any]
    asked_s: float
    """On the session's clock."""
    latency_s: float
    """From the question to the first frame of an answer."""


@dataclass(frozen=True, slots=True)
class RecordFeedback:
    """Attach a visitor's rating to a turn that was written down."""

    turn: str
    score: Literal["up", "down"]
    comment: str | None


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection."""

    code: CloseCode


Action = Send | Decide | FindClip | Prefetch | Respond | RequestClip | Arm | Drop | RecordTurn | RecordFeedback | Close


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each step may take before the next one down is taken, in seconds."""

    decide_s: float = 5.0
    find_s: float = 3.0
    respond_s: float = 12.0
    """Between one piece of words and the next."""
    film_s: float = 180.0
    """A queue of several clips on a small machine."""
    speech_slack_s: float = 5.0
    """How much later than the clip's length its end is assumed, when the player does not report it."""

    def of(self, work: Work) -> float:
        """The deadline of a piece of work."""
        special = {Work.DECIDE: self.decide_s, Work.RESPOND: self.respond_s, Work.FILM: self.film_s}
        return special.get(work, self.find_s)
