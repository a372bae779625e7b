"""Question book in memory, over a turn log in memory."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from app.learning.memory_turn_log import MemoryTurnLog, fits
from app.learning.questions.groups import (
    EXAMPLES,
    AskedQuestion,
    GroupedQuestion,
    GroupMember,
    GroupPage,
    QuestionGroup,
    StateMark,
    Totals,
    held,
)
from app.learning.questions.identity import question_id
from app.learning.questions.masking import mask
from app.learning.questions.query import ASKED, Place, QuestionQuery, place_of
from app.learning.turn_log import TurnRecord


class MemoryQuestionBook:
    """Groups and states in dictionaries."""

    def __init__(self, log: MemoryTurnLog) -> None:
        """Take the log whose questions are grouped."""
        self._log = log
        self._grouped: dict[str, GroupedQuestion] = {}
        self._marks: dict[str, StateMark] = {}
        self._encoder = ""
        self._at: datetime | None = None

    async def groups(self, query: QuestionQuery, *, visitors: int) -> GroupPage:
        """Filter, group and sort all turns."""
        place, key = place_of(query, of="group"), partial(_place, query)
        wanted = query if query.outcomes else replace(query, outcomes=ASKED)
        fitting = (turn for turn in self._log.turns.values() if _worded(turn) and fits(_masked(turn), wanted))
        all_groups = list(self._groups(fitting))
        if query.state:
            all_groups = [one for one in all_groups if one.state == query.state]
        shown = sorted((one for one in all_groups if one.visitors >= visitors), key=key, reverse=True)
        start = None if place is None else (place.asked if query.order == "most" else 0, place.at, place.id)
        after = [one for one in shown if start is None or key(one) < start]
        page, more = tuple(after[: query.limit]), len(after) > query.limit
        cursor = Place(query.order, page[-1].last_at, page[-1].id, page[-1].asked).cursor() if more else None
        return GroupPage(page, cursor, len(all_groups) - len(shown), self._at)

    async def group(self, question: str) -> QuestionGroup | None:
        """Count the turns of the group."""
        ids = self._members(question)
        turns = [turn for turn in self._log.turns.values() if _id(turn) in ids and _worded(turn)]
        return next(self._groups(turns), None)

    async def members(self, question: str, *, limit: int = 200) -> tuple[GroupMember, ...]:
        """Count the turns of each wording."""
        turns: dict[str, list[TurnRecord]] = defaultdict(list)
        for turn in self._log.turns.values():
            if _id(turn) in self._members(question) and _worded(turn):
                turns[_id(turn)].append(turn)
        found = [
            GroupMember(
                one,
                self._grouped[one].asked.text,
                len(some),
                len({turn.session for turn in some}),
                max(turn.asked_at for turn in some),
                Counter(turn.result for turn in some),
            )
            for one, some in turns.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.asked, one.id))[:limit])

    async def totals(self, query: QuestionQuery) -> Totals:
        """Count the turns that fit."""
        turns = [turn for turn in self._log.turns.values() if _worded(turn) and fits(_masked(turn), query)]
        return Totals(len({turn.session for turn in turns}), Counter(turn.result for turn in turns))

    async def mark(self, question: str, mark: StateMark) -> bool:
        """Store the mark of each member."""
        ids = self._members(question)
        self._marks |= dict.fromkeys(ids, mark)
        return bool(ids)

    async def counted(self) -> tuple[AskedQuestion, ...]:
        """Count the turns of each question."""
        turns: dict[str, list[TurnRecord]] = defaultdict(list)
        for turn in self._log.turns.values():
            if _worded(turn):
                turns[_id(turn)].append(turn)
        found = [
            AskedQuestion(
                one,
                some[0].locale,
                mask(min(turn.question for turn in some)),
                len(some),
                len({turn.session for turn in some}),
            )
            for one, some in turns.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.asked, one.id)))

    async def vectors(self, encoder: str) -> Mapping[str, bytes]:
        """Return the vectors of the last grouping."""
        return {one: grouped.vector for one, grouped in self._grouped.items()} if encoder == self._encoder else {}

    async def regroup(self, questions: Sequence[GroupedQuestion], *, encoder: str, at: datetime) -> None:
        """Replace the groups."""
        self._grouped = {one.asked.id: one for one in questions}
        self._encoder, self._at = encoder, at

    async def grouped_at(self) -> datetime | None:
        """Return the time of the last grouping."""
        return self._at

    def _members(self, question: str) -> set[str]:
        found = self._grouped.get(question)
        return {one for one, grouped in self._grouped.items() if found and grouped.group == found.group}

    def _groups(self, turns: Iterable[TurnRecord]) -> Iterator[QuestionGroup]:
        by_group: dict[str, list[TurnRecord]] = defaultdict(list)
        for turn in turns:
            if grouped := self._grouped.get(_id(turn)):
                by_group[grouped.group].append(turn)
        for group, some in by_group.items():
            yield self._counted(group, some)

    def _counted(self, group: str, turns: list[TurnRecord]) -> QuestionGroup:
        asked = Counter(_id(turn) for turn in turns)
        wordings = sorted(asked, key=lambda one: (-asked[one], one))
        everything = [one for one in self._grouped.values() if one.group == group]
        marks = [(self._marks[one.asked.id], one.asked.asked) for one in everything if one.asked.id in self._marks]
        mark = held(sum(one.asked.asked for one in everything), marks)
        nearest = Counter(turn.nearest for turn in turns if turn.nearest)
        return QuestionGroup(
            id=group,
            locale=turns[0].locale,
            question=self._grouped[wordings[0]].asked.text,
            examples=tuple(self._grouped[one].asked.text for one in wordings[:EXAMPLES]),
            asked=len(turns),
            visitors=len({turn.session for turn in turns}),
            wordings=len(asked),
            first_at=min(turn.asked_at for turn in turns),
            last_at=max(turn.asked_at for turn in turns),
            outcomes=Counter(turn.result for turn in turns),
            intents=Counter(turn.intent for turn in turns if turn.intent),
            nearest=min(nearest, key=lambda one: (-nearest[one], one)) if nearest else None,
            up=sum(turn.score == "up" for turn in turns),
            down=sum(turn.score == "down" for turn in turns),
            state=mark.state if mark else "open",
            state_by=mark.by if mark else None,
            state_at=mark.at if mark else None,
            note=mark.note if mark else "",
            asked_since=sum(turn.asked_at > mark.at for turn in turns) if mark else 0,
        )


def _id(turn: TurnRecord) -> str:
    return question_id(turn.locale, turn.question)


def _masked(turn: TurnRecord) -> TurnRecord:
    return replace(turn, question=mask(turn.question))


def _worded(turn: TurnRecord) -> bool:
    return turn.answered_by not in {"choice", "reply"}


def _place(query: QuestionQuery, group: QuestionGroup) -> tuple[int, datetime, str]:
    return group.asked if query.order == "most" else 0, group.last_at, group.id
