"""The database's time: the one clock that all nodes share, whatever their own ones say."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from sqlalchemy import text

from app.adapters.sql.engine import Database
from app.errors import StateUnavailableError

READ_EVERY_S = 30.0
"""Often enough: quartz drifts by a millisecond meanwhile."""


class DatabaseClock:
    """`now` is PostgreSQL's time, read now and then and counted on by a clock that never goes back.

    Leases, the time that a vendor has to tell of a job, and a budget's days are compared between nodes. A node whose
    own clock is an hour ahead would take work from a living one, and might have it done, and paid, again. SQLite is one
    computer's: there the computer's own time is taken, read as often.
    """

    def __init__(
        self,
        database: Database,
        *,
        elapsed: Callable[[], float],
        here: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`elapsed` counts seconds, also those for which the computer sleeps; `here` is its own time until `read`."""
        self._database = database
        self._elapsed = elapsed
        self._here = here
        self._anchor = (elapsed(), here())

    def now(self) -> datetime:
        """The time that all nodes agree on."""
        at, told = self._anchor
        return told + timedelta(seconds=self._elapsed() - at)

    async def read(self) -> None:
        """Ask for the time.

        Raises:
            StateUnavailableError: the database is away.
        """
        if self._database.is_sqlite:
            self._anchor = (self._elapsed(), self._here())
            return
        asked = self._elapsed()
        async with self._database.reading() as connection:
            told: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
        self._anchor = ((asked + self._elapsed()) / 2, told.astimezone(UTC))

    async def keep(self, sleep: Callable[[float], Awaitable[None]]) -> NoReturn:
        """Read again and again; while the database is away the time is counted on."""
        while True:
            await sleep(READ_EVERY_S)
            try:
                await self.read()
            except StateUnavailableError:
                continue
