"""How often something may be done, counted in this process or by all nodes together."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.conversation.bucket import Bucket

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
        self._buckets: OrderedDict[tuple[str, Rate], Bucket] = OrderedDict()

    async def take(self, scope: str, rate: Rate) -> float:
        """Take one here."""
        key = (scope, rate)
        bucket = self._buckets.pop(key, None) or Bucket(burst=rate.burst, per_s=rate.per_s)
        self._buckets[key] = bucket
        if len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return bucket.take(self._monotonic())
