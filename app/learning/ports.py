"""What learning needs from the world: the log of turns and the questions nothing answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

TurnOutcome = Literal["answered", "clarify", "generated", "missed", "blocked", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One question and what became of it; `receipt` is the decision's receipt as JSON."""

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


@dataclass(frozen=True, slots=True)
class Miss:
    """A question no intent answered, how often and when last; equal questions are counted together."""

    question: str
    locale: str
    count: int
    last_asked_at: datetime


class TurnLog(Protocol):
    """Turns, kept as long as configured."""

    async def record(self, turn: TurnRecord) -> None:
        """Write a finished turn; writing the same id again replaces it."""
        ...

    async def get(self, turn_id: str) -> TurnRecord | None:
        """The turn, or None."""
        ...

    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Attach a visitor's rating; False when this session has no such turn."""
        ...

    async def erase(self, session: str) -> int:
        """Drop everything that was asked in a session; returns how many turns."""
        ...

    async def forget(self, *, before: datetime) -> int:
        """Drop turns asked before this time; returns how many."""
        ...

    async def misses(self, *, limit: int, offset: int = 0) -> tuple[Miss, ...]:
        """Questions that no intent answered, most asked first."""
        ...
