"""Turn log: the port, its values, and a log that stores nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from app.learning.questions.query import QuestionOutcome, QuestionQuery

TurnOutcome = Literal["answered", "clarify", "generated", "missed", "blocked", "failed", "cancelled"]

AnswerSource = Literal["intent", "choice", "document", "model", "reply"]
"""What answered a turn: an intent that was found, one that was picked by its chip, a quoted document, a chat model,
or words of the conversation's own such as "You're welcome"."""

_UNWORDED: Mapping[AnswerSource, QuestionOutcome] = {"choice": "choice", "reply": "reply"}

MISSED: tuple[TurnOutcome, ...] = ("missed", "generated", "clarify")
"""Outcomes of a turn that no intent answered, where it names no intent and no chip of it was chosen.

What failed is not among them: that is this machine's miss, not the catalog's.
"""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One question and its outcome; `receipt` is the decision's receipt as JSON."""

    id: str
    session: str
    asked_at: datetime
    question: str
    locale: str
    outcome: TurnOutcome
    intent: str | None
    clip: str | None
    receipt: Mapping[str, Any]
    latency_ms: float
    score: Literal["up", "down"] | None = None
    comment: str | None = None
    chosen_for: str | None = None
    """The question that was answered with chips, if this turn is the choice of one of them."""
    said: str = ""
    """Words that were played or said last."""
    answered_by: AnswerSource | None = None
    """What answered; None if nothing did, and for turns that an older version stored."""
    document: str | None = None
    """Title of the document that was quoted."""
    offered: tuple[str, ...] = ()
    """Intents whose chips stood beside the answer, or instead of it."""
    chosen: str | None = None
    """Intent whose chip the visitor picked from them."""
    stopped_after_s: float | None = None
    """Seconds that the avatar spoke until the visitor stopped her or went on; None if she was heard to the end."""
    release: str | None = None
    topic: str | None = None
    """Topic of the intent, or else of the nearest one if it is near enough to be a chip."""
    nearest: str | None = None
    """Intent nearest to a question that none answered."""

    @property
    def result(self) -> QuestionOutcome:
        """Outcome of the question, with answers told apart by what gave them."""
        return result_of(self.outcome, self.answered_by, self.chosen)


def result_of(outcome: TurnOutcome, answered_by: AnswerSource | None, chosen: str | None) -> QuestionOutcome:
    """Return the outcome of a question from the outcome of its turn, from what answered and which chip was chosen."""
    match outcome:
        case "answered":
            return _UNWORDED.get(answered_by or "intent", "answered")
        case "generated":
            return "model" if answered_by == "model" else "document"
        case "clarify":
            return "chosen" if chosen else "chips"
        case other:
            return other


@dataclass(frozen=True, slots=True)
class Miss:
    """Question that no intent answered: its count and the last time; equal questions count together."""

    question: str
    locale: str
    count: int
    last_asked_at: datetime
    quoted: int = 0
    """How often a document or a model answered it all the same."""
    chips: int = 0
    """How often it came to chips of which none was chosen."""


@dataclass(frozen=True, slots=True)
class TurnPage:
    """Page of turns; `cursor` leads to the next one, None on the last."""

    items: tuple[TurnRecord, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Question whose visitors picked this intent's chip: the best phrase that its author can get."""

    intent: str
    question: str
    locale: str
    count: int
    last_asked_at: datetime


class TurnLog(Protocol):
    """Log of turns, stored for as long as configured."""

    async def record(self, turn: TurnRecord) -> None:
        """Write a finished turn; writing the same id again replaces it. A turn of an erased session is dropped."""
        ...

    async def record_all(self, turns: Sequence[TurnRecord]) -> None:
        """Write finished turns as `record` does, together; one that cannot be stored does not keep the others back."""
        ...

    async def get(self, turn_id: str) -> TurnRecord | None:
        """Return the turn, or None."""
        ...

    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Attach a visitor's rating; False if this session has no such turn."""
        ...

    async def note(
        self, turn_id: str, *, session: str, chosen: str | None = None, stopped_after_s: float | None = None
    ) -> None:
        """Add to a turn of this session what happened after it ended; None leaves a field as it is."""
        ...

    async def erase(self, session: str) -> int:
        """Delete all turns of a session; return how many."""
        ...

    async def forget(self, *, before: datetime) -> int:
        """Delete turns asked before this time; return how many."""
        ...

    async def misses(self, *, limit: int, offset: int = 0) -> tuple[Miss, ...]:
        """Return the questions that no intent answered, most asked first."""
        ...

    async def chosen(self, *, limit: int) -> tuple[Chosen, ...]:
        """Return the questions that a chip of an intent answered, most often chosen first."""
        ...

    async def asked(self) -> Mapping[tuple[str, str], int]:
        """Return the number of turns of each intent and locale, of all turns that are stored."""
        ...

    async def questions(self, query: QuestionQuery) -> TurnPage:
        """Return the turns that fit, newest first; without outcomes in the query, all of them.

        Raises:
            QueryInvalidError: the cursor is not one of this list.
        """
        ...

    async def transcript(self, session: str) -> tuple[TurnRecord, ...]:
        """Return the turns of one visit, oldest first."""
        ...

    async def newest(self, *, limit: int) -> tuple[TurnRecord, ...]:
        """Return the newest turns, newest first."""
        ...


class ForgetfulTurnLog:
    """The `TurnLog` port of a site with `GREENROOM_KEEP_TURNS_DAYS=0`; what `kept` holds from before can be erased."""

    def __init__(self, kept: TurnLog | None = None) -> None:
        """`kept` is the log that stored turns while they were kept."""
        self._kept = kept

    async def record(self, turn: TurnRecord) -> None:
        """Store nothing."""

    async def record_all(self, turns: Sequence[TurnRecord]) -> None:
        """Store nothing."""

    async def get(self, turn_id: str) -> TurnRecord | None:
        """Return None."""
        del turn_id
        return None

    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Return True, so that a rating is no error for the visitor; nothing is stored."""
        del turn_id, session, score, comment
        return True

    async def note(
        self, turn_id: str, *, session: str, chosen: str | None = None, stopped_after_s: float | None = None
    ) -> None:
        """Store nothing."""

    async def questions(self, query: QuestionQuery) -> TurnPage:
        """Return no turns: nothing is stored."""
        del query
        return TurnPage((), None)

    async def transcript(self, session: str) -> tuple[TurnRecord, ...]:
        """Return no turns: nothing is stored."""
        del session
        return ()

    async def erase(self, session: str) -> int:
        """Erase what is left of a session from before."""
        return await self._kept.erase(session) if self._kept else 0

    async def forget(self, *, before: datetime) -> int:
        """Delete what is left from before."""
        return await self._kept.forget(before=before) if self._kept else 0

    async def misses(self, *, limit: int, offset: int = 0) -> tuple[Miss, ...]:
        """Return no questions: nothing is stored."""
        del limit, offset
        return ()

    async def chosen(self, *, limit: int) -> tuple[Chosen, ...]:
        """Return no questions: nothing is stored."""
        del limit
        return ()

    async def asked(self) -> Mapping[tuple[str, str], int]:
        """Return no counts: nothing is stored."""
        return {}

    async def newest(self, *, limit: int) -> tuple[TurnRecord, ...]:
        """Return no turns: nothing is stored."""
        del limit
        return ()
