"""Notifications: topics on which something may have changed, between nodes and inside one.

Each arrives at most once. A lost one costs time only, because every waiter looks again by itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, Protocol


class NodeBus(Protocol):
    """Bus: carries topics to the other nodes of a site, never back to the sender.

    A topic is a kind and a key, such as `recipe:<digest>`; what happened is read from the ledger.
    """

    def send(self, topic: str) -> None:
        """Send to the other nodes soon; never waits and never fails."""
        ...

    async def listen(self, *, heard: Callable[[str], object], missed: Callable[[], None]) -> NoReturn:
        """Receive from the other nodes until cancelled; sending needs this to run, too.

        `missed` is notified when topics may have been lost, at the latest on reconnecting: then look
        everywhere.
        """
        ...


class MemoryBus:
    """In-process bus: all nodes are in this process."""

    def __init__(self) -> None:
        self._members: list[MemoryBusMember] = []

    def join(self) -> "MemoryBusMember":
        """Add a node."""
        member = MemoryBusMember(self._members)
        self._members.append(member)
        return member


class MemoryBusMember:
    """One node on an in-process bus; a node alone receives nothing."""

    def __init__(self, members: "list[MemoryBusMember] | None" = None) -> None:
        """Join `members`, the list that all nodes of the bus share."""
        self._members = [] if members is None else members
        self._heard: asyncio.Queue[str] = asyncio.Queue()

    def send(self, topic: str) -> None:
        """Put the topic into every other member's queue."""
        for member in self._members:
            if member is not self:
                member._heard.put_nowait(topic)  # noqa: SLF001 - its own kind

    async def listen(self, *, heard: Callable[[str], object], missed: Callable[[], None]) -> NoReturn:
        """Pass topics on; earlier ones count as missed."""
        while not self._heard.empty():
            self._heard.get_nowait()
        missed()
        while True:
            heard(await self._heard.get())


def clip_topic(key: str) -> str:
    """Topic of a recipe: notified when work on it has ended."""
    return f"recipe:{key}"


class Notifications:
    """Waits by topic (a token, `recipe:<key>`) that end early when any node notifies the topic."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]], bus: NodeBus | None = None) -> None:
        """`bus` reaches the other nodes; without one there are none."""
        self._sleep = sleep
        self._bus = bus or MemoryBusMember()
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def notify(self, topic: str) -> bool:
        """End the waits on this topic on every node; False if none on this node waits for it."""
        self._bus.send(topic)
        return self._end(topic)

    async def wait(self, topic: str, seconds: float) -> None:
        """Wait so many seconds, or until the topic is notified or a notification may have been missed."""
        notified = asyncio.Event()
        self._waiting.setdefault(topic, set()).add(notified)
        sides = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(notified.wait())]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            self._waiting[topic].discard(notified)
            if not self._waiting[topic]:
                del self._waiting[topic]

    async def listen(self) -> NoReturn:
        """Exchange notifications with the other nodes until cancelled."""
        await self._bus.listen(heard=self._end, missed=self._end_all)

    def _end(self, topic: str) -> bool:
        waiting = self._waiting.get(topic, set())
        for notified in waiting:
            notified.set()
        return bool(waiting)

    def _end_all(self) -> None:
        for topic in tuple(self._waiting):
            self._end(topic)
