"""Bringing a database to the newest schema, at every start."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.adapters.sql.engine import Database

_MIGRATIONS = Path(__file__).parent / "migrations"

_ADVISORY_LOCK = 0x67726E72
"""Any constant of ours: PostgreSQL's name for `one migration at a time`."""


async def migrate(url: str | Database) -> None:
    """Upgrade to the newest schema; a second process that starts at the same moment waits and finds it done."""
    database = url if isinstance(url, Database) else Database(url)
    try:
        async with database.writing() as connection:
            await connection.run_sync(_upgrade)
    finally:
        if database is not url:
            await database.close()


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for a connection that is already open."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema that is there, empty before the first start, and the newest one."""

    present: str
    newest: str


async def schema_of(database: Database) -> Schema:
    """Which schema the database has; nothing is changed."""
    async with database.reading() as connection:
        return await connection.run_sync(_schema)


def _schema(connection: Connection) -> Schema:
    present = MigrationContext.configure(connection).get_current_revision()
    newest = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
    return Schema(present or "", newest or "")


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    command.upgrade(alembic_config(connection), "head")
