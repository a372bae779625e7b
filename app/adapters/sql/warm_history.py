"""Warm-up history in SQL: one row a run, one row a missing clip."""

from datetime import datetime

from sqlalchemy import Table, delete, func, insert, select

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger_queries import insert_missing
from app.adapters.sql.sessions import reachable
from app.adapters.sql.tables import MissingClipRow, WarmEndRow
from app.rendering.work.warm_history import COMPLETE, WarmEnd, WarmState, still_missing

_ENDS: Table = WarmEndRow.__table__  # type: ignore[attr-defined]
_MISSING: Table = MissingClipRow.__table__  # type: ignore[attr-defined]


class SqlWarmHistory:
    """Warm-up history that all processes of a site share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, end: WarmEnd) -> None:
        """Add the end of a run, in one transaction."""
        row = {
            "run": end.run,
            "ended_at": end.ended_at,
            "outcome": end.outcome,
            "clips_wanted": end.clips_wanted,
            "clips_missing": len(end.missing),
        }
        async with reachable(), self._database.writing() as connection:
            if not await insert_missing(connection, _ENDS, row):
                return
            found = await connection.execute(select(_MISSING.c.recipe_key, _MISSING.c.since))
            since = still_missing({row.recipe_key: row.since for row in found}, end)
            await connection.execute(delete(_MISSING))
            if since:
                rows = [{"recipe_key": key, "since": at} for key, at in since.items()]
                await connection.execute(insert(_MISSING), rows)

    async def state(self) -> WarmState | None:
        """Return the state after the newest run."""
        newest = select(_ENDS).order_by(_ENDS.c.ended_at.desc()).limit(1)
        completed = select(func.max(_ENDS.c.ended_at)).where(_ENDS.c.outcome == COMPLETE)
        oldest = select(func.min(_MISSING.c.since))
        async with reachable(), self._database.reading() as connection:
            last = (await connection.execute(newest)).one_or_none()
            completed_at: datetime | None = (await connection.execute(completed)).scalar_one()
            missing_since: datetime | None = (await connection.execute(oldest)).scalar_one()
        if last is None:
            return None
        return WarmState(
            ended_at=last.ended_at,
            outcome=last.outcome,
            clips_wanted=last.clips_wanted,
            clips_missing=last.clips_missing,
            completed_at=completed_at,
            missing_since=missing_since,
        )
