"""Columns of turns in SQL: whatever is recorded, rated or erased, counts are those of the turns themselves."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app.adapters.sql.engine import Database
from app.adapters.sql.questions import segments
from app.adapters.sql.questions.book import SqlQuestionBook
from app.adapters.sql.questions.filters import TURNS
from app.adapters.sql.questions.segments import SEGMENTS
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.memory_turn_log import MemoryTurnLog
from app.learning.questions.groups import GroupedQuestion, StateMark
from app.learning.questions.memory_book import MemoryQuestionBook
from app.learning.questions.query import QuestionQuery
from app.learning.turn_log import TurnRecord

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KINDS = (("answered", "intent"), ("answered", "choice"), ("generated", "model"), ("clarify", None), ("missed", None))
QUERIES = (
    QuestionQuery(order="most", limit=3),
    QuestionQuery(since=NOON + timedelta(seconds=20), until=NOON + timedelta(seconds=70)),
    QuestionQuery(topic="t1", locale="en", limit=2),
    QuestionQuery(intent="i2"),
    QuestionQuery(outcomes=("missed", "chosen"), order="most"),
    QuestionQuery(rating="down", release="r1"),
    QuestionQuery(text="NUMBER  1"),
    QuestionQuery(text="ann"),
    QuestionQuery(state="done"),
    QuestionQuery(state="open", limit=4),
    QuestionQuery(locale="fr", rating="up"),
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request, opened, monkeypatch):
    monkeypatch.setattr(segments, "SIZE", 7)
    monkeypatch.setattr(segments, "SETTLED", timedelta(seconds=5))
    return await opened(request.param)


def turn(number, chance, **changes: Any):
    outcome, by = chance.choice(KINDS)
    named = " my name is Ann" if number % 9 == 0 else ""
    made = TurnRecord(
        id=f"t{number}",
        session=f"s{number // 3}",
        asked_at=NOON + timedelta(seconds=number),
        question=f"what is number {chance.randrange(12)}{named}",
        locale=chance.choice(("en", "en", "de")),
        outcome=outcome,
        intent=f"i{number % 4}" if outcome == "answered" else None,
        nearest=None if outcome == "answered" else f"i{number % 3}",
        topic=f"t{number % 2}",
        release=f"r{number % 3}",
        answered_by=by,
        clip=None,
        receipt={},
        latency_ms=1.0,
    )
    return replace(made, **changes)


class Both:
    """The same calls to SQL and to memory, which is asked what is right."""

    def __init__(self, database) -> None:
        self.log, self.book = SqlTurnLog(database), SqlQuestionBook(database)
        self.plain = MemoryTurnLog()
        self.right = MemoryQuestionBook(self.plain)

    async def record(self, turns):
        for one in turns:
            await self.log.record(one)
            await self.plain.record(one)

    async def turns(self, call, *arguments: Any, **named: Any):
        await getattr(self.log, call)(*arguments, **named)
        await getattr(self.plain, call)(*arguments, **named)

    async def mark(self, question, mark):
        assert await self.book.mark(question, mark) == await self.right.mark(question, mark)

    async def regroup(self):
        asked = await self.book.counted()
        assert asked == await self.right.counted()
        leaders = {}
        grouped = [
            GroupedQuestion(one, leaders.setdefault((one.locale, len(one.text), one.text[-1:]), one.id), b"\x01")
            for one in asked
        ]
        for book in (self.book, self.right):
            await book.regroup(grouped, encoder="e", at=NOON)

    async def check(self, book=None, log=None):
        """Every page is what memory says, and so is each group."""
        book, log = book or self.book, log or self.log
        for query in QUERIES:
            found, right = [await one.groups(query, visitors=2) for one in (book, self.right)]
            assert (found.items, found.cursor, found.hidden) == (right.items, right.cursor, right.hidden), query
            if right.cursor and query in QUERIES[:3]:
                after = replace(query, cursor=right.cursor)
                assert (await book.groups(after, visitors=2)).items == (
                    await self.right.groups(after, visitors=2)
                ).items
            for one in right.items[:1]:
                assert await book.group(one.id) == await self.right.group(one.id)
                assert await book.members(one.id) == await self.right.members(one.id)
            everything = replace(query, text=None)
            assert await book.totals(everything) == await self.right.totals(everything), query
            single = replace(query, order="newest", state=None)
            page = await log.questions(single)
            assert page == await self.plain.questions(single), query
            if page.cursor:
                after = replace(single, cursor=page.cursor)
                assert await log.questions(after) == await self.plain.questions(after)


async def filled(database):
    async with database.reading() as connection:
        counted = select(func.count(), func.count(SEGMENTS.c.turns))
        return tuple((await connection.execute(counted)).one())


async def test_counts_follow_every_change(database):
    chance, both = random.Random(3), Both(database)
    await both.record([turn(number, chance) for number in range(60)])
    await both.regroup()
    await both.check()
    assert await filled(database) == (7, 7)

    found = (await both.right.groups(QuestionQuery(order="most"), visitors=1)).items
    await both.mark(found[0].id, StateMark("done", "ada", NOON + timedelta(seconds=30)))
    await both.mark(found[2].id, StateMark("in_work", "ben", NOON, "soon"))
    await both.check()

    await both.turns("feedback", "t8", session="s2", score="down", comment=None)
    await both.turns("note", "t20", session="s6", chosen="i1")
    await both.turns("note", "t50", session="nobody's", chosen="i1")
    assert await filled(database) == (7, 5)
    await both.check()
    assert await filled(database) == (7, 7)

    await both.turns("erase", "s4")
    await both.record([turn(30, chance, outcome="missed"), turn(5, chance, id="late"), turn(-9, chance)])
    await both.check()

    await both.record([turn(number, chance) for number in range(60, 90)])
    await both.turns("forget", before=NOON + timedelta(seconds=25))
    await both.check()
    await both.regroup()
    await both.check()


async def test_another_node_sees_what_this_one_changes(database):
    chance, both = random.Random(5), Both(database)
    await both.record([turn(number, chance) for number in range(40)])
    await both.regroup()
    await both.check()
    other = Database(database.url.render_as_string(hide_password=False))
    book, log = SqlQuestionBook(other), SqlTurnLog(other)
    await both.check(book, log)

    await both.turns("feedback", "t8", session="s2", score="down", comment=None)
    await both.turns("erase", "s1")
    await both.record([turn(40, chance)])
    await both.check(book, log)
    await both.regroup()
    await both.check(book, log)
    await other.close()


async def test_what_an_older_version_deletes_is_noticed_at_the_next_grouping(database):
    chance, both = random.Random(7), Both(database)
    await both.record([turn(number, chance) for number in range(40)])
    await both.regroup()
    async with database.writing() as connection:  # as a version does that knows no segments
        await connection.execute(delete(TURNS).where(TURNS.c.session == "s2"))
    await both.plain.erase("s2")

    await both.regroup()
    await both.check()


async def test_many_turns_of_one_moment_are_in_one_segment(database):
    chance, both = random.Random(9), Both(database)
    await both.record([turn(number, chance, asked_at=NOON, session=f"s{number}") for number in range(20)])
    await both.record([turn(number, chance) for number in range(20, 40)])
    await both.regroup()

    found, right = [await book.groups(QUERIES[0], visitors=2) for book in (both.book, both.right)]

    assert found.items == right.items
    assert (await filled(database))[0] == 4
