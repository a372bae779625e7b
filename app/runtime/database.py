"""Opening the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate
from app.errors import SettingsError, StateFullError, StateUnavailableError
from app.runtime.settings import Settings


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database, at the newest schema.

    Raises:
        SettingsError: it cannot be reached, or what is there is no database of ours.
        StateFullError: it has no room for its tables.
    """
    database = await _opened(settings)
    try:
        yield database
    finally:
        await database.close()


def open_unchanged(settings: Settings) -> Database:
    """The database as it is, not brought to the newest schema; whoever opens it closes it.

    Raises:
        SettingsError: the address cannot be used.
    """
    try:
        return Database(settings.database_url)
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise _unreachable(error) from error


def is_new(settings: Settings) -> bool:
    """Whether nothing was ever kept: the file of an SQLite database is not there yet."""
    address = make_url(settings.database_url)
    return address.get_backend_name() == "sqlite" and not Path(str(address.database)).exists()


async def _opened(settings: Settings) -> Database:
    database = open_unchanged(settings)
    try:
        await migrate(database)
    except StateFullError:
        await database.close()
        raise
    except (SQLAlchemyError, OSError, StateUnavailableError) as error:
        await database.close()
        raise _unreachable(error) from error
    return database


def _unreachable(error: Exception) -> SettingsError:
    first = str(error).strip().splitlines()[0][:200]
    return SettingsError(
        f"Expected to open the database that GREENROOM_DATABASE_URL names, got: {first}; mend the address, or leave it "
        "out for a SQLite file under state/."
    )
