"""Deliveries in SQL, shared by all nodes: who takes one holds it back from the others for a while."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Table, delete, func, select, update

from app.adapters.sql.deliveries.tables import DeliveryRow
from app.adapters.sql.engine import Database
from app.adapters.sql.erasing.traces import erased_among
from app.adapters.sql.ledger_queries import insert_missing
from app.adapters.sql.sessions import reachable
from app.conversation.erasing.pseudonym import session_scope
from app.conversation.page.deliveries import MOST_WAITING, Delivery, too_many

_ROWS: Table = DeliveryRow.__table__  # type: ignore[attr-defined]
_R = _ROWS.c
_COUNT = select(func.count()).select_from(_ROWS)


class SqlDeliveries:
    """The `Deliveries` port on SQLite or PostgreSQL.

    A site without a webhook `keeps` nothing more; what it kept when it had one is erased and expires all the same.
    """

    def __init__(self, database: Database, *, keeps: bool = True, most: int = MOST_WAITING) -> None:
        self._database = database
        self._keeps = keeps
        self._most = most

    async def keep(self, delivery: Delivery) -> None:
        """Insert the row, if there is none and the session is not erased."""
        if not self._keeps:
            return
        async with reachable(), self._database.writing() as connection:
            if await erased_among(connection, [session_scope(delivery.session)]):
                return
            is_new = await insert_missing(connection, _ROWS, asdict(delivery))
            if is_new and (await connection.scalar(_COUNT) or 0) > self._most:
                raise too_many()  # which takes the row back

    async def take(self, now: datetime, *, until: datetime, most: int = 20) -> Sequence[Delivery]:
        """Move what is due to a later time, one conditional update each: of two nodes, one gets it."""
        found = select(_ROWS).where(_R.due_at <= now).order_by(_R.due_at, _R.id).limit(most)
        async with reachable(), self._database.writing() as connection:
            rows = (await connection.execute(found)).mappings().all()
            taken = []
            for row in rows:
                mine = update(_ROWS).where(_R.id == row["id"], _R.due_at == row["due_at"]).values(due_at=until)
                if (await connection.execute(mine)).rowcount:
                    taken.append(Delivery(**row))
        return taken

    async def done(self, delivery: str) -> None:
        """Delete the row."""
        async with reachable(), self._database.writing() as connection:
            await connection.execute(delete(_ROWS).where(_R.id == delivery))

    async def wait(self, delivery: Delivery) -> None:
        """Update the row, if it is still there."""
        values = {"due_at": delivery.due_at, "tries": delivery.tries, "trouble": delivery.trouble}
        async with reachable(), self._database.writing() as connection:
            await connection.execute(update(_ROWS).where(_R.id == delivery.id).values(**values))

    async def forget(self, session: str) -> int:
        """Delete a session's rows."""
        async with reachable(), self._database.writing() as connection:
            return (await connection.execute(delete(_ROWS).where(_R.session == session))).rowcount

    async def expire(self, *, before: datetime) -> int:
        """Delete old rows."""
        async with reachable(), self._database.writing() as connection:
            return (await connection.execute(delete(_ROWS).where(_R.at < before))).rowcount

    async def of_session(self, session: str) -> Sequence[Delivery]:
        """Read a session's rows."""
        mine = select(_ROWS).where(_R.session == session).order_by(_R.at, _R.id)
        async with reachable(), self._database.reading() as connection:
            return tuple(Delivery(**row) for row in (await connection.execute(mine)).mappings())

    async def waiting(self) -> int:
        """Count the rows."""
        async with reachable(), self._database.reading() as connection:
            return await connection.scalar(_COUNT) or 0
