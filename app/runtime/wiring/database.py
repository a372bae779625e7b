"""Database of a site: opened at the newest schema.

A SQLite file serves one node, which holds a lock on it.
"""

import os
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TextIO

import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.sql.engine import Database, sqlite_file
from app.adapters.sql.migrate import lay_out, migrate
from app.audit import AuditKeys
from app.errors import SchemaNewerError, SettingsError, StateFullError, StateUnavailableError
from app.runtime.settings.site import Settings

if sys.platform != "win32":
    import fcntl

log = structlog.get_logger()

_MISNAMED = ("28", "3D")
"""Classes of PostgreSQL's codes for a refused user or password, and for a database that does not exist."""


@contextmanager
def serving_alone(settings: Settings) -> Iterator[None]:
    """Hold the lock of the only server on a SQLite file.

    Any other kind of database takes any number of servers.

    The lock is the kernel's, on `<database>.serving`: it ends with the process, even at a crash.

    Raises:
        SettingsError: another process serves from this file.
    """
    path = _lock_path(settings.database_url)
    if path is None or sys.platform == "win32":
        yield
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"Cannot write beside the database: {error}. Make its folder writable, or name another one in "
            "GREENROOM_DATABASE_URL."
        ) from error
    with file:
        _take(file)
        yield


def _lock_path(url: str) -> Path | None:
    try:
        parsed = make_url(url)
        file = sqlite_file(parsed) if parsed.get_backend_name() == "sqlite" else None
    except SQLAlchemyError:  # opening the database reports what is wrong with the address
        return None
    return file.with_name(f"{file.name}.serving") if file else None


def _take(file: TextIO) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise SettingsError(
            f"Cannot serve from this SQLite database: another server does ({file.read(200).strip()}). Stop that one, "
            "or move to PostgreSQL with GREENROOM_DATABASE_URL to serve from several nodes."
        ) from None
    file.seek(0)
    file.truncate()
    file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
    file.flush()


@asynccontextmanager
async def open_database(settings: Settings, *, kept: bool = True) -> AsyncIterator[Database]:
    """Open the database, at the newest schema; one that is not `kept` is empty, and takes no migrations to get there.

    Raises:
        SettingsError: the address is wrong, or it is not a database of Greenroom.
        SchemaNewerError: a newer version migrated it, and this one may not run on what it made.
        StateUnavailableError: it cannot be reached now; StateFullError: it has no room for its tables.
    """
    database = await _opened(settings, kept=kept)
    try:
        yield database
    finally:
        await database.close()


def open_unchanged(settings: Settings) -> Database:
    """Open the database with the schema it has; the caller closes it.

    Raises:
        SettingsError: the address cannot be used.
    """
    try:
        return Database(settings.database_url, audit_keys=AuditKeys.read(settings.audit_key.get_secret_value()))
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise _unreachable(error) from error


def is_new(settings: Settings) -> bool:
    """Return whether nothing was stored yet: the file of a SQLite database does not exist."""
    address = make_url(settings.database_url)
    if address.get_backend_name() != "sqlite":
        return False
    file = sqlite_file(address)
    return file is None or not file.exists()


async def _opened(settings: Settings, *, kept: bool) -> Database:
    database = open_unchanged(settings)
    try:
        schema = await (migrate(database) if kept else lay_out(database))
    except (StateFullError, SchemaNewerError):
        await database.close()
        raise
    except StateUnavailableError as error:
        await database.close()
        raise (_unreachable(error) if _is_misnamed(error.__cause__) else _away(error)) from error
    except (SQLAlchemyError, OSError) as error:
        await database.close()
        raise _unreachable(error) from error
    if schema.is_newer:
        log.warning("database.newer", schema=schema.present, made_by=schema.made_by, known_here=schema.newest)
    return database


def _is_misnamed(cause: BaseException | None) -> bool:
    """Return whether PostgreSQL is there, but knows no such user, password or database: waiting does not help."""
    return str(getattr(cause, "sqlstate", None) or "").startswith(_MISNAMED)


def _away(error: StateUnavailableError) -> StateUnavailableError:
    first = str(error).rstrip(".")
    return StateUnavailableError(
        f"{first}. Start the database of GREENROOM_DATABASE_URL, or correct the address; nothing was done."
    )


def _unreachable(error: Exception) -> SettingsError:
    first = str(error).strip().splitlines()[0][:200]
    return SettingsError(
        f"Cannot open the database of GREENROOM_DATABASE_URL: {first}. Correct the address, or leave it out for a "
        "SQLite file under state/."
    )
