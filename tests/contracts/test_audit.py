"""One suite for every audit log."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.adapters.sql.audit import SqlAudit
from app.audit import NO_KEYS, START, Act, AuditKeys, Chain, MemoryAudit, chained

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


KEYS = AuditKeys.read("first-key-of-the-site")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def growing(request, opened):
    """Opener of the same log with these keys."""
    if request.param == "memory":
        log = MemoryAudit()

        def of_memory(keys: AuditKeys) -> MemoryAudit:
            log.keys = keys
            return log

        return of_memory
    database = await opened(request.param)

    def of_sql(keys: AuditKeys) -> SqlAudit:
        database.audit_keys = keys
        return SqlAudit(database)

    return of_sql


async def test_rows_with_a_key_are_whole_with_it_alone(growing):
    for minute in range(3):
        await growing(KEYS).append(an_act(subject=f"r{minute}", minute=minute))

    whole, without, other = [
        await growing(keys).verify() for keys in (KEYS, NO_KEYS, AuditKeys.read("another key altogether"))
    ]

    assert (whole.rows, whole.keyed, whole.bad) == (3, 3, None)
    assert (without.bad, "key is not set" in without.reason) == (1, True)
    assert other.bad == 1


async def test_rows_from_before_the_key_stay_what_they_are(growing):
    await growing(NO_KEYS).append(an_act())
    await growing(KEYS).append(an_act(subject="r2", minute=1))

    found = await growing(KEYS).verify()

    assert (found.rows, found.keyed, found.bad) == (2, 1, None)


async def test_a_row_without_a_key_after_one_that_has_it_is_seen(growing):
    await growing(KEYS).append(an_act())
    await growing(NO_KEYS).append(an_act(subject="r2", minute=1))

    found = await growing(KEYS).verify()

    assert (found.bad, found.keyed) == (2, 1)


async def test_a_log_that_was_written_anew_without_the_key_is_seen(growing):
    await growing(NO_KEYS).append(an_act(amount="0.01"))

    found = await growing(KEYS).verify()

    assert (found.bad, found.reason) == (1, "no row has the key: all may have been written anew")


async def test_another_key_takes_over_and_the_old_one_still_verifies(growing):
    both = AuditKeys.read(" second-key , first-key-of-the-site ")
    await growing(KEYS).append(an_act())
    await growing(both).append(an_act(subject="r2", minute=1))

    found = await growing(both).verify()
    old = await growing(KEYS).verify()

    assert (found.keyed, found.bad) == (2, None)
    assert old.bad == 2


async def test_what_follows_a_row_without_a_key_is_checked_and_each_such_row_is_listed(growing):
    for minute, keys in enumerate((NO_KEYS, KEYS, NO_KEYS, KEYS, NO_KEYS, KEYS)):
        await growing(keys).append(an_act(subject=f"r{minute}", minute=minute))

    found = await growing(KEYS).verify()

    assert (found.rows, found.keyed, found.weak, found.bad) == (6, 3, (3, 5), 3)


def test_a_row_that_was_changed_behind_one_without_a_key_is_named():
    first = chained(an_act(), number=1, previous=START, keys=KEYS)
    plain = chained(an_act(subject="r2"), number=2, previous=first.digest)
    third = chained(an_act(subject="r3"), number=3, previous=plain.digest, keys=KEYS)
    chain = Chain(KEYS)

    taken = [chain.take(row) for row in (first, plain, replace(third, act=an_act(subject="r4")))]

    assert taken == [True, True, False]
    assert (chain.ended().bad, chain.ended().weak) == (3, (2,))


async def test_a_replaced_key_forges_nothing_after_the_new_one_has_written(growing):
    both = AuditKeys.read("second-key,first-key-of-the-site")
    for minute, keys in enumerate((KEYS, both, KEYS)):
        await growing(keys).append(an_act(subject=f"r{minute}", minute=minute))

    found = await growing(both).verify()

    assert (found.bad, found.weak, found.keyed) == (3, (3,), 2)


def test_keys_are_not_shown():
    assert "first-key" not in repr(KEYS)


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
