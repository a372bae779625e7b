"""A log of turns in memory, shipped beside its port."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from app.learning.ports import Miss, TurnRecord
from app.learning.questions import MISSED, question_key


class MemoryTurnLog:
    """Turns in a dictionary."""

    def __init__(self) -> None:
        self._turns: dict[str, TurnRecord] = {}

    async def record(self, turn: TurnRecord) -> None:
        """Keep the turn."""
        self._turns[turn.id] = turn

    async def get(self, turn_id: str) -> TurnRecord | None:
        """Look it up."""
        return self._turns.get(turn_id)

    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Change the turn if it is the session's."""
        turn = self._turns.get(turn_id)
        if turn is None or turn.session != session:
            return False
        self._turns[turn_id] = replace(turn, score=score, comment=comment)
        return True

    async def erase(self, session: str) -> int:
        """Drop the session's turns."""
        gone = [turn.id for turn in self._turns.values() if turn.session == session]
        for turn_id in gone:
            del self._turns[turn_id]
        return len(gone)

    async def misses(self, *, limit: int, offset: int = 0) -> tuple[Miss, ...]:
        """Group what no intent answered."""
        groups: dict[tuple[str, str], list[TurnRecord]] = {}
        for turn in sorted(self._turns.values(), key=lambda turn: (turn.asked_at, turn.id)):
            if turn.intent is None and turn.outcome in MISSED:
                groups.setdefault((turn.locale, question_key(turn.question)), []).append(turn)
        found = [
            Miss(turns[-1].question, locale, len(turns), turns[-1].asked_at) for (locale, _), turns in groups.items()
        ]
        ordered = sorted(found, key=lambda miss: (-miss.count, -miss.last_asked_at.timestamp(), miss.question))
        return tuple(ordered[offset : offset + limit])

    async def forget(self, *, before: datetime) -> int:
        """Drop turns asked before this time."""
        old = [turn.id for turn in self._turns.values() if turn.asked_at < before]
        for turn_id in old:
            del self._turns[turn_id]
        return len(old)
