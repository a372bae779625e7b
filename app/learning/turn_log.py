"""Turn log: the port, its values, a log in memory, and one that stores nothing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from app.text import fold

TurnOutcome = Literal["answered", "clarify", "generated", "missed", "blocked", "failed", "cancelled"]

MISSED = ("missed", "generated", "failed")
"""Outcomes of a turn that no intent answered, where it also names no intent."""


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


@dataclass(frozen=True, slots=True)
class Miss:
    """Question that no intent answered: its count and the last time; equal questions count together."""

    question: str
    locale: str
    count: int
    last_asked_at: datetime


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
        """Write a finished turn; writing the same id again replaces it."""
        ...

    async def get(self, turn_id: str) -> TurnRecord | None:
        """Return the turn, or None."""
        ...

    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Attach a visitor's rating; False if this session has no such turn."""
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

    async def newest(self, *, limit: int) -> tuple[TurnRecord, ...]:
        """Return the newest turns, newest first."""
        ...


class MemoryTurnLog:
    """Turn log in a dictionary."""

    def __init__(self) -> None:
        self._turns: dict[str, TurnRecord] = {}

    async def record(self, turn: TurnRecord) -> None:
        """Store the turn."""
        self._turns[turn.id] = turn

    async def get(self, turn_id: str) -> TurnRecord | None:
        """Look the turn up."""
        return self._turns.get(turn_id)

    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Change the turn if it is the session's."""
        turn = self._turns.get(turn_id)
        if turn is None or turn.session != session:
            return False
        self._turns[turn_id] = replace(turn, score=score, comment=comment)
        return True

    async def erase(self, session: str) -> int:
        """Delete the session's turns."""
        gone = [turn.id for turn in self._turns.values() if turn.session == session]
        for turn_id in gone:
            del self._turns[turn_id]
        return len(gone)

    async def misses(self, *, limit: int, offset: int = 0) -> tuple[Miss, ...]:
        """Group the questions that no intent answered."""
        groups: dict[tuple[str, str], list[TurnRecord]] = {}
        for turn in sorted(self._turns.values(), key=lambda turn: (turn.asked_at, turn.id)):
            if turn.intent is None and turn.outcome in MISSED:
                groups.setdefault((turn.locale, fold(turn.question)), []).append(turn)
        found = [
            Miss(turns[-1].question, locale, len(turns), turns[-1].asked_at) for (locale, _), turns in groups.items()
        ]
        ordered = sorted(found, key=lambda miss: (-miss.count, -miss.last_asked_at.timestamp(), miss.question))
        return tuple(ordered[offset : offset + limit])

    async def chosen(self, *, limit: int) -> tuple[Chosen, ...]:
        """Group the choices of chips."""
        groups: dict[tuple[str, str, str], list[datetime]] = {}
        for turn in self._turns.values():
            if turn.intent and turn.chosen_for:
                groups.setdefault((turn.intent, turn.chosen_for, turn.locale), []).append(turn.asked_at)
        found = [Chosen(*key, len(times), max(times)) for key, times in groups.items()]
        ordered = sorted(found, key=lambda one: (-one.count, -one.last_asked_at.timestamp(), one.question))
        return tuple(ordered[:limit])

    async def asked(self) -> Mapping[tuple[str, str], int]:
        """Count the turns that name an intent."""
        return Counter((turn.intent, turn.locale) for turn in self._turns.values() if turn.intent is not None)

    async def newest(self, *, limit: int) -> tuple[TurnRecord, ...]:
        """Sort all turns."""
        return tuple(sorted(self._turns.values(), key=lambda turn: (turn.asked_at, turn.id), reverse=True)[:limit])

    async def forget(self, *, before: datetime) -> int:
        """Delete turns asked before this time."""
        old = [turn.id for turn in self._turns.values() if turn.asked_at < before]
        for turn_id in old:
            del self._turns[turn_id]
        return len(old)


class ForgetfulTurnLog:
    """The `TurnLog` port of a site with `GREENROOM_KEEP_TURNS_DAYS=0`."""

    async def record(self, turn: TurnRecord) -> None:
        """Store nothing."""

    async def get(self, turn_id: str) -> TurnRecord | None:
        """Return None."""
        del turn_id
        return None

    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Return True, so that a rating is no error for the visitor; nothing is stored."""
        del turn_id, session, score, comment
        return True

    async def erase(self, session: str) -> int:
        """Return 0: nothing is stored."""
        del session
        return 0

    async def forget(self, *, before: datetime) -> int:
        """Return 0: nothing is stored."""
        del before
        return 0

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
