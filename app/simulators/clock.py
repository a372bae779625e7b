"""Clock of the simulators: real time, advanced on request; no test waits hours for a late webhook."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

FROZEN_S = 1_800_000_000.0
"""Start of a standing clock, unix seconds."""


class Clock:
    """Clock: unix seconds from `source`, plus all advances."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._ahead_s = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        """Return unix seconds."""
        return self._source() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Jump forward and wake all waiting tasks; call it from the server's own thread."""
        self._ahead_s += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def until(self, moment: float) -> None:
        """Return once `now()` has reached `moment`."""
        while (left := moment - self.now()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()


def standing(at: float = FROZEN_S) -> Clock:
    """Make a clock that only `advance` moves."""
    return Clock(lambda: at)


def rfc3339(moment: float) -> str:
    """Format a time: `2026-11-22T10:00:00.000Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
