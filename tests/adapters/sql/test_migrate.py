import asyncio
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import IntegrityError, StatementError

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.ledger_queries import totals_in
from app.adapters.sql.migrate import alembic_config, lay_out, migrate, schema_of
from app.adapters.sql.release_tables import METADATA
from app.adapters.sql.tables import TurnRow
from app.errors import SettingsError

_OLD_ROW = """
    INSERT INTO renders (id, recipe_key, provider, model, state, fence, attempts, request_id, reserved_micros,
        spent_micros, currency, scopes, retryable, labels, created_at, updated_at)
    VALUES (:id, :key, :provider, 'm', 'ready', 1, 1, :request_id, 0, 0, 'USD', '[]', FALSE, '{}',
        '2026-11-22 12:00:00.000000', '2026-11-22 12:00:00.000000')
"""

_OLD_RECORD = """
    INSERT INTO render_records (render_id, at, event, state, provider, day, intent, currency, reserved_micros,
        spent_micros)
    VALUES (:id, '2026-11-22 12:00:00.000000', 'Fail', 'failed', 'fal', '2026-11-22', 'x', 'USD', 0, :spent)
"""

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path}/deep/state.db")
    await migrate(opened)
    yield opened
    await opened.close()


async def tables(database):
    async with database.reading() as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_what_nobody_keeps_has_the_very_schema_that_migrations_make(tmp_path):
    laid, migrated = (Database(f"sqlite:///{tmp_path}/{name}.db") for name in ("laid", "migrated"))
    by_hand, step_by_step = await lay_out(laid), await migrate(migrated)

    assert by_hand == step_by_step == await schema_of(laid)
    assert await columns(laid) == await columns(migrated)
    for database in (laid, migrated):
        await database.close()


async def columns(database: Database) -> dict[str, list[tuple[str, str, int]]]:
    """Names and types of each table's columns, and whether they may be empty."""
    async with database.reading() as connection:
        listed = await connection.exec_driver_sql(
            'SELECT m.name, c.name, c.type, c."notnull" FROM sqlite_master m, pragma_table_info(m.name) c '
            "WHERE m.type = 'table' ORDER BY 1, 2"
        )
        found: dict[str, list[tuple[str, str, int]]] = {}
        for table, *column in listed:
            found.setdefault(table, []).append(tuple(column))
    return found


async def test_an_empty_database_gets_every_table(database):
    assert await tables(database) == {"alembic_version", *METADATA.tables}


async def test_migrating_again_changes_nothing(database):
    await migrate(database)

    assert await tables(database) == {"alembic_version", *METADATA.tables}


async def test_the_models_are_what_the_migrations_make(database):
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.check(alembic_config(sync)))


async def test_steps_down_and_up_again(database):
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0004"))
    added = {"audit", "schema_steps", "paid_calls", "warm_ends", "missing_clips", "turn_labels", "drafts"}
    added |= {"asked_questions", "question_states", "turn_segments", "question_grouping"}
    added |= {"film_demands", "gone_films", "erased_sessions", "deliveries"}
    assert await tables(database) == {"alembic_version", *METADATA.tables} - added

    await migrate(database)
    assert await tables(database) == {"alembic_version", *METADATA.tables}


