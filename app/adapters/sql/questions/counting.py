"""Descriptions of groups: their words and their states, which a page shows beside their counts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.question_tables import AskedQuestionRow, GroupingRow, QuestionStateRow
from app.learning.questions.counts import GroupCounts
from app.learning.questions.groups import EXAMPLES, QuestionGroup, StateMark, held

QUESTIONS: Table = AskedQuestionRow.__table__  # type: ignore[attr-defined]
STATES: Table = QuestionStateRow.__table__  # type: ignore[attr-defined]
GROUPING: Table = GroupingRow.__table__  # type: ignore[attr-defined]
_Q, _S = QUESTIONS.c, STATES.c

AT_ONCE = 500
"""Rows a transaction: more would hold SQLite's one write lock for longer than a visitor should wait."""

T = TypeVar("T")


async def regrouped(connection: AsyncConnection) -> None:
    """Tell all nodes that questions have other groups, in the transaction that changes them."""
    await connection.execute(update(GROUPING).values(version=GROUPING.c.version + 1))


async def marks_of(connection: AsyncConnection, group: str | None = None) -> dict[str, StateMark]:
    """Read the state of each group that has one."""
    stored = select(_S.question_id, _S.state, _S.by, _S.at, _S.note)
    if group is not None:
        stored = stored.where(_S.question_id.in_(select(_Q.id).where(_Q.group_id == group)))
    states = {row.question_id: StateMark(*tuple(row)[1:]) for row in await connection.execute(stored)}
    marks: dict[str, list[tuple[StateMark, int]]] = defaultdict(list)
    for some in parts_of(states):  # not joined: SQLite would read every question, with its vector
        for row in await connection.execute(select(_Q.id, _Q.group_id, _Q.asked).where(_Q.id.in_(some))):
            marks[row.group_id].append((states[row.id], row.asked))
    found: dict[str, StateMark] = {}
    for some in parts_of(list(marks)):
        totals = select(_Q.group_id, func.sum(_Q.asked).label("asked")).where(_Q.group_id.in_(some))
        for total in await connection.execute(totals.group_by(_Q.group_id)):
            mark = held(total.asked, marks[total.group_id])
            if mark:
                found[total.group_id] = mark
    return found


async def described(
    connection: AsyncConnection, counts: Sequence[GroupCounts], marks: Mapping[str, StateMark]
) -> tuple[QuestionGroup, ...]:
    """Read the words of groups; those that another transaction regrouped meanwhile are left out."""
    shown = {one.id: one.wordings[:EXAMPLES] for one in counts}
    words: dict[str, tuple[str, str]] = {}
    for some in parts_of([question for questions in shown.values() for question in questions]):
        for row in await connection.execute(select(_Q.id, _Q.locale, _Q.question).where(_Q.id.in_(some))):
            words[row.id] = (row.locale, row.question)
    known = {group: [words[one] for one in questions if one in words] for group, questions in shown.items()}
    return tuple(_group(one, known[one.id], marks.get(one.id)) for one in counts if known[one.id])


def _group(counts: GroupCounts, words: Sequence[tuple[str, str]], mark: StateMark | None) -> QuestionGroup:
    return QuestionGroup(
        id=counts.id,
        locale=words[0][0],
        question=words[0][1],
        examples=tuple(text for _, text in words),
        asked=counts.asked,
        visitors=counts.visitors,
        wordings=len(counts.wordings),
        first_at=counts.first_at,
        last_at=counts.last_at,
        outcomes=counts.outcomes,
        intents=counts.intents,
        nearest=counts.nearest,
        up=counts.up,
        down=counts.down,
        state=mark.state if mark else "open",
        state_by=mark.by if mark else None,
        state_at=mark.at if mark else None,
        note=mark.note if mark else "",
        asked_since=counts.asked_since,
    )


def parts_of(values: Iterable[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """Yield the values a transaction at a time."""
    left = iter(values)
    while some := list(islice(left, size)):
        yield some
