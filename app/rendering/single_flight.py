"""Single flight inside one process: concurrent callers with the same key share one task."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Tasks by key. A task runs while anyone waits for it; when the last caller leaves, it is cancelled."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[T]] = {}
        self._waiting: dict[str, int] = {}

    async def join(self, key: str, start: Callable[[], Awaitable[T]]) -> T:
        """Return the result of the task in flight for this key; `start` begins one if there is none."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.create_task(_run(start), name=f"flight {key[:12]}")
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            return await asyncio.shield(task)
        finally:
            await self._leave(key, task)

    async def _leave(self, key: str, task: asyncio.Task[T]) -> None:
        self._waiting[key] -= 1
        if self._waiting[key] > 0:
            return
        del self._waiting[key]
        if not task.done():
            self._tasks.pop(key, None)
            task.cancel()
            await asyncio.wait({task})

    def _landed(self, key: str, task: asyncio.Task[T]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled():
            task.exception()  # seen: a task whose last waiter has gone must not warn


async def _run(start: Callable[[], Awaitable[T]]) -> T:
    return await start()
