"""Words between nodes that something may be worth a look: at most once each; losing one costs time only."""

import asyncio
from collections.abc import Callable
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
