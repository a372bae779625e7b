"""Sessions in SQL, shared by all nodes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.audit import add_act
from app.adapters.sql.engine import Database
from app.adapters.sql.tables import SessionFramesRow, SessionRow
from app.audit import SYSTEM, VISITOR, erasure
from app.conversation.session_store import ClaimedSession, Frames, SessionChange, SessionClaim, StoredSession
from app.errors import StateUnavailableError

_SESSIONS: Table = SessionRow.__table__  # type: ignore[attr-defined]
_S = _SESSIONS.c
_FRAMES: Table = SessionFramesRow.__table__  # type: ignore[attr-defined]
_F = _FRAMES.c

_COLUMNS = ("id", "node", "fence", "token", "spare", "seq", "state", "waiting")
_MANY = 500
"""Sessions a statement: databases limit the number of values."""


@asynccontextmanager
async def reachable() -> AsyncIterator[None]:
    """Translate a database error into ours.

    Raises:
        StateUnavailableError: it cannot be reached, or did not take it.
    """
    try:
        yield
    except SQLAlchemyError as error:
        first = str(error).strip().splitlines()[0][:200]
        raise StateUnavailableError(f"Cannot use the database: {first}. It is tried again.") from error


class SqlSessions:
    """Sessions in two tables, on SQLite or PostgreSQL.

    `actor` is the audit log's name for an erasure by no visitor.
    """

    def __init__(self, database: Database, *, actor: str = SYSTEM) -> None:
        self._database, self._actor = database, actor

    async def save(self, changes: Sequence[SessionChange], *, now: datetime) -> frozenset[str]:
        """Lock the rows and store those that this node holds."""
        async with reachable(), self._database.writing() as connection:
            held = await _held(connection, [change.session.id for change in changes])
            ours = [change for change in changes if _is_ours(change, held)]
            await _store(connection, [one for one in ours if one.session.id in held], now)
            await _add(connection, [one for one in ours if one.session.id not in held], now)
            await _store_frames(connection, ours)
        return frozenset(change.session.id for change in changes) - {change.session.id for change in ours}

    async def claim(self, claim: SessionClaim) -> ClaimedSession | None:
        """Claim a session by one conditional update: of two nodes, only one gets it."""
        async with reachable(), self._database.writing() as connection:
            found = await connection.execute(_lock(connection, [claim.session]))
            row = found.mappings().one_or_none()
            if row is None or row["over"] or row["alive_at"] < claim.alive_since:
                return None
            if claim.shown not in {row["token"], row["spare"]}:
                return None
            values = {
                "node": claim.node,
                "fence": row["fence"] + 1,
                "token": claim.token,
                "spare": claim.shown,
                "left": row["node"],
                "moved_at": claim.at,
                "alive_at": claim.at,
            }
            await connection.execute(update(_SESSIONS).where(_S.id == claim.session).values(**values))
            frames = await connection.execute(select(_FRAMES).where(_F.session == claim.session).order_by(_F.last))
            stored = _stored_session({**row, **values})
            return ClaimedSession(
                stored, tuple(Frames(one["first"], one["last"], one["frames"]) for one in frames.mappings())
            )

    async def moved(self, node: str, *, since: datetime) -> frozenset[str]:
        """Read the rows that name the node as their former one."""
        query = select(_S.id).where(_S.left == node, _S.moved_at >= since, _S.node != node)
        async with reachable(), self._database.reading() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def touch(self, node: str, *, now: datetime) -> None:
        """Update all sessions of the node in one statement."""
        async with reachable(), self._database.writing() as connection:
            await connection.execute(update(_SESSIONS).where(_S.node == node, _S.over.is_(False)).values(alive_at=now))

    async def close(self, sessions: Sequence[str], *, node: str) -> None:
        """Empty the rows."""
        async with reachable(), self._database.writing() as connection:
            for start in range(0, len(sessions), _MANY):
                batch = sessions[start : start + _MANY]
                mine = select(_S.id).where(_S.id.in_(batch), _S.node == node)
                ids = list((await connection.execute(mine)).scalars())
                await _empty(connection, ids)

    async def knows(self, session: str, *, shown: str) -> bool:
        """Read the row's tokens."""
        query = select(_S.id).where(_S.id == session, (_S.token == shown) | (_S.spare == shown))
        async with reachable(), self._database.reading() as connection:
            return (await connection.execute(query)).first() is not None

    async def state(self, session: str) -> str:
        """Read the row's state."""
        async with reachable(), self._database.reading() as connection:
            return await connection.scalar(select(_S.state).where(_S.id == session)) or ""

    async def erase(self, session: str, *, shown: str | None, now: datetime) -> int | None:
        """Empty the row down to its id; the node that holds the session reads that."""
        async with reachable(), self._database.writing() as connection:
            row = (await connection.execute(_lock(connection, [session]))).mappings().one_or_none()
            if row is None or (shown is not None and shown not in {row["token"], row["spare"]}):
                return None
            stored = select(func.coalesce(func.sum(_F.last - _F.first + 1), 0)).where(_F.session == session)
            frames = int((await connection.execute(stored)).scalar_one())
            await _empty(connection, [session])
            bare = {"node": "", "token": "", "spare": None, "left": row["node"], "moved_at": now}
            await connection.execute(update(_SESSIONS).where(_S.id == session).values(**bare))
            await add_act(connection, erasure(session, by=VISITOR if shown is not None else self._actor, at=now))
            return frames

    async def sweep(self, *, dead_before: datetime, forget_before: datetime) -> int:
        """Empty sessions that died, and delete rows past their time."""
        async with reachable(), self._database.writing() as connection:
            dead = select(_S.id).where(_S.over.is_(False), _S.alive_at < dead_before).limit(_MANY)
            ids = list((await connection.execute(dead)).scalars())
            await _empty(connection, ids)
            old = await connection.execute(delete(_SESSIONS).where(_S.over.is_(True), _S.alive_at < forget_before))
            return len(ids) + int(old.rowcount)


