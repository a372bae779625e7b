"""Question book in SQL: groups, their members and states."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database
from app.adapters.sql.questions.filters import RESULT, TURNS, WORDED, conditions
from app.adapters.sql.retry import unbroken
from app.adapters.sql.tables import AskedQuestionRow, QuestionStateRow
from app.learning.questions.groups import (
    EXAMPLES,
    AskedQuestion,
    GroupedQuestion,
    GroupMember,
    GroupPage,
    QuestionGroup,
    StateMark,
    held,
)
from app.learning.questions.identity import question_id
from app.learning.questions.masking import mask
from app.learning.questions.query import ASKED, Place, QuestionQuery, place_of

QUESTIONS: Table = AskedQuestionRow.__table__  # type: ignore[attr-defined]
STATES: Table = QuestionStateRow.__table__  # type: ignore[attr-defined]
_T, _Q, _S = TURNS.c, QUESTIONS.c, STATES.c

AT_ONCE = 500
"""Rows a transaction: more would hold SQLite's one write lock for longer than a visitor should wait."""

T = TypeVar("T")


class SqlQuestionBook:
    """Groups that all processes of a site share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @unbroken
    async def groups(self, query: QuestionQuery, *, visitors: int) -> GroupPage:
        """Count the turns of each group that fit, then read what the page shows."""
        place = place_of(query)
        fits = [*conditions(query if query.outcomes else replace(query, outcomes=ASKED)), WORDED]
        async with self._database.reading() as connection:
            marks = await _marks(connection)
            if query.state:
                fits.append(_in_state(query, marks))
            counted = _counted(fits).subquery()
            c = counted.c
            hidden = func.sum(case((c.visitors < visitors, 1), else_=0)).over().label("hidden")
            with_hidden = select(counted, hidden).subquery()
            w = with_hidden.c
            page = select(with_hidden).where(w.visitors >= visitors)
            if place:
                page = page.where(_after(place, w))
            order = (w.asked.desc(), w.last_at.desc()) if query.order == "most" else (w.last_at.desc(),)
            page = page.order_by(*order, w.id.desc()).limit(query.limit + 1)
            rows = (await connection.execute(page)).mappings().all()
            shown, more = rows[: query.limit], len(rows) > query.limit
            total = rows[0]["hidden"] if rows else await _hidden(connection, counted, visitors)
            items = await _described(connection, shown, fits, marks)
            at = await connection.scalar(select(func.max(_Q.grouped_at)))
        cursor = Place(query.order, items[-1].last_at, items[-1].id, items[-1].asked).cursor() if more else None
        return GroupPage(items, cursor, int(total or 0), at)

    @unbroken
    async def group(self, question: str) -> QuestionGroup | None:
        """Count all turns of the group."""
        async with self._database.reading() as connection:
            group = await _group_of(connection, question)
            if group is None:
                return None
            fits = [WORDED, _Q.group_id == group]
            rows = (await connection.execute(_counted(fits))).mappings().all()
            items = await _described(connection, rows, fits, await _marks(connection, group))
        return items[0] if items else None

    @unbroken
    async def members(self, question: str, *, limit: int = 200) -> tuple[GroupMember, ...]:
        """Count the turns of each wording."""
        async with self._database.reading() as connection:
            group = await _group_of(connection, question)
            fits = [WORDED, _Q.group_id == group]
            counted = _joined(_Q.id, _Q.question, *_COUNTS).where(*fits).group_by(_Q.id, _Q.question)
            page = counted.order_by(func.count().desc(), _Q.id).limit(limit)
            rows = (await connection.execute(page)).mappings().all()
            told = _joined(_Q.id, RESULT.label("result"), func.count().label("asked"))
            told = told.where(*fits, _Q.id.in_([row["id"] for row in rows])).group_by(_Q.id, RESULT)
            outcomes: dict[str, Counter[Any]] = defaultdict(Counter)
            for row in (await connection.execute(told)).mappings():
                outcomes[row["id"]][row["result"]] = row["asked"]
        return tuple(
            GroupMember(row["id"], row["question"], row["asked"], row["visitors"], row["last_at"], outcomes[row["id"]])
            for row in rows
        )

    @unbroken
    async def mark(self, question: str, mark: StateMark) -> bool:
        """Write the state of each member in one transaction."""
        async with self._database.writing() as connection:
            group = await _group_of(connection, question)
            members = list((await connection.execute(select(_Q.id).where(_Q.group_id == group))).scalars())
            for some in _parts(members):
                await connection.execute(delete(STATES).where(_S.question_id.in_(some)))
                await connection.execute(insert(STATES), [{"question_id": one, **asdict(mark)} for one in some])
        return bool(members)

    @unbroken
    async def counted(self) -> tuple[AskedQuestion, ...]:
        """Count the turns of each question; turns that an older version wrote get their question first."""
        await self._identify()
        counted = (
            select(
                _T.question_id,
                _T.locale,
                func.min(_T.question).label("text"),
                func.count().label("asked"),
                func.count(_T.session.distinct()).label("visitors"),
            )
            .where(WORDED, _T.question_id.is_not(None))
            .group_by(_T.question_id, _T.locale)
            .order_by(func.count().desc(), _T.question_id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(counted)).all()
        return tuple(AskedQuestion(one, locale, mask(text), asked, seen) for one, locale, text, asked, seen in rows)

    async def _identify(self) -> None:
        unknown = select(_T.id, _T.locale, _T.question).where(_T.question_id.is_(None)).limit(AT_ONCE)
        while True:
            async with self._database.writing() as connection:
                rows = (await connection.execute(unknown)).all()
                for turn, locale, question in rows:
                    known = update(TURNS).where(_T.id == turn).values(question_id=question_id(locale, question))
                    await connection.execute(known)
            if len(rows) < AT_ONCE:
                return

    @unbroken
    async def vectors(self, encoder: str) -> Mapping[str, bytes]:
        """Read the vectors."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(_Q.id, _Q.vector).where(_Q.encoder == encoder))
            return {row.id: row.vector for row in rows}

    @unbroken
    async def regroup(self, questions: Sequence[GroupedQuestion], *, encoder: str, at: datetime) -> None:
        """Write the questions that changed, some at a time, and delete those that nobody asked."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(_Q.id, _Q.group_id, _Q.asked, _Q.visitors, _Q.encoder))
            before = {row.id: tuple(row)[1:] for row in rows}
        changed = [
            one
            for one in questions
            if before.get(one.asked.id) != (one.group, one.asked.asked, one.asked.visitors, encoder)
        ]
        for some in _parts(changed or list(questions[:1])):
            values = [_row(one, encoder, at) for one in some]
            async with self._database.writing() as connection:
                await connection.execute(delete(QUESTIONS).where(_Q.id.in_([one["id"] for one in values])))
                await connection.execute(insert(QUESTIONS), values)
        async with self._database.writing() as connection:
            await forget_questions(connection)

    @unbroken
    async def grouped_at(self) -> datetime | None:
        """Read the newest time."""
        async with self._database.reading() as connection:
            found: datetime | None = await connection.scalar(select(func.max(_Q.grouped_at)))
            return found


async def forget_questions(connection: AsyncConnection, questions: Sequence[str] | None = None) -> None:
    """Delete the words and vectors of questions that no turn asks any more; of those named, their states as well."""
    asked = select(_T.id).where(_T.question_id == _Q.id).exists()
    if questions is None:
        await connection.execute(delete(QUESTIONS).where(~asked))
        return
    for some in _parts(list(questions)):
        await connection.execute(delete(QUESTIONS).where(_Q.id.in_(some), ~asked))
        still = select(_T.id).where(_T.question_id == _S.question_id).exists()
        await connection.execute(delete(STATES).where(_S.question_id.in_(some), ~still))


_COUNTS = (
    func.count().label("asked"),
    func.count(_T.session.distinct()).label("visitors"),
    func.min(_T.asked_at).label("first_at"),
    func.max(_T.asked_at).label("last_at"),
)


def _joined(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(TURNS.join(QUESTIONS, _Q.id == _T.question_id))


def _counted(fits: Sequence[ColumnElement[bool]]) -> Select[Any]:
    return _joined(_Q.group_id.label("id"), *_COUNTS).where(*fits).group_by(_Q.group_id)


def _after(place: Place, columns: Any) -> ColumnElement[bool]:
    """Return the condition that a group comes after a place; the order is downwards in all parts."""
    older = or_(columns.last_at < place.at, and_(columns.last_at == place.at, columns.id < place.id))
    if place.order == "newest":
        return older
    return or_(columns.asked < place.asked, and_(columns.asked == place.asked, older))


async def _hidden(connection: AsyncConnection, counted: Any, visitors: int) -> int:
    found = await connection.scalar(select(func.count()).select_from(counted).where(counted.c.visitors < visitors))
    return int(found or 0)


async def _group_of(connection: AsyncConnection, question: str) -> str | None:
    found: str | None = await connection.scalar(select(_Q.group_id).where(_Q.id == question))
    return found


async def _marks(connection: AsyncConnection, group: str | None = None) -> dict[str, StateMark]:
    """Read the state of each group that has one."""
    marked = select(_Q.group_id, _Q.asked, _S.state, _S.by, _S.at, _S.note).join(STATES, _S.question_id == _Q.id)
    if group is not None:
        marked = marked.where(_Q.group_id == group)
    marks: dict[str, list[tuple[StateMark, int]]] = defaultdict(list)
    for row in await connection.execute(marked):
        marks[row.group_id].append((StateMark(row.state, row.by, row.at, row.note), row.asked))
    found: dict[str, StateMark] = {}
    for some in _parts(list(marks)):
        totals = select(_Q.group_id, func.sum(_Q.asked).label("asked")).where(_Q.group_id.in_(some))
        for total in await connection.execute(totals.group_by(_Q.group_id)):
            mark = held(total.asked, marks[total.group_id])
            if mark:
                found[total.group_id] = mark
    return found


def _in_state(query: QuestionQuery, marks: Mapping[str, StateMark]) -> ColumnElement[bool]:
    if query.state == "open":
        return _Q.group_id.not_in([group for group, mark in marks.items() if mark.state != "open"])
    return _Q.group_id.in_([group for group, mark in marks.items() if mark.state == query.state])


async def _described(
    connection: AsyncConnection,
    rows: Sequence[RowMapping],
    fits: Sequence[ColumnElement[bool]],
    marks: Mapping[str, StateMark],
) -> tuple[QuestionGroup, ...]:
    """Read what a page says about its groups beside their counts."""
    some = [*fits, _Q.group_id.in_([row["id"] for row in rows])]
    wordings: dict[str, list[RowMapping]] = defaultdict(list)
    worded = _joined(_Q.group_id, _Q.id, _Q.locale, _Q.question, func.count().label("asked")).where(*some)
    worded = worded.group_by(_Q.group_id, _Q.id, _Q.locale, _Q.question).order_by(func.count().desc(), _Q.id)
    for row in (await connection.execute(worded)).mappings():
        wordings[row["group_id"]].append(row)
    parts: dict[str, list[RowMapping]] = defaultdict(list)
    counts = (func.count().label("asked"), *_RATED)
    told = _joined(_Q.group_id, RESULT.label("result"), _T.intent, _T.nearest, *counts).where(*some)
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
        ]
    )


_RATED = (
    func.sum(case((_T.score == "up", 1), else_=0)).label("up"),
    func.sum(case((_T.score == "down", 1), else_=0)).label("down"),
)


async def _since(connection: AsyncConnection, group: str, mark: StateMark, fits: Sequence[ColumnElement[bool]]) -> int:
    since = _joined(func.count()).where(*fits, _Q.group_id == group, _T.asked_at > mark.at)
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


def _row(one: GroupedQuestion, encoder: str, at: datetime) -> dict[str, Any]:
    return {
        "id": one.asked.id,
        "locale": one.asked.locale,
        "question": one.asked.text,
        "group_id": one.group,
        "asked": one.asked.asked,
        "visitors": one.asked.visitors,
        "encoder": encoder,
        "vector": one.vector,
        "grouped_at": at,
    }


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
