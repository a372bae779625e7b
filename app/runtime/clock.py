"""The one clock that looks at the time."""

import asyncio
import time
from datetime import UTC, date, datetime


class SystemClock:
    """The computer's time; everything below is given it."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The local date: opening hours and validity are local matters."""
        return datetime.now().astimezone().date()

    async def sleep(self, seconds: float) -> None:
        """Let others work."""
        await asyncio.sleep(seconds)
