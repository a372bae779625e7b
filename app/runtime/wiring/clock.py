"""Clocks: the only place that reads the time."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, date, datetime


class SystemClock:
    """Clock of this computer; the layers below get it as an argument."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def elapsed(self) -> float:
        """Seconds that never go back, and go on while the computer sleeps, if it can measure that."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()

    def now(self) -> datetime:
        """Time of day, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Local date: opening hours and validity are local matters."""
        return datetime.now().astimezone().date()

    async def sleep(self, seconds: float) -> None:
        """Wait while other tasks run."""
        await asyncio.sleep(seconds)


class SharedClock(SystemClock):
    """Clock whose time of day all nodes share, because sessions and tokens go from node to node."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> datetime:
        """Time of day, in UTC."""
        return self._now()
