"""Turn log in memory: the port's twin for tests and examples, and for what needs no database."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from app.learning.questions.query import Place, QuestionQuery, place_of
from app.learning.turn_log import MISSED, Chosen, Miss, TurnPage, TurnRecord
from app.text import fold


@dataclass
class MemoryTurnLog:
    """Turn log in a dictionary."""

    turns: dict[str, TurnRecord] = field(default_factory=dict)
    is_erased: Callable[[str], bool] = lambda _session: False
    """Asked before a turn of a session is stored."""

    async def record(self, turn: TurnRecord) -> None:
        """Store the turn, unless its session is erased."""
        if not self.is_erased(turn.session):
            self.turns[turn.id] = turn

    async def record_all(self, turns: Sequence[TurnRecord]) -> None:
        """Store one after the other."""
        for turn in turns:
            await self.record(turn)

    async def get(self, turn_id: str) -> TurnRecord | None:
        """Look the turn up."""
        return self.turns.get(turn_id)

    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Change the turn if it is the session's."""
        turn = self.turns.get(turn_id)
        if turn is None or turn.session != session:
            return False
        self.turns[turn_id] = replace(turn, score=score, comment=comment)
        return True

    async def note(
        self, turn_id: str, *, session: str, chosen: str | None = None, stopped_after_s: float | None = None
    ) -> None:
        """Change the turn if it is the session's."""
        turn = self.turns.get(turn_id)
        if turn is not None and turn.session == session:
            self.turns[turn_id] = replace(
                turn,
                chosen=turn.chosen if chosen is None else chosen,
                stopped_after_s=turn.stopped_after_s if stopped_after_s is None else stopped_after_s,
            )

    async def questions(self, query: QuestionQuery) -> TurnPage:
        """Filter and sort all turns."""
        place = place_of(query)
        found = [turn for turn in await self.newest(limit=len(self.turns)) if fits(turn, query)]
        if place:
            found = [turn for turn in found if (turn.asked_at, turn.id) < (place.at, place.id)]
        page, more = tuple(found[: query.limit]), len(found) > query.limit
        return TurnPage(page, Place("newest", page[-1].asked_at, page[-1].id).cursor() if more else None)

    async def transcript(self, session: str) -> tuple[TurnRecord, ...]:
        """Sort the session's turns."""
        mine = (turn for turn in self.turns.values() if turn.session == session)
        return tuple(sorted(mine, key=lambda turn: (turn.asked_at, turn.id)))

    async def erase(self, session: str) -> int:
        """Delete the session's turns."""
        gone = [turn.id for turn in self.turns.values() if turn.session == session]
        for turn_id in gone:
            del self.turns[turn_id]
        return len(gone)

    async def misses(self, *, limit: int, offset: int = 0) -> tuple[Miss, ...]:
        """Group the questions that no intent answered."""
        groups: dict[tuple[str, str], list[TurnRecord]] = {}
        for turn in sorted(self.turns.values(), key=lambda turn: (turn.asked_at, turn.id)):
            if turn.intent is None and turn.outcome in MISSED and turn.chosen is None:
                groups.setdefault((turn.locale, fold(turn.question)), []).append(turn)
        found = [
            Miss(
                turns[-1].question,
                locale,
                len(turns),
                turns[-1].asked_at,
                quoted=sum(turn.outcome == "generated" for turn in turns),
                chips=sum(turn.outcome == "clarify" for turn in turns),
            )
            for (locale, _), turns in groups.items()
        ]
        ordered = sorted(found, key=lambda miss: (-miss.count, -miss.last_asked_at.timestamp(), miss.question))
        return tuple(ordered[offset : offset + limit])

    async def chosen(self, *, limit: int) -> tuple[Chosen, ...]:
        """Group the choices of chips."""
        groups: dict[tuple[str, str, str], list[datetime]] = {}
        for turn in self.turns.values():
            if turn.intent and turn.chosen_for:
                groups.setdefault((turn.intent, turn.chosen_for, turn.locale), []).append(turn.asked_at)
        found = [Chosen(*key, len(times), max(times)) for key, times in groups.items()]
        ordered = sorted(found, key=lambda one: (-one.count, -one.last_asked_at.timestamp(), one.question))
        return tuple(ordered[:limit])

    async def asked(self) -> Mapping[tuple[str, str], int]:
        """Count the turns that name an intent."""
        return Counter((turn.intent, turn.locale) for turn in self.turns.values() if turn.intent is not None)

    async def newest(self, *, limit: int) -> tuple[TurnRecord, ...]:
        """Sort all turns."""
        return tuple(sorted(self.turns.values(), key=lambda turn: (turn.asked_at, turn.id), reverse=True)[:limit])

    async def forget(self, *, before: datetime) -> int:
        """Delete turns asked before this time."""
        old = [turn.id for turn in self.turns.values() if turn.asked_at < before]
        for turn_id in old:
            del self.turns[turn_id]
        return len(old)


def fits(turn: TurnRecord, query: QuestionQuery) -> bool:
    """Return whether a turn passes a query's filters, state and page apart."""
    return (
        (query.since is None or turn.asked_at >= query.since)
        and (query.until is None or turn.asked_at < query.until)
        and query.topic in {None, turn.topic}
        and query.intent in {None, turn.intent}
        and (not query.outcomes or turn.result in query.outcomes)
        and query.rating in {None, turn.score}
        and query.locale in {None, turn.locale}
        and query.release in {None, turn.release}
        and (query.text is None or fold(query.text) in fold(turn.question))
    )
