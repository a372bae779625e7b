"""Group commit: what is written while a transaction is under way shares the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 100
"""Values a transaction: more would hold SQLite's one write lock for longer than a visitor should wait for it."""


class Grouped(Generic[T]):
    """Writes values in the order given, as many at once as have come; alone, a value waits for nobody.

    A disk that takes 5 ms to be sure of a transaction takes 200 values a second one by one, and thousands in groups.
    """

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        """`write` stores all of its values or none."""
        self._store = write
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def write(self, value: T) -> None:
        """Return when the value is stored; raises what `write` raises for it."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((value, stored))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="write in groups")
        await stored

    async def _work(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if await self._attempt(group) and len(group) > 1:
                for one in group:  # one of them is at fault: the others shall not suffer for it
                    await self._attempt([one])

    async def _attempt(self, group: list[tuple[T, asyncio.Future[None]]]) -> bool:
        """Whether it failed; a value that is alone is told so."""
        try:
            await self._store([value for value, _ in group])
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            if len(group) == 1:
                with suppress(asyncio.InvalidStateError):
                    group[0][1].set_exception(error)
            return True
        for _, stored in group:
            if not stored.done():
                stored.set_result(None)
        return False
