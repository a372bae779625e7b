"""Labels in SQL: one row a judged turn."""

from dataclasses import asdict

from sqlalchemy import Table, delete, insert, select

from app.adapters.sql.engine import Database
from app.adapters.sql.retry import unbroken
from app.adapters.sql.tables import TurnLabelRow
from app.learning.traffic import TurnLabel

_LABELS: Table = TurnLabelRow.__table__  # type: ignore[attr-defined]


class SqlLabels:
    """Labels that all processes of a site share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @unbroken
    async def add(self, label: TurnLabel) -> None:
        """Write the row in place of an earlier one, in one transaction."""
        async with self._database.writing() as connection:
            await connection.execute(delete(_LABELS).where(_LABELS.c.turn == label.turn))
            await connection.execute(insert(_LABELS).values(**asdict(label)))

    @unbroken
    async def all(self) -> tuple[TurnLabel, ...]:
        """Read all rows."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(_LABELS).order_by(_LABELS.c.at, _LABELS.c.turn))).mappings()
            return tuple(TurnLabel(**row) for row in rows)
