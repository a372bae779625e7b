"""Words between nodes that something may be worth a look: at most once each; losing one costs time only."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, Protocol

WORD_BYTES = 200
"""A word is a kind and a key, such as `recipe:<digest>`; what it tells of is read where the truth is."""


class Signals(Protocol):
    """Carries words to the other nodes of a site, never back to the one that said them."""

    def send(self, word: str) -> None:
        """Tell the others soon; never waits and never fails."""
        ...

    async def listen(self, *, heard: Callable[[str], object], missed: Callable[[], None]) -> NoReturn:
        """Hand on what the others say, until cancelled; nothing else runs the sending.

        `missed` says that words may have been lost, at the latest when they are heard again: time to look everywhere.
        """
        ...


class Party:
    """The nodes that hear each other when all of them live in this process."""

    def __init__(self) -> None:
        self._members: list[MemorySignals] = []

    def join(self) -> "MemorySignals":
        """One more node."""
        member = MemorySignals(self._members)
        self._members.append(member)
        return member


class MemorySignals:
    """One node of a party; a node alone hears nothing."""

    def __init__(self, members: "list[MemorySignals] | None" = None) -> None:
        """`members` are the others, this one among them or not."""
        self._members = [] if members is None else members
        self._heard: asyncio.Queue[str] = asyncio.Queue()

    def send(self, word: str) -> None:
        """Give it to the others."""
        for member in self._members:
            if member is not self:
                member._heard.put_nowait(word)  # noqa: SLF001 - its own kind

    async def listen(self, *, heard: Callable[[str], object], missed: Callable[[], None]) -> NoReturn:
        """Hand on; what was said before counts as missed."""
        while not self._heard.empty():
            self._heard.get_nowait()
        missed()
        while True:
            heard(await self._heard.get())


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
