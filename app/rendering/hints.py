"""Hints: something may have happened to what somebody waits for, here or elsewhere. Losing one costs time only."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

from app.rendering.signals import MemorySignals, Signals


def clip_word(key: str) -> str:
    """What is called when a recipe's work has ended."""
    return f"recipe:{key}"


class Hints:
    """Pauses by name (a token, `recipe:<key>`) that end early when the name is called on any node."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]], signals: Signals | None = None) -> None:
        """`signals` reach the other nodes."""
        self._sleep = sleep
        self._signals = signals or MemorySignals()
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def call(self, name: str) -> bool:
        """End the pauses of this name on every node; False when nobody on this one waits for it."""
        self._signals.send(name)
        return self._end(name)

    async def pause(self, name: str, seconds: float) -> None:
        """Sleep, or until the name is called, or until a call may have been missed."""
        called = asyncio.Event()
        self._waiting.setdefault(name, set()).add(called)
        sides = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(called.wait())]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            self._waiting[name].discard(called)
            if not self._waiting[name]:
                del self._waiting[name]

    async def listen(self) -> NoReturn:
        """Hear the other nodes, and let them hear this one, until cancelled."""
        await self._signals.listen(heard=self._end, missed=self._end_all)

    def _end(self, name: str) -> bool:
        waiting = self._waiting.get(name, set())
        for called in waiting:
            called.set()
        return bool(waiting)

    def _end_all(self) -> None:
        for name in tuple(self._waiting):
            self._end(name)
