"""Quota counters in SQL, shared by all nodes."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.adapters.sql.engine import Database
from app.adapters.sql.sessions import reachable
from app.adapters.sql.tables import TallyRow

_TALLIES: Table = TallyRow.__table__  # type: ignore[attr-defined]
_T = _TALLIES.c


class SqlQuota:
    """Quota with one row a scope; rows of earlier days are deleted at the first count of a day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, limits: Mapping[str, int], *, now: datetime) -> str | None:
        """Check and count in one transaction."""
        scopes = sorted(limits)
        async with reachable(), self._database.writing() as connection:
            postgres = connection.dialect.name == "postgresql"
            found = select(_T.scope, _T.used).where(_T.scope.in_(scopes)).order_by(_T.scope)
            query = found.with_for_update() if postgres else found
            used = {row.scope: row.used for row in await connection.execute(query)}
            if new := [{"scope": scope, "used": 0, "day": now.date()} for scope in scopes if scope not in used]:
                await connection.execute(delete(_TALLIES).where(_T.day < now.date()))
                adding = postgresql.insert(_TALLIES) if postgres else sqlite.insert(_TALLIES)
                await connection.execute(adding.on_conflict_do_nothing(), new)
                used = {row.scope: row.used for row in await connection.execute(query)}
            full = next((scope for scope in limits if used[scope] >= limits[scope]), None)
            if full is None:
                await connection.execute(update(_TALLIES).where(_T.scope.in_(scopes)).values(used=_T.used + 1))
            return full

    async def forget(self, scope: str) -> int:
        """Delete the row."""
        async with reachable(), self._database.writing() as connection:
            return int((await connection.execute(delete(_TALLIES).where(_T.scope == scope))).rowcount)
