"""The one clock that looks at the time."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, date, datetime


class SystemClock:
    """The computer's time; everything below is given it."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def elapsed(self) -> float:
        """Seconds that never go back, and go on while the computer sleeps, where it can tell."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The local date: opening hours and validity are local matters."""
        return datetime.now().astimezone().date()

    async def sleep(self, seconds: float) -> None:
        """Let others work."""
        await asyncio.sleep(seconds)


class SharedClock(SystemClock):
    """The computer's, but for the time of day, which all nodes agree on: sessions and tokens go from one to another."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return self._now()
