"""Rate limits: caps of new answers per session, address and day, and token buckets by scope."""

from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.conversation.erasing.pseudonym import SESSION_SCOPE, session_scope
from app.errors import GenerationCappedError


class Quota(Protocol):
    """Quota by scope, shared by all nodes.

    Raises:
        StateUnavailableError: the counts cannot be reached now.
    """

    async def take(self, limits: Mapping[str, int], *, now: datetime) -> str | None:
        """Count one in every scope and return None; if a scope is full, count nothing and return its name."""
        ...

    async def forget(self, scope: str) -> int:
        """Delete the count of a scope; return how many there were, 0 or 1."""
        ...


class MemoryQuota:
    """Quota of this process."""

    def __init__(self) -> None:
        self._used: Counter[str] = Counter()

    async def take(self, limits: Mapping[str, int], *, now: datetime) -> str | None:  # noqa: ARG002 - the port's
        """Count one in every scope, or in none."""
        full = next((scope for scope, limit in limits.items() if self._used[scope] >= limit), None)
        if full is None:
            self._used.update(limits.keys())
        return full

    async def forget(self, scope: str) -> int:
        """Drop the count."""
        return int(self._used.pop(scope, None) is not None)


@dataclass(frozen=True, slots=True)
class GenerationCaps:
    """Caps of new answers, against denial of wallet; counted when they are asked for. 0: no limit.

    Days are in UTC.
    """

    tally: Quota = field(default_factory=MemoryQuota)
    now: Callable[[], datetime] | None = None
    per_session: int = 0
    per_address: int = 0
    per_day: int = 0
    paused: Callable[[], Awaitable[object | None]] | None = None
    """Returns what says that an operator has paused new answers, or None."""

    async def hold(self) -> None:
        """Refuse while an operator has paused new answers.

        Raises:
            GenerationCappedError: they are paused.
        """
        if self.paused is not None and await self.paused() is not None:
            raise GenerationCappedError("New answers are paused for now. Ask one of the known questions.")

    async def take(self, session: str, address: str) -> None:
        """Count one new answer.

        Raises:
            GenerationCappedError: no new answers are left, or they are paused.
        """
        await self.hold()
        if self.now is None:
            return
        now = self.now()
        wanted = {
            session_scope(session): self.per_session,
            f"{now:%Y-%m-%d} address:{address}": self.per_address if address else 0,
            f"{now:%Y-%m-%d}": self.per_day,
        }
        limits = {scope: limit for scope, limit in wanted.items() if limit}
        full = await self.tally.take(limits, now=now) if limits else None
        if full is not None:
            which = (
                "this session" if full.startswith(SESSION_SCOPE) else "this address today" if " " in full else "today"
            )
            raise GenerationCappedError(
                f"Cannot generate a new answer: those of {which} are used up. Ask one of the known questions."
            )


class TokenBucket:
    """Token bucket: `burst` at once, `per_s` in the long run. The caller gives the time."""

    def __init__(self, *, burst: int, per_s: float) -> None:
        """Start full."""
        self._burst = burst
        self._per_s = per_s
        self._level = float(burst)
        self._at: float | None = None

    def take(self, now: float) -> float:
        """Take a token; return 0, or without one the seconds until there is one."""
        if self._at is not None:
            self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._per_s)
        self._at = now
        if self._level < 1:
            return (1 - self._level) / self._per_s
        self._level -= 1
        return 0.0


MOST = 50_000
"""Most scopes in the memory of a process; the least recently used one is dropped first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Rate limit: `burst` at once, `per_s` in the long run."""

    burst: int
    per_s: float


class Limits(Protocol):
    """Token buckets by scope. They never fail: without the shared counts, each process counts for itself."""

    async def take(self, scope: str, rate: Rate) -> float:
        """Take a token; return 0, or without one the seconds until there is one."""
        ...


class MemoryLimits:
    """Token buckets of this process."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._buckets: OrderedDict[tuple[str, Rate], TokenBucket] = OrderedDict()

    async def take(self, scope: str, rate: Rate) -> float:
        """Take a token of this process."""
        return self.take_now(scope, rate)

    def take_now(self, scope: str, rate: Rate) -> float:
        """Take a token of this process, without waiting."""
        key = (scope, rate)
        bucket = self._buckets.pop(key, None) or TokenBucket(burst=rate.burst, per_s=rate.per_s)
        self._buckets[key] = bucket
        if len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return bucket.take(self._monotonic())
