"""Database time: the one clock that all nodes share, whatever their own clocks show."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from sqlalchemy import text

from app.adapters.sql.engine import Database
from app.errors import StateUnavailableError

READ_EVERY_S = 30.0
"""Interval of reads in seconds: quartz drifts by about a millisecond meanwhile."""


class DatabaseClock:
    """Clock of PostgreSQL's time.

    It is read every `READ_EVERY_S`; in between, a clock that never goes back advances it.

    Leases, the time that a provider has to report a job, and a budget's days are compared between nodes. A
    node whose own clock is an hour ahead would take work from a living one, and might have it done, and paid,
    again. SQLite belongs to one computer: there the computer's own time is used, read as often.
    """

    def __init__(
        self,
        database: Database,
        *,
        elapsed: Callable[[], float],
        here: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Take `elapsed` (seconds, also while the computer sleeps) and `here` (local time until `read`)."""
        self._database = database
        self._elapsed = elapsed
        self._here = here
        self._anchor = (elapsed(), here())

    def now(self) -> datetime:
        """Return the time that all nodes agree on."""
        at, database_time = self._anchor
        return database_time + timedelta(seconds=self._elapsed() - at)

    async def read(self) -> None:
        """Read the database's time.

        Raises:
            StateUnavailableError: the database is away.
        """
        if self._database.is_sqlite:
            self._anchor = (self._elapsed(), self._here())
            return
        started = self._elapsed()
        async with self._database.reading() as connection:
            database_time: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
        self._anchor = ((started + self._elapsed()) / 2, database_time.astimezone(UTC))

    async def keep(self, sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Read the time for ever; while the database is away, the clock advances by itself."""
        while True:
            await sleep(READ_EVERY_S)
            try:
                await self.read()
            except StateUnavailableError:
                continue
