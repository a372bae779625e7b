"""Audit log: who did what about money, consent, releases, erasure and the API key, in a chain of digests."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from app.digest import Digest, canonical_json, digest_bytes, digest_json

SYSTEM = "system"
"""Actor of automatic actions."""

VISITOR = "visitor"
"""Actor of actions that visitors do with their own session."""

START = digest_bytes(b"")
"""Digest before the first row."""


@dataclass(frozen=True, slots=True)
class Act:
    """Audited action.

    `actor` is `name@host`, a key with its role, `visitor` or `system`. `action` is `noun.verb`. Money in
    `details` is text.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Stored action: its digest covers its own content and the digest of the row before.

    With a key the digest is an HMAC-SHA256 under it: who has no key cannot write the row anew.
    """

    number: int
    act: Act
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """Result of checking the chain; `bad` is the number of the first row that is not as it was written."""

    rows: int
    head: str
    bad: int | None = None
    reason: str = ""
    keyed: int = 0
    """Rows whose digest was made, and checked, with a key of the site."""
    weak: tuple[int, ...] = ()
    """Rows without a key, or under a replaced one, after a row with a newer one."""


class AuditLog(Protocol):
    """Append-only log.

    An action that belongs to a change in the same database is added in its transaction.
    """

    async def append(self, act: Act, *, once: bool = False) -> None:
        """Add a row; with `once` only if there is no row with the same action, subject and details."""
        ...

    async def list(
        self, *, actions: Iterable[str] = (), since: datetime | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[AuditRow, ...]:
        """Return rows, the newest first; an action `release` stands for all `release.…`."""
        ...

    async def newest(self, *, actions: Iterable[str]) -> tuple[AuditRow, ...]:
        """Return the newest row of each subject that had one of these actions.

        The order is that of their first rows.
        """
        ...

    async def verify(self) -> ChainCheck:
        """Check the chain from the first row."""
        ...


@dataclass(frozen=True, slots=True)
class AuditKeys:
    """Keys of the audit log: the first one writes, all of them verify; without any, rows have plain digests."""

    keys: Sequence[str] = field(default=(), repr=False)

    @classmethod
    def read(cls, text: str) -> "AuditKeys":
        """Read keys that are separated by commas."""
        return cls(tuple(key for part in text.split(",") if (key := part.strip())))

    @property
    def writing(self) -> str | None:
        """Key of new rows, if any."""
        return self.keys[0] if self.keys else None


NO_KEYS = AuditKeys()


def chained(act: Act, *, number: int, previous: str, keys: AuditKeys = NO_KEYS) -> AuditRow:
    """Return the row for an action after the row with digest `previous`."""
    return AuditRow(number, act, previous, _digest(act, number, previous, keys.writing))


@dataclass
class Chain:
    """Verifier of rows taken in order.

    It stops at the first that was changed, or before which one is missing. Rows from before the first key are plain,
    and the first keyed row vouches for them. A row that is plain after it, or has an older key than one before it, is
    listed as weak, and the rows behind it are checked all the same: an older version may have written it.
    """

    keys: AuditKeys = NO_KEYS
    verdict: ChainCheck = field(default_factory=lambda: ChainCheck(0, START))
    newest: float = field(default=float("inf"), init=False)
    """Place of the newest key that a row had; infinite before the first."""

    def take(self, row: AuditRow) -> bool:
        """Check the next row; return False when it is bad."""
        seen = self.verdict
        expected = seen.rows + 1
        rank = self._rank(row)
        if row.number != expected:
            self.verdict = replace(seen, bad=expected, reason="the row is missing")
        elif row.previous != seen.head:
            self.verdict = replace(seen, bad=expected, reason="it does not follow the row before")
        elif rank is None:
            why = "its content is not what was written" + ("" if self.keys.keys else ", or its key is not set here")
            self.verdict = replace(seen, bad=expected, reason=why)
        else:
            is_weak = rank > self.newest
            self.newest = min(rank, self.newest) if rank < len(self.keys.keys) else self.newest
            self.verdict = ChainCheck(
                expected,
                row.digest,
                keyed=seen.keyed + (rank < len(self.keys.keys) and not is_weak),
                weak=(*seen.weak, expected) if is_weak else seen.weak,
            )
        return self.verdict.bad is None

    def ended(self) -> ChainCheck:
        """Return the verdict after the last row: a site with a key has a row that carries it since its start."""
        seen = self.verdict
        if seen.bad is not None:
            return seen
        if self.keys.keys and seen.rows and not seen.keyed:
            return replace(seen, bad=seen.rows, reason="no row has the key: all may have been written anew")
        if seen.weak:
            return replace(seen, bad=seen.weak[0], reason="it has no key, or a replaced one, and rows before it have")
        return seen

    def _rank(self, row: AuditRow) -> int | None:
        """Return the place of the row's key, 0 for the newest; their count for a plain row, None for a changed one."""
        for rank, key in enumerate((*self.keys.keys, None)):
            if hmac.compare_digest(row.digest, _digest(row.act, row.number, row.previous, key)):
                return rank
        return None


