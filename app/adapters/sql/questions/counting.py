"""Counting of groups: what a page shows of them, read from the turns."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Select, Table, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.question_tables import AskedQuestionRow, QuestionStateRow
from app.adapters.sql.questions.filters import RESULT, TURNS
from app.learning.questions.groups import EXAMPLES, QuestionGroup, StateMark, held

QUESTIONS: Table = AskedQuestionRow.__table__  # type: ignore[attr-defined]
STATES: Table = QuestionStateRow.__table__  # type: ignore[attr-defined]
_T, _Q, _S = TURNS.c, QUESTIONS.c, STATES.c

AT_ONCE = 500
"""Rows a transaction: more would hold SQLite's one write lock for longer than a visitor should wait."""

T = TypeVar("T")

COUNTS = (
    func.count().label("asked"),
    func.count(_T.session.distinct()).label("visitors"),
    func.min(_T.asked_at).label("first_at"),
    func.max(_T.asked_at).label("last_at"),
)


def joined(*columns: Any) -> Select[Any]:
    """Select from turns with their questions."""
    return select(*columns).select_from(TURNS.join(QUESTIONS, _Q.id == _T.question_id))


def counted(fits: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Count the turns that fit by group."""
    return joined(_Q.group_id.label("id"), *COUNTS).where(*fits).group_by(_Q.group_id)


async def marks_of(connection: AsyncConnection, group: str | None = None) -> dict[str, StateMark]:
    """Read the state of each group that has one."""
    marked = select(_Q.group_id, _Q.asked, _S.state, _S.by, _S.at, _S.note).join(STATES, _S.question_id == _Q.id)
    if group is not None:
        marked = marked.where(_Q.group_id == group)
    marks: dict[str, list[tuple[StateMark, int]]] = defaultdict(list)
    for row in await connection.execute(marked):
        marks[row.group_id].append((StateMark(row.state, row.by, row.at, row.note), row.asked))
    found: dict[str, StateMark] = {}
    for some in parts_of(list(marks)):
        totals = select(_Q.group_id, func.sum(_Q.asked).label("asked")).where(_Q.group_id.in_(some))
        for total in await connection.execute(totals.group_by(_Q.group_id)):
            mark = held(total.asked, marks[total.group_id])
            if mark:
                found[total.group_id] = mark
    return found


async def described(
    connection: AsyncConnection,
    rows: Sequence[RowMapping],
    fits: Sequence[ColumnElement[bool]],
    marks: Mapping[str, StateMark],
) -> tuple[QuestionGroup, ...]:
    """Read what a page says about its groups beside their counts."""
    some = [*fits, _Q.group_id.in_([row["id"] for row in rows])]
    wordings: dict[str, list[RowMapping]] = defaultdict(list)
    worded = joined(_Q.group_id, _Q.id, _Q.locale, _Q.question, func.count().label("asked")).where(*some)
    worded = worded.group_by(_Q.group_id, _Q.id, _Q.locale, _Q.question).order_by(func.count().desc(), _Q.id)
    for row in (await connection.execute(worded)).mappings():
        wordings[row["group_id"]].append(row)
    parts: dict[str, list[RowMapping]] = defaultdict(list)
    counts = (func.count().label("asked"), *_RATED)
    told = joined(_Q.group_id, RESULT.label("result"), _T.intent, _T.nearest, *counts).where(*some)
    for row in (await connection.execute(told.group_by(_Q.group_id, RESULT, _T.intent, _T.nearest))).mappings():
        parts[row["group_id"]].append(row)
    return tuple(
        [
            _group(row, wordings[row["id"]], parts[row["id"]], marks.get(row["id"]))
            if row["id"] not in marks
            else replace(
                _group(row, wordings[row["id"]], parts[row["id"]], marks[row["id"]]),
                asked_since=await _since(connection, row["id"], marks[row["id"]], fits),
            )
            for row in rows
            if wordings[row["id"]]  # else another transaction regrouped between the two reads
        ]
    )


_RATED = (
    func.sum(case((_T.score == "up", 1), else_=0)).label("up"),
    func.sum(case((_T.score == "down", 1), else_=0)).label("down"),
)


async def _since(connection: AsyncConnection, group: str, mark: StateMark, fits: Sequence[ColumnElement[bool]]) -> int:
    since = joined(func.count()).where(*fits, _Q.group_id == group, _T.asked_at > mark.at)
    return int(await connection.scalar(since) or 0)


def _group(
    row: RowMapping, wordings: Sequence[RowMapping], parts: Sequence[RowMapping], mark: StateMark | None
) -> QuestionGroup:
    outcomes: Counter[Any] = Counter()
    intents: Counter[str] = Counter()
    nearest: Counter[str] = Counter()
    for part in parts:
        outcomes[part["result"]] += part["asked"]
        if part["intent"]:
            intents[part["intent"]] += part["asked"]
        if part["nearest"]:
            nearest[part["nearest"]] += part["asked"]
    return QuestionGroup(
        id=row["id"],
        locale=wordings[0]["locale"],
        question=wordings[0]["question"],
        examples=tuple(one["question"] for one in wordings[:EXAMPLES]),
        asked=row["asked"],
        visitors=row["visitors"],
        wordings=len(wordings),
        first_at=row["first_at"],
        last_at=row["last_at"],
        outcomes=dict(outcomes.most_common()),
        intents=dict(intents.most_common()),
        nearest=min(nearest, key=lambda one: (-nearest[one], one)) if nearest else None,
        up=sum(part["up"] for part in parts),
        down=sum(part["down"] for part in parts),
        state=mark.state if mark else "open",
        state_by=mark.by if mark else None,
        state_at=mark.at if mark else None,
        note=mark.note if mark else "",
    )


def parts_of(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the values a transaction at a time."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
