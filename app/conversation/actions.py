"""Actions of a session: its driver carries them out.

Also the kinds of work that they start, and their deadlines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import ServerMessage
from app.learning.turn_log import AnswerSource, TurnOutcome
from app.matching.turns.previous import Previous


class Work(StrEnum):
    """One piece of work of a turn; a turn has at most one of each under way."""

    DECIDE = "decide"
    ANSWER = "answer"
    HOLDING = "holding"
    EXCUSE = "excuse"
    """The clip that is played instead of an answer: not understood, not known, or broken."""
    RESPOND = "respond"
    FILM = "film"
    SPEECH = "speech"
    """A timer only: the avatar speaks."""
    IDLE = "idle"
    """A timer only: the visitor asks nothing."""
    GREETING = "greeting"
    """The greeting in another language, of no turn."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message if there is a connection; the outbox holds it for a resume in any case."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Decide:
    """Decide which intent a question means; report with `decided` or `failed`."""

    turn: str
    text: str
    locale: str
    previous: Previous


@dataclass(frozen=True, slots=True)
class FindClip:
    """Find an intent's clip; report with `clip_found` or `failed`."""

    turn: str
    work: Work
    intent: str
    locale: str
    variant: int


@dataclass(frozen=True, slots=True)
class Prefetch:
    """Find clips that are likely next; report with `prefetched`."""

    turn: str
    intents: tuple[tuple[str, int], ...]
    """Intent ids and the variant that would be played."""
    locale: str


@dataclass(frozen=True, slots=True)
class Respond:
    """Word an answer; report with `words` for each piece, then `words_ended`, or `failed`.

    `previous` is the question before it, if this one needs it to be understood. `page` is what the responder may know
    of the page.
    """

    turn: str
    text: str
    locale: str
    previous: str | None = None
    page: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestClip:
    """Render a clip of these words; report with `filmed` or `failed`."""

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
    """Write a finished turn to the turn log."""

    turn: str
    question: str
    locale: str
    outcome: TurnOutcome
    intent: str | None
    clip: str | None
    receipt: Mapping[str, Any]
    chosen_for: str | None
    said: str
    answered_by: AnswerSource | None
    document: str | None
    offered: tuple[str, ...]
    topic: str | None
    nearest: str | None
    asked_s: float
    """On the session's clock."""
    latency_s: float
    """From the question to the first frame of an answer."""


@dataclass(frozen=True, slots=True)
class NoteTurn:
    """Add to a recorded turn what its visitor did after it: picked a chip, or stopped the avatar."""

    turn: str
    chosen: str | None = None
    stopped_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class RecordFeedback:
    """Attach a visitor's rating to a recorded turn."""

    turn: str
    score: Literal["up", "down"]
    comment: str | None


@dataclass(frozen=True, slots=True)
class PostToSite:
    """Keep what a visitor sends to the site until the site's webhook has taken it; report with `page.posted`."""

    kind: Literal["form.answered", "handover.requested"]
    ref: str
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection."""

    code: CloseCode


Action = (
    Send
    | Decide
    | FindClip
    | Prefetch
    | Respond
    | RequestClip
    | Arm
    | Drop
    | RecordTurn
    | NoteTurn
    | RecordFeedback
    | PostToSite
    | Close
)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Deadlines of the ladder's steps, in seconds; a step that is late is replaced by the next one."""

    decide_s: float = 5.0
    find_s: float = 3.0
    respond_s: float = 12.0
    """Between one piece of words and the next."""
    film_s: float = 180.0
    """Enough for a queue of several clips on a small computer."""
    speech_slack_s: float = 5.0
    """Time after the clip's length at which its end is assumed, if the player does not report it."""

    def of(self, work: Work) -> float:
        """Return the deadline of a kind of work."""
        special = {Work.DECIDE: self.decide_s, Work.RESPOND: self.respond_s, Work.FILM: self.film_s}
        return special.get(work, self.find_s)
