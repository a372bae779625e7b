"""Migration of a database to the newest schema, at every start.

A schema that a newer version made is left as it is, and used only where that version says that this one may.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, MetaData, String, Table, delete, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from app.adapters.sql.engine import Database
from app.adapters.sql.release_tables import METADATA
from app.errors import SchemaNewerError, SettingsError

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"

_ADVISORY_LOCK = 0x67726E72
"""Key of PostgreSQL's advisory lock that lets one process at a time migrate; any constant."""

_REFUSED = 200

_STEPS = METADATA.tables["schema_steps"]
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


async def migrate(url: str | Database) -> "Schema":
    """Upgrade to the newest schema, and return the one that is there then.

    A second process that starts at the same time waits and then has nothing to do.

    Raises:
        SchemaNewerError: a newer version migrated, and this one may not run on what it made.
    """
    database = url if isinstance(url, Database) else Database(url)
    try:
        async with database.writing() as connection:
            return await connection.run_sync(_upgrade)
    finally:
        if database is not url:
            await database.close()


async def lay_out(database: Database) -> "Schema":
    """Make the newest schema at once in an empty database that nobody keeps, and return it."""
    async with database.writing() as connection:
        return await connection.run_sync(_laid_out)


def alembic_config(connection: Connection) -> "Config":
    """Return Alembic's configuration for a connection that is already open."""
    from alembic.config import Config  # noqa: PLC0415 - a fifth of a second that only a migration should cost

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@dataclass(frozen=True, slots=True)
class Schema:
    """Schema of a database: the present one, empty before the first start, and the newest that is known here."""

    present: str
    newest: str
    is_newer: bool = False
    """Whether a newer version made it."""
    made_by: str = ""
    """Version of Greenroom that made it, where it is newer and says so."""
    compatible: bool = True
    """Whether this version may run on it, or on what it makes of it."""

    @property
    def is_ready(self) -> bool:
        """Return whether this version can read it as it is."""
        return self.compatible and (self.is_newer or self.present == self.newest)

    def require_compatible(self) -> None:
        """Raise where this version may not run on it.

        Raises:
            SchemaNewerError: a newer version made it, and does not allow this one.
        """
        if not self.compatible:
            by = f" ({self.made_by})" if self.made_by else ""
            raise SchemaNewerError(
                f"Expected schema {self.newest} or older, got {self.present}: the database was migrated by a newer "
                f"Greenroom{by}; start that version, or restore the backup taken before the upgrade."
            )


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
    present, known = _present(connection), known_revisions()
    if not present or present in known:
        return Schema(present, known[-1])
    step = _step(connection, present)
    compatible = step is not None and step.compatible_from in known
    return Schema(present, known[-1], is_newer=True, made_by=step.version if step else "", compatible=compatible)


def known_revisions() -> list[str]:
    """Return the revisions known here, the oldest first: a migration's file name begins with its own."""
    return sorted(path.stem.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _present(connection: Connection) -> str:
    """Read what Alembic notes of the schema, without Alembic: it is slow to load, and most starts migrate nothing."""
    if not inspect(connection).has_table(_VERSION.name):
        return ""
    return str(connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none() or "")


def _scripts(connection: Connection) -> list[Any]:
    """Migrations known here, the oldest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return list(ScriptDirectory.from_config(alembic_config(connection)).walk_revisions())[::-1]


def _step(connection: Connection, revision: str) -> Any:
    """The note of whoever made a schema; None where there is none."""
    if not inspect(connection).has_table(_STEPS.name):
        return None
    asked = select(_STEPS.c.version, _STEPS.c.compatible_from).where(_STEPS.c.revision == revision)
    return connection.execute(asked).one_or_none()


def _upgrade(connection: Connection) -> Schema:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    before = _schema(connection)
    before.require_compatible()
    if before.is_ready:
        return before
    from alembic import command  # noqa: PLC0415

    command.upgrade(alembic_config(connection), "head")
    _note(connection, before.newest)
    return _schema(connection)


def _laid_out(connection: Connection) -> Schema:
    METADATA.create_all(connection)
    _VERSION.create(connection)
    newest = known_revisions()[-1]
    connection.execute(insert(_VERSION).values(version_num=newest))
    return Schema(newest, newest)


def _note(connection: Connection, revision: str) -> None:
    """Note for older versions whether they may run on this schema."""
    step = {"revision": revision, "compatible_from": _compatible_from(connection)}
    connection.execute(delete(_STEPS).where(_STEPS.c.revision == revision))
    connection.execute(insert(_STEPS).values(**step, version=version("greenroom"), at=datetime.now(UTC)))


def _compatible_from(connection: Connection) -> str:
    """Oldest revision whose code may run on the newest schema.

    A migration that does not say so allows nobody older, and the strictest of all counts.
    """
    scripts = _scripts(connection)
    order: list[str] = [script.revision for script in scripts]
    allowed = (str(getattr(script.module, "compatible_from", script.revision)) for script in scripts)
    return max(allowed, key=order.index)
