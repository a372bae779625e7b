"""Remembered figures: counted in the background, shown at once, and counted again when they are old."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

WAIT_S = 0.15
"""Time for which a page waits for a figure that was never counted."""

TIMES = 10
"""How many times as long as its counting took a figure is used at least: else a large site counts all the time."""


class Remembered(Generic[T]):
    """Figure that takes long to count. A reader waits a little for a new one, else gets the last, however old."""

    def __init__(self, make: Callable[[], Awaitable[T]], monotonic: Callable[[], float], *, fresh_s: float) -> None:
        """`fresh_s`: age from which the next reader has it counted again."""
        self._make, self._monotonic, self._fresh_s = make, monotonic, fresh_s
        self._value: T | None = None
        self._counted_at: float | None = None
        self.took_s = 0.0
        self._era = 0
        self._counting: asyncio.Task[None] | None = None

    async def read(self, wait_s: float = WAIT_S) -> T | None:
        """Return the figure; None if it was never counted and is not within this time.

        The last one is not kept waiting for a new one that takes longer than this.

        Raises:
            GreenroomError: it cannot be counted.
        """
        if self._is_old():
            if self._counting is None or self._counting.done():
                self._counting = asyncio.create_task(self._count(), name="count for the Studio")
            hopeless = self._value is not None and self.took_s > wait_s
            await asyncio.wait({self._counting}, timeout=0 if hopeless else wait_s)
            if self._counting.done():
                self._counting.result()
        return self._value

    @property
    def is_counting(self) -> bool:
        """Return whether it is counted at this moment."""
        return self._counting is not None and not self._counting.done()

    def forget(self) -> None:
        """Have it counted again for the next reader."""
        self._counted_at, self._era = None, self._era + 1

    async def _count(self) -> None:
        era, began = self._era, self._monotonic()
        self._value = await self._make()
        self.took_s = self._monotonic() - began
        if era == self._era:  # else it was made of what has changed meanwhile
            self._counted_at = self._monotonic()

    def _is_old(self) -> bool:
        fresh_s = max(self._fresh_s, TIMES * self.took_s)
        return self._counted_at is None or self._monotonic() - self._counted_at > fresh_s