OLD = {
    "1": ("fal", '{"id":"r1","status":"https://x.test/r1"}', "r1"),
    "2": ("heygen", "r2", "r2"),
    "3": ("local", None, None),
    "4": ("local", "{odd", "{odd"),
    "5": ("local", '{"name":"r5"}', '{"name":"r5"}'),
}
"""Renders of before: the provider, what `submit` had returned, and the provider's own id in it."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_old_renders_are_found_by_their_provider_s_own_id(request, tmp_path, kind):
    url = f"sqlite:///{tmp_path}/old.db"
    if kind == "postgresql":
        url = await request.getfixturevalue("postgres").empty_database()
    opened = Database(url)
    await migrate(opened)
    async with opened.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0006"))
        for number, (provider, request_id, _) in OLD.items():
            row = {"id": number, "key": number, "provider": provider, "request_id": request_id}
            await connection.execute(text(_OLD_ROW), row)

    await migrate(opened)

    ledger = SqlLedger(opened)
    for number, (provider, _, own) in OLD.items():
        assert (await ledger.get(number)).provider_request_id == own
        assert own is None or (await ledger.by_request(provider, own)).id == number
    await opened.close()


async def test_the_paid_tries_of_old_renders_are_counted_from_their_records(database):
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0007"))
        for number, reserved in {"1": 0, "2": 5, "3": 0}.items():
            row = {"id": number, "key": number, "provider": "fal", "request_id": None}
            await connection.execute(text(_OLD_ROW), row)
            await connection.execute(
                text("UPDATE renders SET reserved_micros = :r WHERE id = :id"), {"r": reserved, "id": number}
            )
        for number, spent in (("1", 0), ("1", 7), ("1", 7), ("2", 7)):
            await connection.execute(text(_OLD_RECORD), {"id": number, "spent": spent})

    await migrate(database)

    renders = [await SqlLedger(database).get(number) for number in "123"]
    assert [(one.paid_tries, one.granted_tries) for one in renders] == [(2, 0), (2, 0), (0, 0)]


async def test_a_render_is_found_by_its_provider_s_id_through_an_index(database):
    seen: list[tuple[str, tuple[str, ...]]] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *told: seen.append((told[2], told[3])))
    await SqlLedger(database).by_request("fal", "r1")
    (asked,) = [one for one in seen if one[0].startswith("SELECT")]

    async with database.reading() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1])
        plan = " ".join(row.detail for row in rows)

    assert "ix_renders_provider_provider_request_id" in plan


def test_processes_that_start_at_once_do_not_collide(tmp_path):
    url = f"sqlite:///{tmp_path}/state.db"
    code = f"import asyncio; from app.adapters.sql.migrate import migrate; asyncio.run(migrate({url!r}))"
    children = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]

    errors = [child.communicate()[1].decode() for child in children]

    assert [child.returncode for child in children] == [0, 0], errors


async def test_a_failed_migration_leaves_nothing_half_done(tmp_path):
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as plain:
        plain.execute("CREATE TABLE turns (id TEXT)")

    with pytest.raises(Exception, match="turns"):
        await migrate(f"sqlite:///{path}")

    with sqlite3.connect(path) as plain:
        assert [name for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")] == ["turns"]


async def test_sqlite_is_opened_to_survive_a_power_cut(database):
    async with database.reading() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


async def test_two_writers_wait_for_each_other(tmp_path, database):
    other = Database(f"sqlite:///{tmp_path}/deep/state.db")

    async def count(opened):
        for _ in range(20):
            async with opened.writing() as connection:
                (found,) = (await connection.execute(text("SELECT count(*) FROM budgets"))).one()
                await connection.execute(text("INSERT INTO budgets VALUES (:scope, 0, 0)"), {"scope": f"scope-{found}"})

    await asyncio.gather(count(database), count(other), count(database))

    async with other.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM budgets"))).scalar() == 60
    await other.close()


async def test_a_raised_error_rolls_the_transaction_back(database):
    async def half_done():
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO budgets VALUES ('day:1', 0, 0)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await half_done()

    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM budgets"))).scalar() == 0


async def test_constraints_refuse_what_the_code_never_writes(database):
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO budgets VALUES ('day:1', -1, 0)"))


async def test_times_are_aware_and_in_utc(database):
    table = TurnRow.__table__
    row = {
        "id": "t",
        "session": "s",
        "question": "q",
        "question_key": "q",
        "locale": "en",
        "outcome": "missed",
        "receipt": {},
        "latency_ms": 1.0,
    }
    noon = datetime(2026, 11, 22, 13, tzinfo=timezone(timedelta(hours=1)))

    async with database.writing() as connection:
        await connection.execute(table.insert().values(**row, asked_at=noon))
        found = (await connection.execute(table.select())).mappings().one()["asked_at"]
        assert (found, found.tzinfo) == (noon, UTC)

    with pytest.raises(StatementError, match="with a zone"):
        async with database.writing() as connection:
            await connection.execute(table.insert().values(**row | {"id": "u"}, asked_at=datetime(2026, 1, 1)))  # noqa: DTZ001


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "sqlite:///:memory:"])
def test_other_addresses_are_refused(url):
    with pytest.raises(SettingsError):
        Database(url)


def test_postgresql_is_spoken_through_asyncpg():
    assert Database("postgresql://user@host/db").url.drivername == "postgresql+asyncpg"


async def test_totals_are_read_from_indexes_and_not_row_by_row(database):
    seen: list[str] = []
    async with database.reading() as connection:
        event.listen(connection.sync_connection, "before_cursor_execute", lambda *told: seen.append(told[2]))
        await totals_in(connection)
    plans = []
    async with database.reading() as connection:
        for statement in seen:
            plain = re.sub(r"\?", "'x'", statement)
            rows = await connection.execute(text(f"EXPLAIN QUERY PLAN {plain}"))
            plans.append(" ".join(row.detail for row in rows))

    assert len(plans) == 3
    assert all("INDEX" in plan for plan in plans), plans
    assert "ix_render_records_slips" in plans[2]
