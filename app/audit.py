"""The audit log: who did what about money, consent, releases, erasure and the API key, chained row by row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from app.digest import Digest, digest_bytes, digest_json

SYSTEM = "system"
"""The actor of what nobody did by hand."""

VISITOR = "visitor"
"""The actor of what somebody did with their own session."""

START = digest_bytes(b"")
"""What stands before the first row."""


@dataclass(frozen=True, slots=True)
class Act:
    """One deed: `actor` is `name@host`, a key with its role, `visitor` or `system`; `action` noun.verb; money text."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A deed as it was kept: its digest is over its own content and the digest of the row before."""

    number: int
    act: Act
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """Whether the log is as it was written; `bad` is the number of the first row that is not."""

    rows: int
    head: str
    bad: int | None = None
    reason: str = ""


class AuditLog(Protocol):
    """Rows that are only ever added. What belongs to a change in the same database is added in its transaction."""

    async def append(self, act: Act, *, once: bool = False) -> None:
        """Add a row; `once`: unless the same action on the same subject with the same details is there."""
        ...

    async def list(
        self, *, actions: Iterable[str] = (), since: datetime | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[AuditRow, ...]:
        """The newest first; an action `release` means all `release.…`."""
        ...

    async def newest(self, *, actions: Iterable[str]) -> tuple[AuditRow, ...]:
        """The newest row of each subject that one of these actions was done to, in the order of their first rows."""
        ...

    async def verify(self) -> ChainCheck:
        """Go along the chain."""
        ...


def chained(act: Act, *, number: int, previous: str) -> AuditRow:
    """The row for a deed after the one whose digest is given."""
    return AuditRow(number, act, previous, _digest(act, number, previous))


@dataclass
class Chain:
    """Goes along rows in their order and stops at the first that was changed, or that one is missing before."""

    verdict: ChainCheck = field(default_factory=lambda: ChainCheck(0, START))

    def take(self, row: AuditRow) -> bool:
        """Look at the next row; False when it is bad."""
        seen = self.verdict
        expected = seen.rows + 1
        if row.number != expected:
            self.verdict = ChainCheck(seen.rows, seen.head, expected, "the row is missing")
        elif row.previous != seen.head:
            self.verdict = ChainCheck(seen.rows, seen.head, expected, "it does not follow the row before")
        elif row.digest != _digest(row.act, row.number, row.previous):
            self.verdict = ChainCheck(seen.rows, seen.head, expected, "its content is not what was written")
        else:
            self.verdict = ChainCheck(expected, row.digest)
        return self.verdict.bad is None


def _digest(act: Act, number: int, previous: str) -> Digest:
    own = {"at": act.at.astimezone(UTC).isoformat(), "actor": act.actor, "action": act.action, "subject": act.subject}
    return digest_json({**own, "details": dict(act.details), "number": number, "previous": previous})


def erasure(session: str, *, by: str, at: datetime) -> Act:
    """A session was erased; its id, which somebody may have kept, still finds the row by its digest."""
    return Act(at, by, "session.erased", f"session {digest_bytes(session.encode())[:16]}")


def same(one: Act, other: Act) -> bool:
    """Whether both say the same of the same thing, whenever and by whom."""
    return (one.action, one.subject, dict(one.details)) == (other.action, other.subject, dict(other.details))


def within(action: str, wanted: Iterable[str]) -> bool:
    """Whether an action is one of those wanted, or of their nouns."""
    return any(action == one or action.startswith(f"{one}.") for one in wanted)


class MemoryAudit:
    """Rows in a list: for tests, and where nothing is kept."""

    def __init__(self) -> None:
        self.rows: list[AuditRow] = []

    async def append(self, act: Act, *, once: bool = False) -> None:
        """Append it."""
        if once and any(same(row.act, act) for row in self.rows):
            return
        previous = self.rows[-1].digest if self.rows else START
        self.rows.append(chained(act, number=len(self.rows) + 1, previous=previous))

    async def list(
        self, *, actions: Iterable[str] = (), since: datetime | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[AuditRow, ...]:
        """Backwards."""
        wanted = tuple(actions)
        found = [
            row
            for row in reversed(self.rows)
            if (not wanted or within(row.act.action, wanted)) and (since is None or row.act.at >= since)
        ]
        return tuple(found[offset : offset + limit])

    async def newest(self, *, actions: Iterable[str]) -> tuple[AuditRow, ...]:
        """Along the list."""
        wanted = tuple(actions)
        return tuple({row.act.subject: row for row in self.rows if within(row.act.action, wanted)}.values())

    async def verify(self) -> ChainCheck:
        """Along the list."""
        chain = Chain()
        for row in self.rows:
            if not chain.take(row):
                break
        return chain.verdict
