"""Statements on SQLite: one step of the driver's thread each, and nothing is left open."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from app.adapters.sql.engine import Database
from app.adapters.sql.sqlite_steps import OneStepConnection

_SLOW = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000000) SELECT max(x) FROM n"


@pytest.fixture
async def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/steps.db")
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
    yield database
    await database.close()


@pytest.fixture
def steps(monkeypatch):
    """Whatever goes to the thread."""
    done = []
    execute = OneStepConnection._execute

    async def counted(self, work, *more: Any):
        done.append(work)
        return await execute(self, work, *more)

    monkeypatch.setattr(OneStepConnection, "_execute", counted)
    return done


async def test_a_transaction_takes_a_step_a_statement_and_two_more(database, steps):
    async with database.reading() as connection:
        rows = (await connection.execute(text("SELECT 1 UNION SELECT 2"))).all()

    assert rows == [(1,), (2,)]
    assert len(steps) == 3  # BEGIN, SELECT, COMMIT


async def test_rows_counts_and_ids_come_with_the_statement(database):
    async with database.writing() as connection:
        many = await connection.execute(text("INSERT INTO words (word) VALUES (:word)"), [{"word": "a"}, {"word": "b"}])
        told = await connection.execute(text("INSERT INTO words (word) VALUES ('c') RETURNING id, word"))
        gone = await connection.execute(text("DELETE FROM words WHERE word < 'c'"))

        assert (many.rowcount, told.all(), gone.rowcount) == (2, [(3, "c")], 2)


async def test_a_refused_transaction_is_rolled_back(database):
    async def refused() -> None:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO words (word) VALUES ('a')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await refused()

    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM words"))).scalar_one() == 0


async def test_a_caller_that_is_stopped_in_mid_statement_leaves_no_transaction_open(database):
    begun = asyncio.Event()

    async def slow() -> None:
        async with database.writing() as connection:
            await connection.execute(text("INSERT INTO words (word) VALUES ('a')"))
            begun.set()
            await connection.execute(text(_SLOW))

    task = asyncio.create_task(slow())
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with database.writing() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM words"))).scalar_one() == 0
        await connection.execute(text("INSERT INTO words (word) VALUES ('b')"))
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT word FROM words"))).scalars().all() == ["b"]
