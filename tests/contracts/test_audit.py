"""One suite for every audit log."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.adapters.sql.audit import SqlAudit
from app.audit import START, Act, MemoryAudit

NOON = datetime(2026, 11, 26, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request, opened):
    return await opened(request.param)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def log(request, opened):
    if request.param == "memory":
        return MemoryAudit()
    return SqlAudit(await opened(request.param))


def an_act(action="money.spent", subject="r1", *, minute=0, **details: str | int):
    return Act(NOON + timedelta(minutes=minute), "ada@desk", action, subject, details or {"amount": "0.30"})


async def run(database, *statements: str):
    async with database.writing() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def unlocked(database):
    """What somebody with the rights of the owner would do first."""
    names = ("audit_no_UPDATE", "audit_no_DELETE")
    if database.is_sqlite:
        await run(database, *(f"DROP TRIGGER {name}" for name in names))
    else:
        await run(database, "ALTER TABLE audit DISABLE TRIGGER ALL")


async def test_an_empty_log_is_whole(log):
    found = await log.verify()

    assert (found.rows, found.head, found.bad) == (0, START, None)
    assert await log.list() == ()


async def test_a_row_comes_back_as_it_was_and_hangs_on_the_one_before(log):
    await log.append(an_act(amount="0.30", step=2, note="Ümlaut ☺"))
    await log.append(an_act(subject="r2", minute=1))

    second, first = await log.list()
    assert first.act == an_act(amount="0.30", step=2, note="Ümlaut ☺")
    assert (first.number, first.previous) == (1, START)
    assert (second.number, second.previous) == (2, first.digest)
    found = await log.verify()
    assert (found.rows, found.head, found.bad) == (2, second.digest, None)


async def test_what_is_kept_once_is_kept_once(log):
    for minute in range(3):
        await log.append(an_act("consent.used", "mira", minute=minute, record="a"), once=True)
    await log.append(an_act("consent.used", "mira", record="b"), once=True)

    assert [row.act.details["record"] for row in await log.list()] == ["b", "a"]


async def test_the_list_is_chosen_by_action_noun_time_and_page(log):
    for minute, action in enumerate(("money.spent", "money.reserved", "release.used", "moneybox.opened")):
        await log.append(an_act(action, minute=minute))

    async def actions(**chosen: Any):
        return [row.act.action for row in await log.list(**chosen)]

    assert await actions(actions=["money"]) == ["money.reserved", "money.spent"]
    assert await actions(actions=["money.spent", "release"]) == ["release.used", "money.spent"]
    assert await actions(since=NOON + timedelta(minutes=2)) == ["moneybox.opened", "release.used"]
    assert await actions(limit=1, offset=1) == ["release.used"]


async def test_the_newest_row_of_each_subject_is_told_in_the_order_they_came(log):
    rows = (
        ("a", "consent.withdrawn"),
        ("b", "consent.withdrawn"),
        ("a", "consent.restored"),
        ("c", "consents.of_others"),
    )
    for minute, (subject, action) in enumerate(rows):
        await log.append(an_act(action, subject, minute=minute))

    async def newest(*actions: str):
        return [(row.act.subject, row.act.action) for row in await log.newest(actions=actions)]

    assert await newest("consent") == [("a", "consent.restored"), ("b", "consent.withdrawn")]
    assert await newest("consent.withdrawn") == [("a", "consent.withdrawn"), ("b", "consent.withdrawn")]
    assert await newest() == []


async def test_many_at_once_make_one_chain(log):
    await asyncio.gather(*(log.append(an_act(subject=f"r{number}")) for number in range(20)))

    found = await log.verify()
    assert (found.rows, found.bad) == (20, None)
    assert {row.act.subject for row in await log.list()} == {f"r{number}" for number in range(20)}


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'bob'", "DELETE FROM audit"])
async def test_the_database_refuses_to_change_a_row(database, change):
    await SqlAudit(database).append(an_act())

    with pytest.raises(DBAPIError, match="never changed nor deleted"):
        await run(database, change)

    assert (await SqlAudit(database).verify()).rows == 1


async def test_postgresql_does_not_empty_the_table_either(database):
    if database.is_sqlite:
        return  # SQLite has no TRUNCATE
    await SqlAudit(database).append(an_act())

    with pytest.raises(DBAPIError, match="never changed nor deleted"):
        await run(database, "TRUNCATE audit")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE audit SET actor = 'bob' WHERE number = 2", "content"),
        ('UPDATE audit SET details = \'{"amount": "0.03"}\' WHERE number = 2', "content"),
        ("UPDATE audit SET at = '2026-11-26 11:00:00+00:00' WHERE number = 2", "content"),
        ("DELETE FROM audit WHERE number = 2", "missing"),
        ("UPDATE audit SET previous = digest WHERE number = 2", "follow"),
    ],
)
async def test_a_row_that_was_changed_all_the_same_is_named(database, change, reason):
    log = SqlAudit(database)
    for number in range(3):
        await log.append(an_act(subject=f"r{number}", minute=number))
    await unlocked(database)
    await run(database, change.replace("+00:00", "") if database.is_sqlite else change)

    found = await log.verify()

    assert (found.rows, found.bad) == (1, 2)
    assert reason in found.reason
