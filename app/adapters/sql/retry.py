"""Retries while the database is away, and the errors that say so."""

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

from app.errors import StateFullError, StateUnavailableError

PATIENCE_S = 60.0
"""Time in seconds that a lossless operation waits for the database: a restart or a failover takes seconds."""

_FIRST_PAUSE_S, _MOST_PAUSE_S = 0.1, 2.0

_READ_ONLY = "25006"
"""PostgreSQL's code of a read-only server.

It was the primary, or is not yet one: the next connection may lead to the one that is.
"""
_AWAY = ("08", "57P", "53300", _READ_ONLY)
"""Beginnings of PostgreSQL's codes for lost connections, shutdown and start, too many connections."""

P = ParamSpec("P")
_FULL = ("53100", "SQLITE_FULL", "SQLITE_IOERR")
"""PostgreSQL's and SQLite's codes of a full disk. SQLite cannot always tell a full disk from a broken one."""
_SHORT = "53"
"""Class of PostgreSQL's codes for lack of resources, such as memory: a retry may succeed."""

T = TypeVar("T")


@asynccontextmanager
async def within_reach() -> AsyncIterator[None]:
    """Translate errors of a database that is away or full; every other error passes as it is.

    Raises:
        StateUnavailableError: it is away; whether a commit that was under way took effect is not known.
        StateFullError: it has no room left.
    """
    try:
        yield
    except Exception as error:  # drivers and pools raise of many families; what is unknown passes
        if _is_full(error):
            message = f"Cannot write to the database: {_first_line(error)}; free space on its disk."
            raise StateFullError(message) from error
        if not _is_away(error):
            raise
        raise StateUnavailableError(f"Cannot reach the database: {_first_line(error)}.") from error


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call while the database is away; the call must be idempotent.

    Raises:
        StateUnavailableError: it stayed away, or refused; StateFullError: its disk is full.
    """
    began, pause = time.monotonic(), _FIRST_PAUSE_S
    while True:
        try:
            return await call()
        except StateFullError:
            raise
        except StateUnavailableError:
            if time.monotonic() - began >= PATIENCE_S:
                raise
        except DBAPIError as error:
            if not isinstance(error, OperationalError) and not _code(error.orig).startswith(_SHORT):
                raise  # the statement is at fault
            raise StateUnavailableError(
                f"Cannot write to the database: {_first_line(error)}. Look at its disk and its log."
            ) from error
        await asyncio.sleep(pause)
        pause = min(2 * pause, _MOST_PAUSE_S)


def unbroken(transaction: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Decorate a transaction so that it ends before a cancellation of its caller takes effect.

    Cancelled in the middle, SQLAlchemy drops the connection without a rollback, and SQLite keeps its write
    lock until the last cursor is collected: for everybody else the database is locked meanwhile.
    """

    @functools.wraps(transaction)
    async def uninterrupted(*args: P.args, **kwargs: P.kwargs) -> T:
        task = asyncio.ensure_future(transaction(*args, **kwargs))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # retrieved, so that asyncio does not log it
            raise

    return uninterrupted


def patient(transaction: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Decorate an idempotent transaction so that it waits for a database that is away.

    Each try runs to its end.
    """
    uninterrupted = unbroken(transaction)

    @functools.wraps(transaction)
    async def retried(*args: P.args, **kwargs: P.kwargs) -> T:
        return await insist(lambda: uninterrupted(*args, **kwargs))

    return retried


def leave_read_only(engine: Engine) -> None:
    """Drop all connections to a server that turns out to be read-only; they would stay with it for ever."""

    @event.listens_for(engine, "handle_error")
    def inspect_error(context: ExceptionContext) -> None:
        if _code(context.original_exception) == _READ_ONLY:
            context.is_disconnect = True


def _is_away(error: Exception) -> bool:
    if isinstance(error, OSError):  # refused, reset, silent for too long
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _code(error.orig).startswith(_AWAY)
    return type(error).__module__.startswith("asyncpg.")  # raised while connecting


def _is_full(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and _code(error.orig).startswith(_FULL)


def _code(error: Any) -> str:
    return str(getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or "")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")
