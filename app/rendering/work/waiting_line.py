"""Waiting line of a warm run: what a visitor asks for moves to its front, and visitors' renders go before it."""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.digest import Digest
from app.rendering.plan.planner import PlanItem
from app.rendering.work.remote import RemoteStudio
from app.rendering.work.studio import Studio


class WaitingLine:
    """Clips that wait to be rendered, in the plan's order, behind those that visitors asked for meanwhile."""

    def __init__(self, items: Iterable[PlanItem] = ()) -> None:
        self._visitors = 0
        self._clear = asyncio.Event()
        self._clear.set()
        self.fill(items)

    def fill(self, items: Iterable[PlanItem]) -> None:
        """Replace the clips that wait; with another plan, what visitors asked for is no longer known."""
        self._waiting = {item.wanted.key: item for item in items}
        self._names = {key: item.wanted.key for item in self._waiting.values() for key in item.wanted.keys}
        self._asked: dict[Digest, None] = {}

    def forward(self, keys: Collection[Digest]) -> None:
        """Move a clip, by any of its keys, to the front, behind those that were asked for before it."""
        for key in keys:
            name = self._names.get(key)
            if name in self._waiting:
                self._asked.setdefault(name)

    async def next(self) -> PlanItem | None:
        """Return the next clip once no visitor waits for a render; None when none is left."""
        await self._clear.wait()
        name = next(iter(self._asked or self._waiting), None)
        if name is None:
            return None
        self._asked.pop(name, None)
        return self._waiting.pop(name)

    @contextmanager
    def visitor(self) -> Iterator[None]:
        """Hold the line back during a visitor's render; those that have begun go on."""
        self._visitors += 1
        self._clear.clear()
        try:
            yield
        finally:
            self._visitors -= 1
            if not self._visitors:
                self._clear.set()


@dataclass(frozen=True, slots=True)
class WarmPlace:
    """Place of a warm run in a process that has visitors, too: their studio, who renders for it, and the line."""

    studio: Studio
    maker: Studio | RemoteStudio
    line: WaitingLine = field(default_factory=WaitingLine)

    @classmethod
    def of(cls, studio: "Studio | WarmPlace") -> "WarmPlace":
        """Return the place as it is, or one of a process that does nothing else."""
        return studio if isinstance(studio, WarmPlace) else cls(studio, studio)
