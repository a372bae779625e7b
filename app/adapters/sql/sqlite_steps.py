"""SQLite connection whose statements take one step of its thread each, with their rows.

The driver's own cursor takes four: open, execute, fetch, close. Each wakes the thread and the event loop.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Self

import aiosqlite

_CHUNK_ROWS = 64
"""The driver's own default; nothing here reads in chunks."""


class OneStepConnection(aiosqlite.Connection):
    """Connection as SQLAlchemy's adapter uses it; arguments are those of `sqlite3.connect`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(partial(sqlite3.connect, *args, **kwargs), _CHUNK_ROWS)
        self._thread.daemon = True  # as SQLAlchemy does, whose part this takes
        self._steps = 0

    def cursor(self) -> Any:
        """Return a cursor that opens at its statement."""
        return OneStepCursor(self)

    async def rollback(self) -> None:
        """Roll back, unless nothing is open: a pool asks for it after every commit."""
        if self._steps or self._conn.in_transaction:
            await super().rollback()

    async def step(self, work: Callable[[sqlite3.Cursor], Any]) -> None:
        """Run work with a cursor in the connection's thread; a caller that is stopped does not stop it."""
        self._steps += 1
        await self._execute(self._step, work)  # type: ignore[no-untyped-call]

    def _step(self, work: Callable[[sqlite3.Cursor], Any]) -> None:
        try:
            cursor = self._conn.cursor()
            try:
                work(cursor)
            finally:
                cursor.close()
        finally:
            self._steps -= 1


class OneStepCursor:
    """Cursor that has all its rows, and is closed, when its statement returns."""

    arraysize = 1

    def __init__(self, connection: OneStepConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        """Execute one statement and read its rows."""
        await self._connection.step(lambda cursor: self._keep(cursor.execute(sql, parameters)))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Execute a statement with each set of parameters."""
        await self._connection.step(lambda cursor: self._keep(cursor.executemany(sql, parameters)))
        return self

    async def fetchall(self) -> list[Any]:
        """Hand the rows over."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Do nothing: it is closed."""

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
