"""The version before on the schema of today: each statement that it sends is taken, on both engines."""

import gzip
import json
from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate

RECORDED = sorted((Path(__file__).parents[2] / "data").glob("statements-*.jsonl.gz"))

UNBOUND = {"sqlite": "PRAGMA defer_foreign_keys = ON", "postgresql": "SET LOCAL session_replication_role = replica"}
"""Each statement is tried in an empty database: the rows that it refers to are not there."""

FEWEST = {"INSERT": 10, "UPDATE": 10, "SELECT": 30}


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request, tmp_path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/state.db"
    if request.param == "postgresql":
        url = await request.getfixturevalue("postgres").empty_database()
    opened = Database(url)
    await migrate(opened)
    yield opened
    await opened.close()


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.name.split(".")[0])
async def test_every_statement_of_the_version_before_is_taken(recorded: Path, database: Database) -> None:
    sent = statements(recorded, database.url.get_backend_name())
    async with database.reading() as connection:
        allowed = (await connection.execute(text("SELECT compatible_from FROM schema_steps"))).scalar_one()

    if allowed > recorded.name[11:15]:
        return  # a contraction: that version says `schema_newer` and sends nothing
    refused = await _refused(database, sent)

    assert refused == []
    for word, fewest in FEWEST.items():
        assert sum(statement.startswith(word) for statement, _ in sent) >= fewest, word


async def test_a_column_that_went_away_would_be_noticed(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(text("ALTER TABLE turns DROP COLUMN latency_ms"))
        await connection.execute(text("ALTER TABLE budgets ADD COLUMN needed INTEGER NOT NULL DEFAULT 0"))

    refused = await _refused(database, statements(RECORDED[0], database.url.get_backend_name()))

    assert refused
    assert all("latency_ms" in statement for statement in refused)


def statements(recorded: Path, dialect: str) -> list[tuple[str, tuple[Any, ...]]]:
    lines = (json.loads(line) for line in gzip.decompress(recorded.read_bytes()).decode().splitlines())
    return [(statement, tuple(map(_value, row))) for kind, statement, row in lines if kind == dialect]


def _value(plain: Any) -> Any:
    match plain:
        case {"datetime": moment}:
            return datetime.fromisoformat(moment)
        case {"date": day}:
            return date.fromisoformat(day)
        case {"bytes": digits}:
            return bytes.fromhex(digits)
        case _:
            return plain


async def _refused(database: Database, sent: list[tuple[str, tuple[Any, ...]]]) -> list[str]:
    """Statements that fail, each tried on its own and taken back."""
    refused = []
    async with database.writing() as connection:
        await connection.execute(text(UNBOUND[database.url.get_backend_name()]))
        for statement, row in sent:
            nested = await connection.begin_nested()
            try:
                await connection.exec_driver_sql(statement, row)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
                refused.append(f"{statement}: {error}")
            await nested.rollback()
    return refused
