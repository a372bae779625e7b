"""Columns of all turns of a site, kept in memory from page to page; only what has changed is read again."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary, proxy

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database
from app.adapters.sql.questions.counting import GROUPING, QUESTIONS, parts_of
from app.adapters.sql.questions.segments import SEGMENTS, declare, facts, fill, mend, miscounted
from app.errors import StateFullError, StateUnavailableError
from app.learning.questions.columns import (
    NONE,
    Codes,
    Mask,
    Names,
    TurnColumns,
    TurnFacts,
    fitting,
    joined,
    packed,
    unpacked,
    worded,
)
from app.learning.questions.counts import GroupedTurns
from app.learning.questions.known_questions import Grouping, QuestionTexts, grouping_of
from app.learning.questions.query import QuestionQuery

_G, _Q = SEGMENTS.c, QUESTIONS.c


@dataclass(frozen=True, slots=True)
class _Segment:
    until: datetime
    version: int
    turns: TurnColumns


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Turns of a moment with the grouping of that moment."""

    parts: tuple[tuple[TurnColumns, Codes], ...]
    """Turns and the places of their questions, oldest first."""
    names: Names
    grouping: Grouping
    grouped_at: datetime | None
    texts: QuestionTexts | None
    """Words of the questions, where the query has words."""

    def grouped(self, query: QuestionQuery, group: int | None = None) -> GroupedTurns:
        """Return the turns in groups, or in one, that a query lets through, those without words left out; blocking."""
        group_of = np.append(self.grouping.group_of, np.int32(NONE))
        found, places = self._taken(
            query, lambda places: group_of[places] == group if group is not None else places != NONE
        )
        return GroupedTurns(found, places, self.grouping)

    def counted(self, query: QuestionQuery) -> TurnColumns:
        """Return all turns that a query lets through, those without words left out; blocking."""
        return self._taken(query, lambda places: np.ones(len(places), dtype=bool))[0]

    def by_intent(self) -> dict[tuple[str, str], int]:
        """Count the turns of each intent that was played, by locale; blocking."""
        counts: Counter[tuple[str, str]] = Counter()
        names = list(self.names.listed)
        for turns, _ in self.parts:
            played = turns.intent != NONE
            pairs = turns.intent[played].astype(np.int64) * len(names) + turns.locale[played]
            for pair, number in zip(*np.unique(pairs, return_counts=True), strict=True):
                intent, locale = divmod(int(pair), len(names))
                counts[names[intent], names[locale]] += int(number)
        return dict(counts)

    def likely(self, query: QuestionQuery, *, before: int | None) -> TurnColumns:
        """Return the turns that may fit a query, up to a time in microseconds; blocking.

        Words are looked for in what is known of the question: where something was masked, the turn itself must tell.
        """
        found = []
        for turns, places in self.parts:
            rows = fitting(turns, query, self.names)
            if before is not None:
                rows &= turns.at <= before
            if query.text is not None and self.texts is not None:
                rows &= self.texts.may_have(query.text)[places]
            found.append(turns.take(rows))
        return joined(found)

    def _taken(self, query: QuestionQuery, known: Callable[[Codes], Mask]) -> tuple[TurnColumns, Codes]:
        turns, places = [], []
        for part, questions in self.parts:
            rows = fitting(part, query, self.names) & worded(part) & known(questions)
            if query.text is not None and self.texts is not None:
                rows &= self.texts.have(query.text)[questions]
            turns.append(part.take(rows))
            places.append(questions[rows])
        return joined(turns), np.concatenate(places)