async def _held(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, RowMapping]:
    """Read and lock the present rows."""
    found: dict[str, RowMapping] = {}
    for start in range(0, len(ids), _MANY):
        rows = await connection.execute(
            _lock(connection, ids[start : start + _MANY], _S.id, _S.node, _S.fence, _S.over)
        )
        found.update({row["id"]: row for row in rows.mappings()})
    return found


def _lock(connection: AsyncConnection, ids: Sequence[str], *columns: Any) -> Any:
    """Return the query that locks these rows.

    SQLite's transaction holds the only write lock already; PostgreSQL locks rows, always in the same order.
    """
    query = select(*(columns or (_SESSIONS,))).where(_S.id.in_(ids)).order_by(_S.id)
    return query.with_for_update() if connection.dialect.name == "postgresql" else query


def _is_ours(change: SessionChange, held: dict[str, RowMapping]) -> bool:
    row = held.get(change.session.id)
    if row is None:
        return change.is_new
    return not row["over"] and (row["node"], row["fence"]) == (change.session.node, change.session.fence)


async def _store(connection: AsyncConnection, changes: Sequence[SessionChange], now: datetime) -> None:
    if not changes:
        return
    names = ("token", "spare", "seq", "state", "waiting")
    statement = (
        update(_SESSIONS)
        .where(_S.id == bindparam("this"))
        .values({name: bindparam(f"new_{name}") for name in names} | {"alive_at": bindparam("at")})
    )
    values = [
        {"this": one.session.id, "at": now, **{f"new_{name}": getattr(one.session, name) for name in names}}
        for one in changes
    ]
    await connection.execute(statement, values)


async def _add(connection: AsyncConnection, changes: Sequence[SessionChange], now: datetime) -> None:
    if not changes:
        return
    rest = {"over": False, "left": None, "moved_at": None, "alive_at": now}
    rows = [{name: getattr(one.session, name) for name in _COLUMNS} | rest for one in changes]
    await connection.execute(insert(_SESSIONS), rows)


async def _store_frames(connection: AsyncConnection, changes: Sequence[SessionChange]) -> None:
    rows = [
        {"session": one.session.id, "last": one.frames.last, "first": one.frames.first, "frames": one.frames.json}
        for one in changes
        if one.frames
    ]
    if rows:
        await connection.execute(insert(_FRAMES), rows)
    spent = [{"this": one.session.id, "upto": one.dealt_with} for one in changes if one.dealt_with]
    if spent:
        spare = delete(_FRAMES).where(_F.session == bindparam("this"), _F.last <= bindparam("upto"))
        await connection.execute(spare, spent)


async def _empty(connection: AsyncConnection, ids: Sequence[str]) -> None:
    if ids:
        await connection.execute(delete(_FRAMES).where(_F.session.in_(ids)))
        await connection.execute(
            update(_SESSIONS).where(_S.id.in_(ids)).values(over=True, state="", waiting=None, seq=0)
        )


def _stored_session(row: Any) -> StoredSession:
    return StoredSession(**{name: row[name] for name in _COLUMNS})
