"""Turn log in SQL with group commit: writes that arrive during a transaction share the next one."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from sqlalchemy import RowMapping, Table, Text, case, cast, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database
from app.adapters.sql.erasing.traces import erased_among, wait_for_writers
from app.adapters.sql.questions.book import forget_questions
from app.adapters.sql.questions.counting import parts_of
from app.adapters.sql.questions.filters import conditions
from app.adapters.sql.questions.segments import forget_segments, unsettle
from app.adapters.sql.questions.stored_columns import columns_of
from app.adapters.sql.retry import insist, unbroken
from app.adapters.sql.tables import TurnRow
from app.conversation.erasing.pseudonym import session_scope
from app.learning.questions.columns import microseconds, moment
from app.learning.questions.identity import question_id
from app.learning.questions.query import Place, QuestionQuery, place_of
from app.learning.turn_log import MISSED, Chosen, Miss, TurnPage, TurnRecord
from app.text import fold

T = TypeVar("T")

MOST = 100
"""Values a transaction: more would hold SQLite's one write lock for longer than a visitor should wait."""


class GroupCommit(Generic[T]):
    """Writer of values in order, in groups as they arrive; a value that comes alone does not wait.

    A disk that takes 5 ms to flush a transaction stores 200 values a second one by one, and thousands in
    groups.
    """

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        """Take `write`, which stores all of its values or none."""
        self._store = write
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def write(self, value: T) -> None:
        """Store the value and return then; raises what `write` raises for it."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((value, stored))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="write in groups")
        await stored

    async def write_all(self, values: Sequence[T]) -> None:
        """Store the values in order and return then; raises what `write` raises for the first that fails."""
        stored = [asyncio.ensure_future(self.write(value)) for value in values]
        for failed in [one for one in await asyncio.gather(*stored, return_exceptions=True) if one is not None]:
            raise failed

    async def settle(self) -> None:
        """Wait until what is queued now is stored, or has failed."""
        if self._worker is not None and not self._worker.done():
            await asyncio.wait({self._worker})

    async def _work(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if await self._attempt(group) and len(group) > 1:
                for one in group:  # one of them is at fault: store the others
                    await self._attempt([one])

    async def _attempt(self, group: list[tuple[T, asyncio.Future[None]]]) -> bool:
        """Try to store a group; return whether it failed. A single value gets the error."""
        try:
            await self._store([value for value, _ in group])
        except Exception as error:  # noqa: BLE001 - passed on to the waiting caller
            if len(group) == 1:
                with suppress(asyncio.InvalidStateError):
                    group[0][1].set_exception(error)
            return True
        for _, stored in group:
            if not stored.done():
                stored.set_result(None)
        return False


_TURNS: Table = TurnRow.__table__  # type: ignore[attr-defined]
_T = _TURNS.c
_MADE = frozenset(("question_key", "question_id"))
_FIELDS = tuple(column.name for column in _TURNS.columns if column.name not in _MADE)


_MISSES = (_T.intent.is_(None), _T.outcome.in_(MISSED), _T.chosen.is_(None))


class SqlTurnLog:
    """Turns in one table, on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._grouped = GroupCommit(self._write)
        self._notes = GroupCommit(self._add_notes)

    @unbroken
    async def record(self, turn: TurnRecord) -> None:
        """Write the turn in place of an earlier one with its id, together with those that end meanwhile.

        A turn of an erased session is dropped.
        """
        await self._grouped.write(turn)

    @unbroken
    async def record_all(self, turns: Sequence[TurnRecord]) -> None:
        """Write the turns in groups, with those that end meanwhile."""
        await self._grouped.write_all(turns)

    async def _write(self, turns: Sequence[TurnRecord]) -> None:
        values = {turn.id: _values(turn) for turn in turns}

        async def replace() -> None:
            async with self._database.writing() as connection:
                scopes = {turn.id: session_scope(turn.session) for turn in turns}
                erased = await erased_among(connection, set(scopes.values()))
                kept = {name: row for name, row in values.items() if scopes[name] not in erased}
                if kept:
                    await connection.execute(delete(_TURNS).where(_T.id.in_(kept)))
                    await connection.execute(insert(_TURNS), list(kept.values()))
                    await unsettle(connection, [turn.asked_at for turn in turns])

        await insist(replace)

    @unbroken
    async def get(self, turn_id: str) -> TurnRecord | None:
        """Read one row."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(_TURNS).where(_T.id == turn_id))).mappings().one_or_none()
        return None if row is None else _turn(row)

    @unbroken
    async def feedback(self, turn_id: str, *, session: str, score: Literal["up", "down"], comment: str | None) -> bool:
        """Update the row if it is the session's."""
        rated = update(_TURNS).where(_T.id == turn_id, _T.session == session).values(score=score, comment=comment)
        async with self._database.writing() as connection:
            known = (await connection.execute(rated)).rowcount == 1
            if known:
                await _unsettled(connection, [turn_id])
            return known

    @unbroken
    async def note(
        self, turn_id: str, *, session: str, chosen: str | None = None, stopped_after_s: float | None = None
    ) -> None:
        """Update the row if it is the session's, together with those noted meanwhile."""
        values = {"chosen": chosen, "stopped_after_s": stopped_after_s}
        given = {name: value for name, value in values.items() if value is not None}
        await self._notes.write((turn_id, session, given))

    async def _add_notes(self, notes: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
        async with self._database.writing() as connection:
            for turn_id, session, given in notes:
                noted = update(_TURNS).where(_T.id == turn_id, _T.session == session)
                await connection.execute(noted.values(**given))
            await _unsettled(connection, [turn_id for turn_id, _, _ in notes])

    @unbroken
    async def erase(self, session: str) -> int:
        """Delete the session's turns, queued ones too, and what is known of questions that nobody else asked."""
        await self._grouped.settle()
        await self._notes.settle()
        async with self._database.writing() as connection:
            await wait_for_writers(connection)
            mine = select(_T.question_id, _T.asked_at).where(_T.session == session)
            turns = (await connection.execute(mine)).all()
            await connection.execute(delete(_TURNS).where(_T.session == session))
            await unsettle(connection, [turn.asked_at for turn in turns])
            await forget_questions(connection, list({turn.question_id for turn in turns if turn.question_id}))
            return len(turns)

    @unbroken
    async def questions(self, query: QuestionQuery) -> TurnPage:
        """Read a page of rows: by one index, or by the times that the columns find."""
        place = place_of(query)
        found = select(_TURNS).where(*conditions(query)).order_by(_T.asked_at.desc(), _T.id.desc())
        if place:
            found = found.where(tuple_(_T.asked_at, _T.id) < tuple_(place.at, place.id))
        times = await self._times(query, place) if _needs_columns(query) else None
        turns: list[TurnRecord] = []
        async with self._database.reading() as connection:
            if times is None:
                turns = [_turn(row) for row in (await connection.execute(found.limit(query.limit + 1))).mappings()]
            for some in parts_of(times or (), max(MOST, query.limit + 1)):
                some_of_them = found.where(_T.asked_at.in_(some)).limit(query.limit + 1 - len(turns))
                turns += [_turn(row) for row in (await connection.execute(some_of_them)).mappings()]
                if len(turns) > query.limit:
                    break
        items = tuple(turns[: query.limit])
        more = len(turns) > query.limit
        return TurnPage(items, Place("newest", items[-1].asked_at, items[-1].id).cursor() if more else None)

    async def _times(self, query: QuestionQuery, place: Place | None) -> Iterator[datetime]:
        """Return the times of the turns that may fit, newest first."""
        snapshot = await columns_of(self._database).read(texts=query.text is not None)
        before = microseconds(place.at) if place else None
        likely = await asyncio.to_thread(lambda: np.unique(snapshot.likely(query, before=before).at))
        return (moment(at) for at in likely[::-1])

    @unbroken
    async def transcript(self, session: str) -> tuple[TurnRecord, ...]:
        """Read the session's rows."""
        visit = select(_TURNS).where(_T.session == session).order_by(_T.asked_at, _T.id)
        async with self._database.reading() as connection:
            return tuple(_turn(row) for row in (await connection.execute(visit)).mappings())

    @unbroken
    async def misses(self, *, limit: int, offset: int = 0) -> tuple[Miss, ...]:
        """Group the questions that no intent answered; a group shows the question as it was asked last."""
        counted = (
            select(
                _T.locale,
                _T.question_key,
                func.count().label("asked"),
                func.max(_T.asked_at).label("last"),
                func.sum(case((_T.outcome == "generated", 1), else_=0)).label("quoted"),
                func.sum(case((_T.outcome == "clarify", 1), else_=0)).label("chips"),
            )
            .where(*_MISSES)
            .group_by(_T.locale, _T.question_key)
            .subquery()
        )
        c = counted.c
        newest = (
            select(_T.question)
            .where(*_MISSES, _T.locale == c.locale, _T.question_key == c.question_key, _T.asked_at == c.last)
            .order_by(_T.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        page = select(counted, newest.label("question")).order_by(c.asked.desc(), c.last.desc(), newest)
        async with self._database.reading() as connection:
            rows = (await connection.execute(page.limit(limit).offset(offset))).mappings()
            return tuple(
                Miss(row["question"], row["locale"], row["asked"], row["last"], row["quoted"], row["chips"])
                for row in rows
            )

    @unbroken
    async def chosen(self, *, limit: int) -> tuple[Chosen, ...]:
        """Count the choices of chips by intent and question."""
        counted = select(
            _T.intent,
            _T.chosen_for,
            _T.locale,
            func.count().label("times"),
            func.max(_T.asked_at).label("last"),
        ).where(_T.chosen_for.is_not(None), _T.intent.is_not(None))
        grouped = counted.group_by(_T.intent, _T.chosen_for, _T.locale).subquery()
        c = grouped.c
        page = select(grouped).order_by(c.times.desc(), c.last.desc(), c.chosen_for).limit(limit)
        async with self._database.reading() as connection:
            rows = (await connection.execute(page)).mappings()
            return tuple(Chosen(r["intent"], r["chosen_for"], r["locale"], r["times"], r["last"]) for r in rows)

    @unbroken
    async def asked(self) -> Mapping[tuple[str, str], int]:
        """Count the turns of each intent and locale."""
        snapshot = await columns_of(self._database).read()
        return await asyncio.to_thread(snapshot.by_intent)

    @unbroken
    async def newest(self, *, limit: int) -> tuple[TurnRecord, ...]:
        """Read the newest rows; the receipts of many take longer to read than the event loop may stand still."""
        plain = (column for column in _TURNS.columns if column.name != "receipt")
        unread = select(*plain, cast(_T.receipt, Text).label("receipt"))
        page = unread.order_by(_T.asked_at.desc(), _T.id.desc()).limit(limit)
        async with self._database.reading() as connection:
            rows = (await connection.execute(page)).mappings().all()
        return await asyncio.to_thread(_turns_unread, rows)

    @unbroken
    async def forget(self, *, before: datetime) -> int:
        """Delete turns asked before this time, and questions that nobody asked since; return the turns' number."""
        async with self._database.writing() as connection:
            gone = int((await connection.execute(delete(_TURNS).where(_T.asked_at < before))).rowcount)
            if gone:
                await forget_segments(connection, before)
                await forget_questions(connection)
            return gone


async def _unsettled(connection: AsyncConnection, turns: Sequence[str]) -> None:
    """Have the columns of these turns read again."""
    asked_at = await connection.execute(select(_T.asked_at).where(_T.id.in_(turns)))
    await unsettle(connection, asked_at.scalars().all())


def _needs_columns(query: QuestionQuery) -> bool:
    """Return whether no index leads to the turns: for words, some outcomes, and more than one filter."""
    filters = (query.topic, query.intent, query.rating, query.locale, query.release)
    return query.text is not None or bool(query.outcomes) or sum(one is not None for one in filters) > 1


def _values(turn: TurnRecord) -> dict[str, Any]:
    values = {name: getattr(turn, name) for name in _FIELDS}
    made = {"question_key": fold(turn.question), "question_id": question_id(turn.locale, turn.question)}
    return values | {"receipt": dict(turn.receipt), "offered": list(turn.offered)} | made


def _turns_unread(rows: Sequence[RowMapping]) -> tuple[TurnRecord, ...]:
    """Return turns whose receipts are still text."""
    return tuple(_turn({**row, "receipt": json.loads(row["receipt"])}) for row in rows)


def _turn(row: RowMapping | Mapping[str, Any]) -> TurnRecord:
    values = {name: value for name, value in row.items() if name not in _MADE}
    return TurnRecord(**values | {"said": row["said"] or "", "offered": tuple(row["offered"] or ())})