def _digest(act: Act, number: int, previous: str, key: str | None) -> Digest:
    content = {
        "at": act.at.astimezone(UTC).isoformat(),
        "actor": act.actor,
        "action": act.action,
        "subject": act.subject,
    }
    whole = {**content, "details": dict(act.details), "number": number, "previous": previous}
    if key is None:
        return digest_json(whole)
    return Digest(hmac.digest(key.encode(), canonical_json(whole), "sha256").hex())


def keyed(keys: AuditKeys, *, by: str, at: datetime) -> Act:
    """Return the action of a key's first use, which names it by eight digits of its digest."""
    shown = digest_bytes((keys.writing or "").encode())[:8]
    return Act(at, by, "audit.keyed", "audit", {"key": shown})


def erasure(session: str, *, by: str, at: datetime) -> Act:
    """Return the action of an erased session.

    The row names the session by its digest, so somebody who has the id still finds it.
    """
    return Act(at, by, "session.erased", f"session {digest_bytes(session.encode())[:16]}")


def same(one: Act, other: Act) -> bool:
    """Return whether both have the same action, subject and details, at whatever time and by whomever."""
    return (one.action, one.subject, dict(one.details)) == (other.action, other.subject, dict(other.details))


def within(action: str, wanted: Iterable[str]) -> bool:
    """Return whether an action is one of those wanted: by its name, or by its noun."""
    return any(action == one or ("." not in one and action.startswith(f"{one}.")) for one in wanted)


class MemoryAudit:
    """Audit log in a list: for tests, and where nothing is stored."""

    def __init__(self, keys: AuditKeys = NO_KEYS) -> None:
        self.rows: list[AuditRow] = []
        self.keys = keys

    async def append(self, act: Act, *, once: bool = False) -> None:
        """Append a row."""
        if once and any(same(row.act, act) for row in self.rows):
            return
        previous = self.rows[-1].digest if self.rows else START
        self.rows.append(chained(act, number=len(self.rows) + 1, previous=previous, keys=self.keys))

    async def list(
        self, *, actions: Iterable[str] = (), since: datetime | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[AuditRow, ...]:
        """Return rows from the end of the list."""
        wanted = tuple(actions)
        found = [
            row
            for row in reversed(self.rows)
            if (not wanted or within(row.act.action, wanted)) and (since is None or row.act.at >= since)
        ]
        return tuple(found[offset : offset + limit])

    async def newest(self, *, actions: Iterable[str]) -> tuple[AuditRow, ...]:
        """Return the newest row of each subject."""
        wanted = tuple(actions)
        return tuple({row.act.subject: row for row in self.rows if within(row.act.action, wanted)}.values())

    async def verify(self) -> ChainCheck:
        """Check the chain from the first row."""
        chain = Chain(self.keys)
        for row in self.rows:
            if not chain.take(row):
                break
        return chain.ended()
