"""Denial of wallet is bounded: how many new answers a session, an address and a day may ask for."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.errors import GenerationCappedError


class Tally(Protocol):
    """Counts shared by all nodes.

    Raises:
        StateUnavailableError: it cannot be counted now.
    """

    async def take(self, limits: Mapping[str, int], *, now: datetime) -> str | None:
        """Count one in every scope, or in none: then the first scope that is full."""
        ...


class MemoryTally:
    """Counts of this process."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    async def take(self, limits: Mapping[str, int], *, now: datetime) -> str | None:  # noqa: ARG002 - the port's
        """Count."""
        full = next((scope for scope, limit in limits.items() if self._used[scope] >= limit), None)
        if full is None:
            self._used.update(limits.keys())
        return full


@dataclass(frozen=True, slots=True)
class Allowance:
    """New answers, counted when they are asked for; 0 is no limit. Days are UTC's."""

    tally: Tally = field(default_factory=MemoryTally)
    now: Callable[[], datetime] | None = None
    per_session: int = 0
    per_address: int = 0
    per_day: int = 0

    async def take(self, session: str, address: str) -> None:
        """Count one new answer.

        Raises:
            GenerationCappedError: there have been as many as may be.
        """
        if self.now is None:
            return
        now = self.now()
        wanted = {
            f"session:{session}": self.per_session,
            f"{now:%Y-%m-%d} address:{address}": self.per_address if address else 0,
            f"{now:%Y-%m-%d}": self.per_day,
        }
        limits = {scope: limit for scope, limit in wanted.items() if limit}
        full = await self.tally.take(limits, now=now) if limits else None
        if full is not None:
            which = "this session" if full.startswith("session:") else "this address today" if " " in full else "today"
            raise GenerationCappedError(f"Expected a new answer to be affordable, got all for {which} used up.")
