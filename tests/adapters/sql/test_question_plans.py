"""Plans of the questions' pages on SQLite: each reads turns by an index, and sorts none but those of one visit."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate
from app.adapters.sql.questions import segments
from app.adapters.sql.questions.book import SqlQuestionBook
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.questions.groups import GroupedQuestion
from app.learning.questions.identity import question_id
from app.learning.questions.query import QuestionQuery
from app.learning.turn_log import TurnRecord

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BY_TIME = {"ix_turns_asked_at"}
FILTERED = {"ix_turns_outcome_asked_at", "ix_turns_locale_asked_at"}
"""Any will do where the times are known: each has them as its second column."""
Q = question_id("en", "where is 3")


class Pages:
    """Every page of the questions area, over one database."""

    def __init__(self, database: Database) -> None:
        self.log, self.book = SqlTurnLog(database), SqlQuestionBook(database)

    def groups(self, **query: Any) -> Awaitable[object]:
        return self.book.groups(QuestionQuery(**query), visitors=1)

    def asked(self, **query: Any) -> Awaitable[object]:
        return self.log.questions(QuestionQuery(**query))


PAGES: dict[str, tuple[Callable[[Pages], Awaitable[object]], set[str]]] = {
    "groups": (lambda pages: pages.groups(order="most"), BY_TIME),
    "groups of a week": (lambda pages: pages.groups(since=NOON, until=NOON + timedelta(days=7)), BY_TIME),
    "groups with words": (lambda pages: pages.groups(text="where"), BY_TIME),
    "groups in a state": (lambda pages: pages.groups(state="open", outcomes=("missed",)), BY_TIME),
    "group": (lambda pages: pages.book.group(Q), BY_TIME),
    "wordings": (lambda pages: pages.book.members(Q), BY_TIME),
    "totals": (lambda pages: pages.book.totals(QuestionQuery(since=NOON)), BY_TIME),
    "newest": (lambda pages: pages.asked(), BY_TIME),
    "words": (lambda pages: pages.asked(text="where"), BY_TIME),
    "outcomes": (lambda pages: pages.asked(outcomes=("missed",), locale="en"), BY_TIME | FILTERED),
    "one intent": (lambda pages: pages.asked(intent="i1"), {"ix_turns_intent_asked_at"}),
    "one topic": (lambda pages: pages.asked(topic="t1"), {"ix_turns_topic_asked_at"}),
    "one locale": (lambda pages: pages.asked(locale="en"), {"ix_turns_locale_asked_at"}),
    "one release": (lambda pages: pages.asked(release="r1"), {"ix_turns_release_asked_at"}),
    "rated": (lambda pages: pages.asked(rating="down"), {"ix_turns_rated"}),
    "transcript": (lambda pages: pages.log.transcript("s1"), {"ix_turns_session"}),
}


@pytest.fixture
async def database(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "SIZE", 10)
    opened = Database(f"sqlite:///{tmp_path}/state.db")
    await migrate(opened)
    pages = Pages(opened)
    for number in range(40):
        await pages.log.record(
            TurnRecord(
                id=f"t{number}",
                session=f"s{number // 4}",
                asked_at=NOON + timedelta(hours=number),
                question=f"where is {number % 5}",
                locale="en",
                outcome="missed",
                intent=None,
                clip=None,
                receipt={},
                latency_ms=1.0,
                topic="t1",
                release="r1",
            )
        )
    asked = await pages.book.counted()
    await pages.book.regroup([GroupedQuestion(one, one.id, b"\x01") for one in asked], encoder="e", at=NOON)
    yield opened
    await opened.close()


async def plans(database, job):
    """The steps of each statement on turns, once the columns are known."""
    await job()
    seen = []

    def noted(*told: Any) -> None:
        seen.append((told[2], told[3]))

    event.listen(database.engine.sync_engine, "before_cursor_execute", noted)
    await job()
    event.remove(database.engine.sync_engine, "before_cursor_execute", noted)
    steps = []
    async with database.reading() as connection:
        for asked, values in seen:
            if asked.startswith("SELECT"):
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values)
                steps += [(row.detail, asked) for row in rows]
    return steps


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_reads_turns_by_an_index(database, name):
    job, indexes = PAGES[name]

    steps = await plans(database, lambda: job(Pages(database)))

    read = [detail for detail, asked in steps if " turns" in detail]
    assert read
    for detail in read:
        assert any(f"INDEX {index}" in detail for index in indexes | BY_TIME), detail
        assert name != "outcomes" or not any(one in detail for one in FILTERED) or "AND asked_at=?" in detail
    assert any(f"INDEX {index}" in detail for detail in read for index in indexes)


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_reads_no_table_from_end_to_end(database, name):
    job, _ = PAGES[name]

    steps = await plans(database, lambda: job(Pages(database)))

    whole = [(detail, asked) for detail, asked in steps if detail.startswith("SCAN") and "INDEX" not in detail]
    assert [
        one for one in whole if not one[0].startswith(("SCAN question_", "SCAN turn_segments", "SCAN CONSTANT"))
    ] == []


async def test_old_turns_are_not_read_again(database):
    seen = []
    await Pages(database).groups()
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *told: seen.append(told[2:4]))

    await Pages(database).groups()

    (tail,) = [values for asked, values in seen if "turns.nearest" in asked]
    assert tail == ("2026-11-23 18:00:00.000000",)
