"""Denial of wallet is bounded: how many new answers a session, an address and a day may ask for."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.errors import GenerationCappedError


class Quota(Protocol):
    """Counts shared by all nodes.

    Raises:
        StateUnavailableError: it cannot be counted now.
    """

    async def take(self, limits: Mapping[str, int], *, now: datetime) -> str | None:
        """Count one in every scope, or in none: then the first scope that is full."""
        ...


class MemoryQuota:
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
class GenerationCaps:
    """New answers, counted when they are asked for; 0 is no limit. Days are UTC's."""

    tally: Quota = field(default_factory=MemoryQuota)
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


class TokenBucket:
    """A token bucket: `burst` at once, `per_s` in the long run. Time is given."""

    def __init__(self, *, burst: int, per_s: float) -> None:
        """Start full."""
        self._burst = burst
        self._per_s = per_s
        self._level = float(burst)
        self._at: float | None = None

    def take(self, now: float) -> float:
        """Take one; 0 when there was one, else the seconds until there is."""
        if self._at is not None:
            self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._per_s)
        self._at = now
        if self._level < 1:
            return (1 - self._level) / self._per_s
        self._level -= 1
        return 0.0


MOST = 50_000
"""Scopes remembered in a process; the one that was silent longest goes first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, so many a second in the long run."""

    burst: int
    per_s: float


class Limits(Protocol):
    """Token buckets by scope. Never fails: what cannot be counted together is counted here."""

    async def take(self, scope: str, rate: Rate) -> float:
        """Take one; 0 when there was one, else the seconds until there is."""
        ...


class MemoryLimits:
    """Counted in this process."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._buckets: OrderedDict[tuple[str, Rate], TokenBucket] = OrderedDict()

    async def take(self, scope: str, rate: Rate) -> float:
        """Take one here."""
        key = (scope, rate)
        bucket = self._buckets.pop(key, None) or TokenBucket(burst=rate.burst, per_s=rate.per_s)
        self._buckets[key] = bucket
        if len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return bucket.take(self._monotonic())
