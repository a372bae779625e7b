"""Processes that can be killed or frozen at any call, and a loop in which time passes only when nothing else happens.

A process is a gate before everything outside it: it can be killed at any of its calls, before or after the effect, and
frozen at any of them; afterwards nothing it does has any effect.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


class DeadError(BaseException):
    """The process was killed."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock goes on only when there is nothing else to do."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_NoWaiting(self))
        self._clock_resolution = 1e-6  # a sum of many floats may miss a moment by a hair, and would then wait for ever

    def time(self) -> float:
        """Seconds since the beginning of the world."""
        return self.now


class _NoWaiting(selectors.SelectSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise AssertionError("Everybody waits and nothing will ever happen.")
        self._loop.now += max(0.0, timeout)
        return []


@dataclass
class Process:
    """One worker process: everything it does goes through `call`."""

    kill: int | None = None
    freeze: int | None = None
    freeze_s: float = 0.0
    dead: bool = False
    made: int = 0
    _thawed: asyncio.Event | None = None

    async def call(self, effect: Callable[[], Awaitable[T]]) -> T:
        """Carry an effect out, unless the process is dead by then."""
        self._look()
        number = self.made
        self.made += 1
        if number == self.freeze:
            self._thawed = asyncio.Event()
            await asyncio.sleep(self.freeze_s)
            self._thawed.set()
        elif self._thawed is not None:
            await self._thawed.wait()
        if self.kill == 2 * number:
            self.dead = True
        self._look()
        result = await effect()
        if self.kill == 2 * number + 1:
            self.dead = True
        self._look()
        return result

    def _look(self) -> None:
        if self.dead:
            raise DeadError


class Gate:
    """An object seen from inside a process: every method is a call."""

    def __init__(self, process: Process, inner: Any) -> None:
        self._process = process
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(inner):
            return inner

        async def gated(*args: Any, **kwargs: Any) -> Any:
            return await self._process.call(lambda: inner(*args, **kwargs))

        return gated
