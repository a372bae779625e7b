"""Tallies of turns in SQL: one grouped query a day, by the index on the time."""

from datetime import date

from sqlalchemy import Table, func, select

from app.adapters.sql.engine import Database
from app.adapters.sql.retry import unbroken
from app.adapters.sql.tables import TurnRow
from app.learning.tallies import Tally, bounds_of

_TURNS: Table = TurnRow.__table__  # type: ignore[attr-defined]
_T = _TURNS.c


class SqlTallies:
    """The `Tallies` port on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @unbroken
    async def of_day(self, day: date) -> tuple[Tally, ...]:
        """Count the turns of a day in the database."""
        first, after = bounds_of(day)
        same = (_T.outcome, _T.intent, _T.score)
        counted = select(*same, func.count().label("turns")).where(_T.asked_at >= first, _T.asked_at < after)
        async with self._database.reading() as connection:
            rows = (await connection.execute(counted.group_by(*same))).mappings()
            return tuple(Tally(row["outcome"], row["intent"], row["score"], row["turns"]) for row in rows)
