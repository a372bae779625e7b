"""An older version on a newer schema: it runs where the newer one allowed that, and else says why not."""

from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.migrate import alembic_config, migrate, schema_of
from app.errors import SchemaNewerError
from tests.support.newer import MIGRATIONS, NEXT, TAKES, migrated_by_newer

KINDS = ["sqlite", "postgresql"]

FIRST_RULED = "0009"
"""The first migration that has to say who may run on its outcome."""


@pytest.fixture(params=KINDS)
async def url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    return await request.getfixturevalue("postgres").empty_database()


async def test_the_version_before_runs_on_a_schema_that_only_grew(url, tmp_path):
    await migrated_by_newer(url, tmp_path, compatible=True)
    database = Database(url)

    found = await migrate(database)

    assert (found.present, found.is_newer, found.made_by, found.is_ready) == (NEXT, True, "7.1.0", True)
    assert await SqlLedger(database).counts() == {}
    assert (await schema_of(database)).present == NEXT, "and leaves it as it is"
    await database.close()


async def test_a_schema_that_does_not_allow_the_version_before_is_refused_with_the_way_out(url, tmp_path):
    await migrated_by_newer(url, tmp_path, deed=TAKES, compatible=False)
    database = Database(url)

    with pytest.raises(SchemaNewerError) as refused:
        await migrate(database)

    known = (await schema_of(database)).newest
    assert str(refused.value) == (
        f"Expected schema {known} or older, got {NEXT}: the database was migrated by a newer Greenroom (7.1.0); start "
        "that version, or restore the backup taken before the upgrade."
    )
    await database.close()


async def test_a_schema_without_a_note_is_refused_too(url):
    database = Database(url)
    await migrate(database)
    async with database.writing() as connection:
        await connection.execute(text("DROP TABLE schema_steps"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))

    with pytest.raises(SchemaNewerError, match="got 0099: the database was migrated by a newer Greenroom; start"):
        await migrate(database)
    await database.close()


async def test_each_upgrade_notes_who_may_run_on_it(url):
    database = Database(url)
    newest = (await migrate(database)).present

    async with database.reading() as connection:
        rows = (await connection.execute(text("SELECT revision, compatible_from FROM schema_steps"))).all()

    assert [row.revision for row in rows] == [newest]
    assert rows[0].compatible_from < newest
    await database.close()


# -- the rule of migrations --------------------------------------------------------------------------------------------


def scripts() -> list[Any]:
    """The migrations under the rule, the oldest first."""
    found = ScriptDirectory(str(MIGRATIONS))
    return [one for one in list(found.walk_revisions())[::-1] if one.revision >= FIRST_RULED]


async def test_a_migration_that_allows_the_version_before_only_adds(url):
    """Expand now, contract one release later: what the version before reads and writes stays as it was."""
    database = Database(url)
    async with database.writing() as connection:
        for script in scripts():
            before = await _at(connection, script.down_revision)
            after = await _at(connection, script.revision)
            if script.module.compatible_from != script.revision:
                assert _taken(before, after) == [], script.revision
    await database.close()


def test_what_takes_something_away_is_found():
    column = {"type": "TEXT", "nullable": True, "default": None}
    before = {"turns": {"columns": {"id": column, "comment": column}, "rules": ["pk"]}}

    def after(columns: dict[str, Any], rules: list[str]) -> dict[str, Any]:
        return {"turns": {"columns": columns, "rules": rules}}

    assert _taken(before, {}) == ["turns"]
    assert _taken(before, after({"id": column}, ["pk"])) == ["turns.comment"]
    assert _taken(before, after({**before["turns"]["columns"], "new": column}, ["pk"])) == []
    needed = column | {"nullable": False}
    assert _taken(before, after({**before["turns"]["columns"], "new": needed}, ["pk"])) == ["turns.new"]
    assert _taken(before, after(before["turns"]["columns"], ["pk", "unique id"])) == ["turns: unique id"]


async def _at(connection: Any, revision: str) -> dict[str, Any]:
    await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), revision))
    found: dict[str, Any] = await connection.run_sync(_shape)
    return found


def _shape(connection: Connection) -> dict[str, Any]:
    """Tables with their columns, and the rules that a row has to keep."""
    seen = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: {name: str(column[name]) for name in ("type", "default")}
                | {"nullable": column["nullable"]}
                for column in seen.get_columns(table)
            },
            "rules": [
                f"{kind} {rule['name']} {_condition(rule)}"
                for kind, rules in (
                    ("unique", seen.get_unique_constraints(table)),
                    ("check", seen.get_check_constraints(table)),
                    ("foreign key", seen.get_foreign_keys(table)),
                    ("index", [index for index in seen.get_indexes(table) if index["unique"]]),
                )
                for rule in rules
            ],
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def _condition(rule: Any) -> list[str]:
    """What a rule asks of a row, in a form that can be compared."""
    more = {name: str(value) for name, value in rule.get("dialect_options", {}).items()}
    names = ("sqltext", "column_names", "constrained_columns", "referred_table", "referred_columns", "expressions")
    return [str(rule[name]) for name in names if name in rule] + [f"{name} {more[name]}" for name in sorted(more)]


def _taken(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What the version before would miss, or could not write any more."""
    found = sorted(before.keys() - after.keys())
    for table in sorted(before.keys() & after.keys()):
        old, new = before[table]["columns"], after[table]["columns"]
        found += [f"{table}.{name}" for name in old if new.get(name) != old[name]]
        found += [
            f"{table}.{name}"
            for name in new.keys() - old.keys()
            if not new[name]["nullable"] and new[name]["default"] in {None, "None"}
        ]
        found += [f"{table}: {rule}" for rule in after[table]["rules"] if rule not in before[table]["rules"]]
    return found
