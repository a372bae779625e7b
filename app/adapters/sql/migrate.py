"""Migration of a database to the newest schema, at every start."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app.adapters.sql.engine import Database
from app.errors import SettingsError

_MIGRATIONS = Path(__file__).parent / "migrations"

_ADVISORY_LOCK = 0x67726E72
"""Key of PostgreSQL's advisory lock that lets one process at a time migrate; any constant."""

_REFUSED = 200


async def migrate(url: str | Database) -> None:
    """Upgrade to the newest schema.

    A second process that starts at the same time waits and then has nothing to do.
    """
    database = url if isinstance(url, Database) else Database(url)
    try:
        async with database.writing() as connection:
            await connection.run_sync(_upgrade)
    finally:
        if database is not url:
            await database.close()


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection that is already open."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@dataclass(frozen=True, slots=True)
class Schema:
    """Schema versions: the present one, empty before the first start, and the newest."""

    present: str
    newest: str


async def schema_of(database: Database) -> Schema:
    """Return the schema version of the database; nothing is changed."""
    async with database.reading() as connection:
        return await connection.run_sync(_schema)


async def try_writing(database: Database) -> None:
    """Write something that changes nothing.

    Raises:
        SettingsError: the write is refused: a read-only file, a standby.
        StateUnavailableError: the database is away; StateFullError: its disk is full.
    """
    try:
        async with database.writing() as connection:
            if database.is_sqlite:
                version = (await connection.exec_driver_sql("PRAGMA user_version")).scalar_one()
                await connection.exec_driver_sql(f"PRAGMA user_version = {int(version)}")
            elif (await connection.exec_driver_sql("SHOW transaction_read_only")).scalar_one() == "on":
                raise SettingsError("Cannot write to the database: it is a standby, or set to read only.")
    except DBAPIError as error:
        raise SettingsError(f"Cannot write to the database: {str(error.orig)[:_REFUSED]}.") from error


def _schema(connection: Connection) -> Schema:
    present = MigrationContext.configure(connection).get_current_revision()
    newest = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
    return Schema(present or "", newest or "")


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    command.upgrade(alembic_config(connection), "head")
