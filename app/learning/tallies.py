"""Tallies: how many turns a day ended how, for charts; counted without reading a question."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol

from app.learning.turn_log import TurnLog, TurnOutcome

MOST_TURNS = 100_000
"""Turns that the tallies in memory look at."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Count of the turns of one day, in UTC, with the same outcome, intent and rating."""

    outcome: TurnOutcome
    intent: str | None
    score: Literal["up", "down"] | None
    turns: int


class Tallies(Protocol):
    """Tallies of a site."""

    async def of_day(self, day: date) -> tuple[Tally, ...]:
        """Return the tallies of one day, in UTC; empty if nothing was asked."""
        ...


def bounds_of(day: date) -> tuple[datetime, datetime]:
    """Return the first moment of a day in UTC, and that of the next one."""
    first = datetime.combine(day, time(), tzinfo=UTC)
    return first, first + timedelta(days=1)


class TurnTallies:
    """The `Tallies` port over any log of turns, for small ones and for tests."""

    def __init__(self, turns: TurnLog) -> None:
        self._turns = turns

    async def of_day(self, day: date) -> tuple[Tally, ...]:
        """Count the turns of a day."""
        first, after = bounds_of(day)
        turns = await self._turns.newest(limit=MOST_TURNS)
        counted = Counter((one.outcome, one.intent, one.score) for one in turns if first <= one.asked_at < after)
        return tuple(Tally(*key, turns=number) for key, number in counted.items())
