"""Traces of sessions in SQL, shared by all nodes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database
from app.adapters.sql.erasing.tables import ErasedSessionRow, FilmDemandRow, GoneFilmRow
from app.adapters.sql.retry import unbroken
from app.conversation.erasing.pseudonym import session_scope
from app.conversation.erasing.traces import erased_session
from app.digest import Digest

_DEMANDS: Table = FilmDemandRow.__table__  # type: ignore[attr-defined]
_D = _DEMANDS.c
_GONE: Table = GoneFilmRow.__table__  # type: ignore[attr-defined]
_G = _GONE.c
_ERASED: Table = ErasedSessionRow.__table__  # type: ignore[attr-defined]
_E = _ERASED.c

_MANY = 500
"""Keys a statement: databases limit the number of values."""
_LOCK = 0x6572_6173
"""Key of PostgreSQL's advisory lock: writers about sessions share it, who erases or lets expire has it alone."""


class SqlTraces:
    """Traces in three tables, on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @unbroken
    async def ask(self, session: str, keys: Collection[Digest], *, now: datetime) -> None:
        """Write the keys, unless the session is erased."""
        scope = session_scope(session)
        async with self._database.writing() as connection:
            if scope in await erased_among(connection, [scope]):
                raise erased_session()
            rows = [{"key": key, "session": scope, "at": now} for key in sorted(keys)]
            await _put(connection, _DEMANDS, rows)
            await connection.execute(delete(_GONE).where(_G.key.in_(sorted(keys))))

    @unbroken
    async def keep(self, keys: Collection[Digest]) -> None:
        """Delete the marks."""
        async with self._database.writing() as connection:
            await join_writers(connection)
            await connection.execute(delete(_GONE).where(_G.key.in_(sorted(keys))))

    @unbroken
    async def erase(self, session: str, *, now: datetime) -> tuple[Digest, ...]:
        """Delete the session's rows, and mark the films without any."""
        scope = session_scope(session)
        async with self._database.writing() as connection:
            await wait_for_writers(connection)
            await _put(connection, _ERASED, [{"session": scope, "at": now}])
            mine = list((await connection.execute(select(_D.key).where(_D.session == scope))).scalars())
            await connection.execute(delete(_DEMANDS).where(_D.session == scope))
            return await _mark(connection, mine, now)

    @unbroken
    async def expire(self, *, before: datetime, now: datetime) -> tuple[Digest, ...]:
        """Delete old rows, and mark the films without any."""
        async with self._database.writing() as connection:
            await wait_for_writers(connection)
            old = list((await connection.execute(select(_D.key).where(_D.at < before).distinct())).scalars())
            if not old:
                return ()
            await connection.execute(delete(_DEMANDS).where(_D.at < before))
            return await _mark(connection, old, now)

    @unbroken
    async def films(self, session: str) -> tuple[Digest, ...]:
        """Read the session's rows."""
        mine = select(_D.key).where(_D.session == session_scope(session)).order_by(_D.key)
        async with self._database.reading() as connection:
            return tuple(Digest(key) for key in (await connection.execute(mine)).scalars())

    @unbroken
    async def gone(self) -> tuple[Digest, ...]:
        """Read all marks."""
        async with self._database.reading() as connection:
            return tuple(Digest(key) for key in (await connection.execute(select(_G.key).order_by(_G.key))).scalars())

    @unbroken
    async def is_gone(self, key: Digest) -> bool:
        """Read one mark."""
        async with self._database.reading() as connection:
            return (await connection.execute(select(_G.key).where(_G.key == key))).first() is not None

    @unbroken
    async def sweep(self, *, before: datetime) -> None:
        """Delete old marks."""
        async with self._database.writing() as connection:
            await connection.execute(delete(_GONE).where(_G.at < before))
            await connection.execute(delete(_ERASED).where(_E.at < before))


async def erased_among(connection: AsyncConnection, scopes: Collection[str]) -> frozenset[str]:
    """Return those of these sessions, by their pseudonyms, that are erased.

    On PostgreSQL nobody is erased before the transaction ends: what it writes is there for whoever erases next.
    """
    await join_writers(connection)
    found = await connection.execute(select(_E.session).where(_E.session.in_(sorted(scopes))))
    return frozenset(found.scalars())


async def join_writers(connection: AsyncConnection) -> None:
    """Keep out, on PostgreSQL and until the transaction ends, who erases or lets films expire."""
    await _alone(connection, shared=True)


async def wait_for_writers(connection: AsyncConnection) -> None:
    """Wait, on PostgreSQL, for the transactions that write about sessions, and keep others out; SQLite has one."""
    await _alone(connection, shared=False)


async def _alone(connection: AsyncConnection, *, shared: bool) -> None:
    if connection.dialect.name == "postgresql":
        lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        await connection.execute(text(f"SELECT {lock}(:key)"), {"key": _LOCK})


async def _mark(connection: AsyncConnection, keys: Sequence[str], now: datetime) -> tuple[Digest, ...]:
    """Mark those films that nobody asks for any more."""
    alone: list[str] = []
    for start in range(0, len(keys), _MANY):
        batch = keys[start : start + _MANY]
        asked = await connection.execute(select(_D.key).where(_D.key.in_(batch)).distinct())
        alone += sorted(set(batch) - set(asked.scalars()))
    await _put(connection, _GONE, [{"key": key, "at": now} for key in alone])
    return tuple(Digest(key) for key in sorted(alone))


async def _put(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; the time of those that are there is set anew."""
    if not rows:
        return
    insert = postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
    names = [column.name for column in table.primary_key]
    await connection.execute(insert.on_conflict_do_update(index_elements=names, set_={"at": insert.excluded.at}), rows)