@dataclass
class StoredColumns:
    """Columns of one database on this node; about 46 bytes a turn."""

    database: Database
    _names: Names = field(default_factory=Names)
    _segments: tuple[_Segment, ...] = ()
    _settled: TurnColumns = field(default_factory=lambda: joined(()))
    _places: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    _version: tuple[Any, ...] = ()
    _grouping: Grouping = field(default_factory=lambda: grouping_of(()))
    _regrouped: bool = False
    _texts: QuestionTexts | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read(self, *, texts: bool = False) -> Snapshot:
        """Return the turns of now; `texts` says that words are looked for."""
        async with self._lock:
            with suppress(StateFullError, StateUnavailableError):  # undeclared turns are read as those of now
                await declare(self.database)
            async with self.database.reading() as connection:
                segments = await self._read_segments(connection)
                tail = await facts(connection, segments[-1].until if segments else None, None)
                grouped_at = await self._read_grouping(connection)
                if texts:
                    await self._read_texts(connection)
            return await asyncio.to_thread(self._snapshot, segments, tail, grouped_at)

    async def check(self) -> None:
        """Count the turns of each segment, and empty those where the number is wrong."""
        await self.read()
        async with self._lock, self.database.reading() as connection:
            told = [(one.until, len(one.turns)) for one in self._segments]
            wrong = await miscounted(connection, told)
        if wrong:
            await mend(self.database, wrong)

    async def _read_segments(self, connection: AsyncConnection) -> tuple[_Segment, ...]:
        listed = select(_G.until, _G.version, _G.turns.is_(None).label("empty")).order_by(_G.until)
        rows = (await connection.execute(listed)).all()
        known = {(one.until, one.version): one for one in self._segments}
        filled = [one.until for one in rows if not one.empty and (one.until, one.version) not in known]
        for some in parts_of(filled, 64):
            stored = select(_G.until, _G.version, _G.turns, _G.names).where(_G.until.in_(some))
            for row in await connection.execute(stored):
                if row.turns is not None:
                    turns = unpacked(row.turns, row.names, self._names)
                    known[row.until, row.version] = _Segment(row.until, row.version, turns)
        found: list[_Segment] = []
        for row in rows:
            since = found[-1].until if found else None
            one = known.get((row.until, row.version))
            found.append(one or await self._filled(connection, since, row.until, row.version))
        return tuple(found)

    async def _filled(
        self, connection: AsyncConnection, since: datetime | None, until: datetime, version: int
    ) -> _Segment:
        """Make a segment of its turns, and store it for the other nodes and the next start."""
        turns, names = await asyncio.to_thread(packed, await facts(connection, since, until))
        with suppress(StateFullError, StateUnavailableError):  # the page can do without
            await fill(self.database, until, version, turns, names)
        return _Segment(until, version, unpacked(turns, names, self._names))

    async def _read_grouping(self, connection: AsyncConnection) -> datetime | None:
        """Read the groups of all questions if they changed; return when they were made."""
        version = await connection.scalar(select(func.max(GROUPING.c.version)))
        grouped_at: datetime | None = await connection.scalar(select(func.max(_Q.grouped_at)))
        if self._version == (version, grouped_at):
            return grouped_at
        rows = [tuple(row) for row in await connection.execute(select(_Q.id, _Q.group_id))]
        self._grouping = await asyncio.to_thread(grouping_of, rows)
        self._version, self._texts, self._regrouped = (version, grouped_at), None, True
        return grouped_at

    async def _read_texts(self, connection: AsyncConnection) -> None:
        if self._texts is None:
            rows = [tuple(row) for row in await connection.execute(select(_Q.id, _Q.question))]
            self._texts = await asyncio.to_thread(QuestionTexts, self._grouping.questions, rows)

    def _snapshot(
        self, segments: tuple[_Segment, ...], tail: Sequence[TurnFacts], grouped_at: datetime | None
    ) -> Snapshot:
        changed = [(one.until, one.version) for one in segments] != [(o.until, o.version) for o in self._segments]
        if changed:
            self._settled = joined([one.turns for one in segments])
            self._segments = tuple(_views(segments, self._settled))
        if changed or self._regrouped:
            self._places, self._regrouped = self._grouping.places(self._settled.question), False
        last = unpacked(*packed(tail), self._names)
        parts = (self._settled, self._places), (last, self._grouping.places(last.question))
        return Snapshot(parts, self._names, self._grouping, grouped_at, self._texts)


def _views(segments: Sequence[_Segment], whole: TurnColumns) -> Sequence[_Segment]:
    """Return the segments as parts of the whole, so that their turns are in memory once."""
    found, start = [], 0
    for one in segments:
        end = start + len(one.turns)
        found.append(_Segment(one.until, one.version, whole.take(slice(start, end))))
        start = end
    return found


_KEPT: WeakKeyDictionary[Database, StoredColumns] = WeakKeyDictionary()


def columns_of(database: Database) -> StoredColumns:
    """Return the columns of a database: one for all who count."""
    found = _KEPT.get(database)
    if found is None:
        found = _KEPT[database] = StoredColumns(proxy(database))
    return found
