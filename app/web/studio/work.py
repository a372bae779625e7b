"""Works: what goes on behind the Studio's pages, told to every page that looks, also after a reload."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from app.errors import GreenroomError, PlanError
from app.rendering.plan.agreement import Agreement

HEARTBEAT_S = 15.0
"""Interval of signs of life: a proxy closes what is silent for a minute."""

MOST_LINES = 30
"""Lines of news that are kept."""

MOST_AGREEMENTS = 50
"""Plans that can still be agreed to."""

State = Literal["running", "done", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of one work, as its page shows it."""

    name: str
    state: State = "running"
    by: str = ""
    done: int = 0
    total: int = 0
    spent: Decimal = Decimal(0)
    left_s: float | None = None
    says: str = ""
    lines: tuple[str, ...] = ()

    def with_line(self, line: str) -> "Progress":
        """Return it with one more line of news, the newest first."""
        return replace(self, lines=(line, *self.lines)[:MOST_LINES])


@dataclass
class Work:
    """Work in the background of this node; `version` counts the changes of its progress."""

    progress: Progress
    version: int = 0
    task: "asyncio.Task[None] | None" = None
    results: list[Any] = field(default_factory=list)
    """Values that it found, for its page."""
    over: bool = False
    """True once the server goes down: nobody may follow any longer."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_running(self) -> bool:
        """Return whether it goes on."""
        return self.progress.state == "running"

    def tell(self, progress: Progress) -> None:
        """Take another state, and wake whoever looks."""
        self.progress, self.version = progress, self.version + 1
        self._wake()

    def hang_up(self) -> None:
        """End all lines on which it is followed."""
        self.over = True
        self._wake()

    def _wake(self) -> None:
        before, self._changed = self._changed, asyncio.Event()
        before.set()

    async def follow(self) -> AsyncIterator[Progress | None]:
        """Yield the progress now and at each change until it has ended; None is a sign of life in between."""
        seen = -1
        while not self.over:
            changed = self._changed
            if seen != self.version:
                seen = self.version
                yield self.progress
                if not self.is_running:
                    return
                continue
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await changed.wait()
            except TimeoutError:
                yield None


class Works:
    """Works of one node by their name; of each there is one at a time."""

    def __init__(self) -> None:
        self._works: dict[str, Work] = {}

    def get(self, name: str) -> Work | None:
        """Return the work that goes on, or the one that ended last."""
        return self._works.get(name)

    def start(self, begun: Progress, run: Callable[[Work], Coroutine[Any, Any, None]]) -> Work:
        """Start a work, unless one of its name goes on: then return that."""
        going_on = self._works.get(begun.name)
        if going_on is not None and going_on.is_running:
            return going_on
        work = self._works[begun.name] = Work(begun)
        work.task = asyncio.create_task(_guarded(work, run), name=f"studio: {begun.name}")
        return work

    def hang_up(self) -> None:
        """End all lines before the server waits for them; pages ask again when it is back."""
        for work in self._works.values():
            work.hang_up()

    async def aclose(self) -> None:
        """Stop all of them."""
        tasks = [work.task for work in self._works.values() if work.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Agreements:
    """Plans that were shown lately, by their seal: a person can agree to what they saw, and to nothing else."""

    def __init__(self) -> None:
        self._shown: dict[str, Agreement] = {}

    def keep(self, agreement: Agreement) -> None:
        """Keep a plan that is shown."""
        self._shown.pop(agreement.seal, None)
        self._shown[agreement.seal] = agreement
        while len(self._shown) > MOST_AGREEMENTS:
            del self._shown[next(iter(self._shown))]

    def find(self, seal: str) -> Agreement:
        """Return the plan with this seal.

        Raises:
            PlanError: it was shown too long ago.
        """
        found = self._shown.get(seal)
        if found is None:
            raise PlanError("Expected a plan that was shown lately, got an older one; look at the plan again.")
        return found


async def _guarded(work: Work, run: Callable[[Work], Coroutine[Any, Any, None]]) -> None:
    """Run a work to its end, and say how it ended."""
    try:
        await run(work)
    except GreenroomError as error:
        work.tell(replace(work.progress, state="failed", says=str(error)))
    except BaseException:
        work.tell(replace(work.progress, state="stopped", says="It was stopped."))
        raise
    else:
        if work.is_running:
            work.tell(replace(work.progress, state="done"))
