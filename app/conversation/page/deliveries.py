"""Deliveries: what visitors send to the site, kept until its webhook has taken it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol, Self

from app.errors import RateLimitedError

TRIES_S = (0, 30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
"""Waits before each try; after the last one it is given up."""

MOST_WAITING = 10_000
"""Deliveries that may wait at once: a site that takes none for days must not fill the disk."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery: its body as JSON, when it is due, and how often it was tried."""

    id: str
    kind: str
    session: str
    body: str
    at: datetime
    due_at: datetime
    tries: int = 0
    trouble: str = ""
    """Why the last try failed."""

    @classmethod
    def of(cls, kind: str, ref: str, told: Mapping[str, Any], *, session: str, at: datetime) -> Self:
        """Make a delivery of a session's request; the same request has the same id."""
        named = f"d_{sha256(f'{session} {ref}'.encode()).hexdigest()[:32]}"
        body = {"type": kind, "id": named, "session": session, "at": at.isoformat(), **told}
        return cls(named, kind, session, json.dumps(body, ensure_ascii=False), at, at)

    def failed(self, trouble: str, now: datetime) -> Self | None:
        """Return the delivery as it waits for its next try; None if that was the last one."""
        tries = self.tries + 1
        if tries >= len(TRIES_S):
            return None
        due_at = now + timedelta(seconds=TRIES_S[tries])
        return replace(self, tries=tries, trouble=trouble[:200], due_at=due_at)


class Deliveries(Protocol):
    """Store of deliveries."""

    async def keep(self, delivery: Delivery) -> None:
        """Store a delivery; one that is stored already stays as it is, and of an erased session none is stored.

        Raises:
            StateUnavailableError: it cannot be stored now.
            RateLimitedError: too many wait already.
        """
        ...

    async def take(self, now: datetime, *, until: datetime, most: int = 20) -> Sequence[Delivery]:
        """Return deliveries that are due, the oldest first, and hold them back from others `until` then."""
        ...

    async def done(self, delivery: str) -> None:
        """Drop a delivery: it was taken, or given up."""
        ...

    async def wait(self, delivery: Delivery) -> None:
        """Store a delivery that waits for its next try."""
        ...

    async def forget(self, session: str) -> int:
        """Drop the deliveries of a session; return their number."""
        ...

    async def expire(self, *, before: datetime) -> int:
        """Drop the deliveries that visitors sent before this; return their number."""
        ...

    async def of_session(self, session: str) -> Sequence[Delivery]:
        """Return the deliveries of a session that wait, the oldest first."""
        ...

    async def waiting(self) -> int:
        """Return the number of deliveries that are not taken yet."""
        ...


def too_many() -> RateLimitedError:
    """Return the error for a delivery that finds too many before it."""
    return RateLimitedError("The site takes no more forms for now; wait a little.", retry_after_s=60.0)


class NoDeliveries:
    """Deliveries of a site without a webhook: nothing is kept."""

    async def keep(self, delivery: Delivery) -> None:
        """Keep nothing."""

    async def take(self, now: datetime, *, until: datetime, most: int = 20) -> Sequence[Delivery]:  # noqa: ARG002
        """Return nothing."""
        return ()

    async def done(self, delivery: str) -> None:
        """Do nothing."""

    async def wait(self, delivery: Delivery) -> None:
        """Do nothing."""

    async def forget(self, session: str) -> int:  # noqa: ARG002 - nothing is kept of any session
        """Return that nothing was kept."""
        return 0

    async def expire(self, *, before: datetime) -> int:  # noqa: ARG002 - the port's
        """Return that nothing was kept."""
        return 0

    async def of_session(self, session: str) -> Sequence[Delivery]:  # noqa: ARG002 - nothing is kept of any session
        """Return nothing."""
        return ()

    async def waiting(self) -> int:
        """Return that nothing waits."""
        return 0


@dataclass
class MemoryDeliveries:
    """Deliveries in memory."""

    stored: dict[str, Delivery] = field(default_factory=dict)
    is_erased: Callable[[str], bool] = lambda _: False
    most: int = MOST_WAITING

    async def keep(self, delivery: Delivery) -> None:
        """Store a delivery."""
        if self.is_erased(delivery.session) or delivery.id in self.stored:
            return
        if len(self.stored) >= self.most:
            raise too_many()
        self.stored[delivery.id] = delivery

    async def take(self, now: datetime, *, until: datetime, most: int = 20) -> Sequence[Delivery]:
        """Return deliveries that are due."""
        due = sorted((one for one in self.stored.values() if one.due_at <= now), key=lambda one: (one.due_at, one.id))
        for one in due[:most]:
            self.stored[one.id] = replace(one, due_at=until)
        return due[:most]

    async def done(self, delivery: str) -> None:
        """Drop a delivery."""
        self.stored.pop(delivery, None)

    async def wait(self, delivery: Delivery) -> None:
        """Store a delivery that waits, unless it was dropped meanwhile."""
        if delivery.id in self.stored:
            self.stored[delivery.id] = delivery

    async def forget(self, session: str) -> int:
        """Drop the deliveries of a session."""
        return self._drop([one.id for one in self.stored.values() if one.session == session])

    async def expire(self, *, before: datetime) -> int:
        """Drop old deliveries."""
        return self._drop([one.id for one in self.stored.values() if one.at < before])

    async def of_session(self, session: str) -> Sequence[Delivery]:
        """Search the deliveries."""
        mine = (one for one in self.stored.values() if one.session == session)
        return tuple(sorted(mine, key=lambda one: (one.at, one.id)))

    def _drop(self, gone: Sequence[str]) -> int:
        for one in gone:
            del self.stored[one]
        return len(gone)

    async def waiting(self) -> int:
        """Return the number of deliveries."""
        return len(self.stored)
