"""A database that is away for a while: how that is told from a mistake of ours, and waited out."""

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
"""How long what must not be lost waits for the database: a restart or a failover takes seconds."""

_FIRST_PAUSE_S, _MOST_PAUSE_S = 0.1, 2.0

_READ_ONLY = "25006"
"""A server that was the primary, or is not yet: the next connection may lead to the one that is."""
_AWAY = ("08", "57P", "53300", _READ_ONLY)
"""Beginnings of PostgreSQL's codes for lost connections, shutdown and start, no place free."""

P = ParamSpec("P")
_FULL = ("53100", "SQLITE_FULL", "SQLITE_IOERR")
"""PostgreSQL's code, and SQLite's, which cannot always tell a full disk from a broken one."""
_SHORT = "53"
"""Of memory, for one: it would take it if it could."""

T = TypeVar("T")


@asynccontextmanager
async def within_reach() -> AsyncIterator[None]:
    """Tell a database that is away from other trouble, which passes as it is.

    Raises:
        StateUnavailableError: it is away; whether a commit that was under way took effect is not known.
        StateFullError: it has no room left.
    """
    try:
        yield
    except Exception as error:
        if _is_full(error):
            told = f"Expected the database to take it, got: {_first_line(error)}; free space on its disk."
            raise StateFullError(told) from error
        if not _is_away(error):
            raise
        raise StateUnavailableError(f"Expected the database to answer, got: {_first_line(error)}.") from error


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    """Call again while the database is away; the call must be one that may be repeated.

    Raises:
        StateUnavailableError: it stayed away, or does not take it; StateFullError: its disk is full.
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
                raise  # what it was asked is at fault
            raise StateUnavailableError(
                f"Expected the database to take it, got: {_first_line(error)}; look at its disk and its log."
            ) from error
        await asyncio.sleep(pause)
        pause = min(2 * pause, _MOST_PAUSE_S)


def unbroken(transaction: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Let a transaction come to its end before a cancellation of whoever waits for it takes effect.

    Cancelled in the middle, SQLAlchemy drops the connection without a rollback, and SQLite keeps its write lock until
    the last cursor is collected: for everybody else the database is locked meanwhile.
    """

    @functools.wraps(transaction)
    async def whole(*args: P.args, **kwargs: P.kwargs) -> T:
        task = asyncio.ensure_future(transaction(*args, **kwargs))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # looked at: whoever is cancelled does not want to know
            raise

    return whole


def patient(transaction: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Let a transaction that may be repeated wait for a database that is away; each try comes to its end."""
    whole = unbroken(transaction)

    @functools.wraps(transaction)
    async def patiently(*args: P.args, **kwargs: P.kwargs) -> T:
        return await insist(lambda: whole(*args, **kwargs))

    return patiently


def leave_read_only(engine: Engine) -> None:
    """Drop all connections to a server that turns out to be read-only: they would stay with it for ever."""

    @event.listens_for(engine, "handle_error")
    def look(context: ExceptionContext) -> None:
        if _code(context.original_exception) == _READ_ONLY:
            context.is_disconnect = True


def _is_away(error: Exception) -> bool:
    if isinstance(error, OSError):  # refused, reset, silent for too long
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _code(error.orig).startswith(_AWAY)
    return type(error).__module__.startswith("asyncpg.")  # while connecting it raises its own


def _is_full(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and _code(error.orig).startswith(_FULL)


def _code(error: Any) -> str:
    return str(getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or "")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")
