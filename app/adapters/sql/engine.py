"""Database: opens SQLite or PostgreSQL; one transaction is one unit of work."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosqlite
from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import asbool

from app.adapters.sql.retry import leave_read_only, within_reach
from app.adapters.sql.sqlite_steps import OneStepConnection
from app.audit import NO_KEYS, AuditKeys
from app.errors import SettingsError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

CONNECT_S, STATEMENT_S = 10.0, 30.0
"""Limits in seconds for PostgreSQL to connect and to answer.

Nothing else notices a connection that has gone silent.
"""

BUSY_TIMEOUT_S = 30.0
"""Time in seconds that a writer waits for another process's transaction: many times our longest one."""

_PRAGMAS = (
    f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL may lose the last commits at a power cut: a paid request id
    "PRAGMA foreign_keys = ON",
)


_WAL_TRIES, _WAL_PAUSE_S = 100, 0.01


class Database:
    """SQLite through aiosqlite or PostgreSQL through asyncpg; `url` may leave the driver out.

    Raises:
        SettingsError: the address names another kind of database, or no file.
    """

    def __init__(self, url: str, *, audit_keys: AuditKeys = NO_KEYS) -> None:
        """`audit_keys` are those of the audit log's rows."""
        self.audit_keys = audit_keys
        self.url = _with_driver(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _make_folder(self.url)
        self.engine = _engine(self.url)
        self._one_writer = asyncio.Lock()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that may write: committed when the block ends, rolled back when it raises.

        On SQLite it holds the write lock from its first statement, so what it reads stays true until it
        commits.

        Raises:
            StateUnavailableError: the database is away; whether a commit under way took effect is not
                known.
            StateFullError: its disk is full.
        """
        lock: AbstractAsyncContextManager[Any] = self._one_writer if self.is_sqlite else nullcontext()
        async with lock, within_reach(), self.engine.connect() as raw_connection:
            connection = await raw_connection.execution_options(greenroom_writes=True, audit_keys=self.audit_keys)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads; writers do not block it."""
        async with within_reach(), self.engine.connect() as connection, connection.begin():
            yield connection

    async def ping(self) -> None:
        """Ask for the schema's version, which only a database of ours has.

        Raises:
            StateUnavailableError: the database is away.
        """
        async with self.reading() as connection:
            await connection.exec_driver_sql("SELECT version_num FROM alembic_version")

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def sqlite_file(url: URL) -> Path | None:
    """Path of a SQLite database's file, also where the address is a URI; None for one in memory."""
    name = unquote(urlsplit(url.database or "").path) if _is_uri(url) else url.database or ""
    return None if name in {"", ":memory:"} or url.query.get("mode") == "memory" else Path(name)


def _is_uri(url: URL) -> bool:
    """Return whether SQLite reads the name as a URI: `sqlite:///file:/path/x.db?immutable=1&uri=true`."""
    return (url.database or "").startswith("file:") and asbool(url.query.get("uri", False))


def _make_folder(url: URL) -> None:
    """A URI is not a path, and often names a file that may only be read: nothing is made for it."""
    file = sqlite_file(url)
    if file is not None and not _is_uri(url):
        file.parent.mkdir(parents=True, exist_ok=True)


def _with_driver(url: str) -> URL:
    parsed = make_url(url)
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise SettingsError(f"Expected a database address starting with sqlite:// or postgresql://, got {url[:40]!r}.")
    if driver.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
        raise SettingsError("Expected a file in the SQLite address, got none; write sqlite:///cache/greenroom.db.")
    return parsed.set(drivername=driver)


def _engine(url: URL) -> AsyncEngine:
    """Make the engine; its errors hide parameters, which are visitors' words."""
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(url, hide_parameters=True, connect_args={"async_creator_fn": _connect})
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    timeouts = {"timeout": CONNECT_S, "command_timeout": STATEMENT_S}
    engine = create_async_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=timeouts)
    leave_read_only(engine.sync_engine)
    return engine


async def _connect(*args: Any, **kwargs: Any) -> aiosqlite.Connection:
    """Open a connection.

    After a failure, its thread is waited for: it calls back into the loop, which must still run.
    """
    connection = OneStepConnection(*args, **kwargs)
    try:
        return await connection
    except BaseException:  # also when stopped: its thread must not outlive the loop
        await asyncio.to_thread(connection._thread.join)  # noqa: SLF001 - the only way to wait for its end
        raise


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    """Switch to explicit transactions.

    The driver alone begins them late, and then a transaction that reads and then writes deadlocks.
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        _repeat_pragma(cursor, pragma)
    cursor.close()


def _repeat_pragma(cursor: Any, pragma: str) -> None:
    """Repeat a pragma while another process switches a new file to WAL. That lock ignores `busy_timeout`."""
    for _ in range(_WAL_TRIES):
        with contextlib.suppress(sqlite3.OperationalError):
            cursor.execute(pragma)
            return
        time.sleep(_WAL_PAUSE_S)
    cursor.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("greenroom_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def audit_keys_of(connection: AsyncConnection) -> AuditKeys:
    """Return the keys with which a transaction's audit rows are written."""
    found = connection.sync_connection.get_execution_options().get("audit_keys") if connection.sync_connection else None
    return found if isinstance(found, AuditKeys) else NO_KEYS


async def one_at_a_time(connection: AsyncConnection, key: int) -> None:
    """Wait, on PostgreSQL, for other transactions with this key to end; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
