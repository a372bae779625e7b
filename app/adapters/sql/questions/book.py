"""Question book in SQL: groups, their members and states."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database, one_at_a_time
from app.adapters.sql.questions.counting import (
    AT_ONCE,
    COUNTS,
    QUESTIONS,
    STATES,
    counted,
    described,
    joined,
    marks_of,
    parts_of,
)
from app.adapters.sql.questions.filters import RESULT, TURNS, WORDED, conditions
from app.adapters.sql.retry import unbroken
from app.learning.questions.groups import (
    AskedQuestion,
    GroupedQuestion,
    GroupMember,
    GroupPage,
    QuestionGroup,
    StateMark,
    Totals,
)
from app.learning.questions.identity import question_id
from app.learning.questions.masking import mask
from app.learning.questions.query import ASKED, Place, QuestionQuery, place_of

_LOCK = 0x67726E71
"""Key of PostgreSQL's advisory lock that lets one node at a time group or mark questions; any constant."""

_T, _Q, _S = TURNS.c, QUESTIONS.c, STATES.c


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
            marks = await marks_of(connection)
            if query.state:
                fits.append(_in_state(query, marks))
            groups = counted(fits).subquery()
            c = groups.c
            hidden = func.sum(case((c.visitors < visitors, 1), else_=0)).over().label("hidden")
            with_hidden = select(groups, hidden).subquery()
            w = with_hidden.c
            page = select(with_hidden).where(w.visitors >= visitors)
            if place:
                page = page.where(_after(place, w))
            order = (w.asked.desc(), w.last_at.desc()) if query.order == "most" else (w.last_at.desc(),)
            page = page.order_by(*order, w.id.desc()).limit(query.limit + 1)
            rows = (await connection.execute(page)).mappings().all()
            shown, more = rows[: query.limit], len(rows) > query.limit
            total = rows[0]["hidden"] if rows else await _hidden(connection, groups, visitors)
            items = await described(connection, shown, fits, marks)
            at = await connection.scalar(select(func.max(_Q.grouped_at)))
        last = shown[-1] if more else None
        cursor = Place(query.order, last["last_at"], last["id"], last["asked"]).cursor() if last else None
        return GroupPage(items, cursor, int(total or 0), at)

    @unbroken
    async def group(self, question: str) -> QuestionGroup | None:
        """Count all turns of the group."""
        async with self._database.reading() as connection:
            group = await _group_of(connection, question)
            if group is None:
                return None
            fits = [WORDED, _Q.group_id == group]
            rows = (await connection.execute(counted(fits))).mappings().all()
            items = await described(connection, rows, fits, await marks_of(connection, group))
        return items[0] if items else None

    @unbroken
    async def members(self, question: str, *, limit: int = 200) -> tuple[GroupMember, ...]:
        """Count the turns of each wording."""
        async with self._database.reading() as connection:
            group = await _group_of(connection, question)
            fits = [WORDED, _Q.group_id == group]
            wordings = joined(_Q.id, _Q.question, *COUNTS).where(*fits).group_by(_Q.id, _Q.question)
            page = wordings.order_by(func.count().desc(), _Q.id).limit(limit)
            rows = (await connection.execute(page)).mappings().all()
            told = joined(_Q.id, RESULT.label("result"), func.count().label("asked"))
            told = told.where(*fits, _Q.id.in_([row["id"] for row in rows])).group_by(_Q.id, RESULT)
            outcomes: dict[str, Counter[Any]] = defaultdict(Counter)
            for row in (await connection.execute(told)).mappings():
                outcomes[row["id"]][row["result"]] = row["asked"]
        return tuple(
            GroupMember(row["id"], row["question"], row["asked"], row["visitors"], row["last_at"], outcomes[row["id"]])
            for row in rows
        )

    @unbroken
    async def totals(self, query: QuestionQuery) -> Totals:
        """Count the turns that fit."""
        fits = [*conditions(query), WORDED]
        async with self._database.reading() as connection:
            visitors = await connection.scalar(select(func.count(_T.session.distinct())).where(*fits))
            told = select(RESULT.label("result"), func.count().label("asked")).where(*fits).group_by(RESULT)
            outcomes = {row["result"]: row["asked"] for row in (await connection.execute(told)).mappings()}
        return Totals(int(visitors or 0), outcomes)

    @unbroken
    async def mark(self, question: str, mark: StateMark) -> bool:
        """Write the state of each member in one transaction."""
        async with self._database.writing() as connection:
            await one_at_a_time(connection, _LOCK)
            group = await _group_of(connection, question)
            members = list((await connection.execute(select(_Q.id).where(_Q.group_id == group))).scalars())
            for some in parts_of(members):
                await connection.execute(delete(STATES).where(_S.question_id.in_(some)))
                await connection.execute(insert(STATES), [{"question_id": one, **asdict(mark)} for one in some])
        return bool(members)

    @unbroken
    async def counted(self) -> tuple[AskedQuestion, ...]:
        """Count the turns of each question; turns that an older version wrote get their question first."""
        await self._identify()
        questions = (
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
            rows = (await connection.execute(questions)).all()
        return await asyncio.to_thread(_masked, rows)

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
        for some in parts_of(changed or list(questions[:1])):
            values = [_row(one, encoder, at) for one in some]
            async with self._database.writing() as connection:
                await one_at_a_time(connection, _LOCK)
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
    for some in parts_of(list(questions)):
        await connection.execute(delete(QUESTIONS).where(_Q.id.in_(some), ~asked))
        still = select(_T.id).where(_T.question_id == _S.question_id).exists()
        await connection.execute(delete(STATES).where(_S.question_id.in_(some), ~still))


def _after(place: Place, columns: Any) -> ColumnElement[bool]:
    """Return the condition that a group comes after a place; the order is downwards in all parts."""
    older = or_(columns.last_at < place.at, and_(columns.last_at == place.at, columns.id < place.id))
    if place.order == "newest":
        return older
    return or_(columns.asked < place.asked, and_(columns.asked == place.asked, older))


async def _hidden(connection: AsyncConnection, counted: Any, visitors: int) -> int:
    found = await connection.scalar(select(func.count()).select_from(counted).where(counted.c.visitors < visitors))
    return int(found or 0)


def _masked(rows: Sequence[Any]) -> tuple[AskedQuestion, ...]:
    """Mask the words of every question; blocking."""
    return tuple(AskedQuestion(one, locale, mask(text), asked, seen) for one, locale, text, asked, seen in rows)


async def _group_of(connection: AsyncConnection, question: str) -> str | None:
    found: str | None = await connection.scalar(select(_Q.group_id).where(_Q.id == question))
    return found


def _in_state(query: QuestionQuery, marks: Mapping[str, StateMark]) -> ColumnElement[bool]:
    if query.state == "open":
        return _Q.group_id.not_in([group for group, mark in marks.items() if mark.state != "open"])
    return _Q.group_id.in_([group for group, mark in marks.items() if mark.state == query.state])


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
