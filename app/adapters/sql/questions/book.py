"""Question book in SQL: groups, their members and states."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database, one_at_a_time
from app.adapters.sql.questions.counting import (
    AT_ONCE,
    QUESTIONS,
    STATES,
    described,
    marks_of,
    parts_of,
    regrouped,
)
from app.adapters.sql.questions.filters import TURNS, WORDED
from app.adapters.sql.questions.stored_columns import columns_of
from app.adapters.sql.retry import unbroken
from app.learning.questions.columns import NONE, Mask, moment
from app.learning.questions.counts import (
    GroupCounts,
    GroupOrder,
    asked_questions,
    ordered,
    outcomes_of,
    told,
    wordings,
)
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
from app.learning.questions.query import ASKED, QuestionQuery, place_of

_LOCK = 0x67726E71
"""Key of PostgreSQL's advisory lock that lets one node at a time group or mark questions; any constant."""

_T, _Q, _S = TURNS.c, QUESTIONS.c, STATES.c


class SqlQuestionBook:
    """Groups that all processes of a site share."""

    def __init__(self, database: Database) -> None:
        self._database, self._columns = database, columns_of(database)

    @unbroken
    async def groups(self, query: QuestionQuery, *, visitors: int) -> GroupPage:
        """Count the turns of each group that fit, then read what the page shows."""
        place = place_of(query, of="group")
        snapshot = await self._columns.read(texts=query.text is not None)
        grouping = snapshot.grouping
        async with self._database.reading() as connection:
            marks = await marks_of(connection)
            places = {group: grouping.place_of_group(group) for group in marks}

            def work() -> tuple[GroupOrder, list[GroupCounts]]:
                wanted = query if query.outcomes else replace(query, outcomes=ASKED)
                counted = snapshot.grouped(wanted)
                allowed = _in_state(query, {places[group]: mark for group, mark in marks.items()}, len(grouping.groups))
                page = ordered(
                    counted, visitors=visitors, order=query.order, limit=query.limit, after=place, allowed=allowed
                )
                since = {places[group]: mark.at for group, mark in marks.items()}
                return page, list(told(counted, page.shown, snapshot.names, since))

            page, counts = await asyncio.to_thread(work)
            items = await described(connection, counts, marks)
        return GroupPage(items, page.last.cursor() if page.last else None, page.hidden, snapshot.grouped_at)

    @unbroken
    async def group(self, question: str) -> QuestionGroup | None:
        """Count all turns of the group."""
        snapshot = await self._columns.read()
        async with self._database.reading() as connection:
            group = await _group_of(connection, question)
            place = snapshot.grouping.place_of_group(group) if group else NONE
            if group is None or place == NONE:
                return None
            marks = await marks_of(connection, group)
            since = {place: marks[group].at} if group in marks else {}

            def work() -> list[GroupCounts]:
                return list(told(snapshot.grouped(QuestionQuery(), place), [place], snapshot.names, since))

            counts = await asyncio.to_thread(work)
            items = await described(connection, counts, marks)
        return items[0] if items else None

    @unbroken
    async def members(self, question: str, *, limit: int = 200) -> tuple[GroupMember, ...]:
        """Count the turns of each wording."""
        snapshot = await self._columns.read()
        async with self._database.reading() as connection:
            group = await _group_of(connection, question)
            place = snapshot.grouping.place_of_group(group) if group else NONE
            if place == NONE:
                return ()
            found = await asyncio.to_thread(lambda: wordings(snapshot.grouped(QuestionQuery(), place), place, limit))
            words: dict[str, str] = {}
            for some in parts_of(one for one, _ in found):
                read = await connection.execute(select(_Q.id, _Q.question).where(_Q.id.in_(some)))
                words |= {row.id: row.question for row in read}
        return tuple(
            GroupMember(
                one,
                words[one],
                len(turns),
                len(np.unique(turns.session)),
                moment(turns.at.max()),
                outcomes_of(turns.result),
            )
            for one, turns in found
            if one in words
        )

    @unbroken
    async def totals(self, query: QuestionQuery) -> Totals:
        """Count the turns that fit."""
        snapshot = await self._columns.read(texts=query.text is not None)
        turns = await asyncio.to_thread(snapshot.counted, query)
        return Totals(len(np.unique(turns.session)), outcomes_of(turns.result))

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
        await self._columns.check()
        snapshot = await self._columns.read()
        found = await asyncio.to_thread(lambda: asked_questions(snapshot.counted(QuestionQuery())))
        async with self._database.reading() as connection:
            stored = await connection.execute(select(_Q.id, _Q.asked, _Q.locale, _Q.question))
            words = {row.id: (row.locale, row.question) for row in stored if found.get(row.id, (0,))[0] == row.asked}
            words |= await _new_words(connection, [one for one in found if one not in words])
        return tuple(AskedQuestion(one, *words[one], *counts) for one, counts in found.items() if one in words)

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
                await regrouped(connection)  # first, as an erasure does: in another order the two would deadlock
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
    await regrouped(connection)
    if questions is None:
        await connection.execute(delete(QUESTIONS).where(~asked))
        return
    for some in parts_of(list(questions)):
        await connection.execute(delete(QUESTIONS).where(_Q.id.in_(some), ~asked))
        still = select(_T.id).where(_T.question_id == _S.question_id).exists()
        await connection.execute(delete(STATES).where(_S.question_id.in_(some), ~still))


async def _new_words(connection: AsyncConnection, questions: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Read the locale and the masked words of questions from their turns."""
    found: dict[str, tuple[str, str]] = {}
    words = select(_T.question_id, _T.locale, func.min(_T.question).label("text")).group_by(_T.question_id, _T.locale)
    for some in parts_of(questions):
        rows = (await connection.execute(words.where(_T.question_id.in_(some), WORDED))).all()
        found |= await asyncio.to_thread(_masked, rows)
    return found


def _masked(rows: Sequence[Any]) -> dict[str, tuple[str, str]]:
    """Mask the words of questions; blocking."""
    return {question: (locale, mask(text)) for question, locale, text in rows}


async def _group_of(connection: AsyncConnection, question: str) -> str | None:
    found: str | None = await connection.scalar(select(_Q.group_id).where(_Q.id == question))
    return found


def _in_state(query: QuestionQuery, marks: Mapping[int, StateMark], groups: int) -> Mask:
    """Return which groups have the state that a query asks for."""
    if query.state is None:
        return np.ones(groups, dtype=bool)
    states = np.full(groups, query.state == "open", dtype=bool)
    for place, mark in marks.items():
        if place != NONE:
            states[place] = mark.state == query.state
    return states


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
