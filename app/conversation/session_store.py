"""What is kept of sessions so that any node can go on with them: the port, its values, and sessions in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames with the numbers from `first` to `last`, as one JSON list."""

    first: int
    last: int
    json: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as another node would go on with it.

    `fence` counts the nodes that have held it: what an earlier holder writes is refused. Tokens are hashes. `waiting`
    is the turn whose result the visitor still waits for: such a row is a waiter.
    """

    id: str
    node: str
    fence: int
    token: str
    spare: str | None
    seq: int
    state: str
    """A `Snapshot` as JSON."""
    waiting: str | None = None


@dataclass(frozen=True, slots=True)
class SessionChange:
    """What is new about one session since it was saved last."""

    session: StoredSession
    frames: Frames | None
    dealt_with: int
    """Frames up to this number are not needed any more."""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class SessionClaim:
    """A node wants to go on with a session: whoever shows `shown` (or the token before it) gets `token` instead."""

    session: str
    node: str
    shown: str
    token: str
    at: datetime
    alive_since: datetime
    """A session that nobody has said to be alive since then is gone."""


@dataclass(frozen=True, slots=True)
class ClaimedSession:
    """A session that is this node's now, and the frames that are kept of it, in order."""

    session: StoredSession
    frames: tuple[Frames, ...]


class SessionStore(Protocol):
    """Sessions and their frames, shared by all nodes; it is the truth, whatever a node remembers.

    Raises:
        StateUnavailableError: (every call) the store cannot be reached now.
    """

    async def save(self, changes: Sequence[SessionChange], *, now: datetime) -> frozenset[str]:
        """Write changes, all or none; the ids of those that are not this node's any more, of which nothing is kept."""
        ...

    async def claim(self, claim: SessionClaim) -> ClaimedSession | None:
        """Take a session over; None when it is gone, over, or the token is not its own."""
        ...

    async def moved(self, node: str, *, since: datetime) -> frozenset[str]:
        """Sessions that were taken from this node, or erased, since then."""
        ...

    async def touch(self, node: str, *, now: datetime) -> None:
        """Say that the sessions of this node are alive."""
        ...

    async def close(self, sessions: Sequence[str], *, node: str) -> None:
        """These are over: state and frames go; the token's hash stays, so that their visitor may still erase them."""
        ...

    async def erase(self, session: str, *, shown: str | None, now: datetime) -> bool:
        """Drop everything about a session; False when there is none with this token (None: an operator asks)."""
        ...

    async def sweep(self, *, dead_before: datetime, forget_before: datetime) -> int:
        """Drop state and frames of sessions that died, and all of those nobody may ask for; how many went."""
        ...


@dataclass(slots=True)
class _Row:
    kept: StoredSession
    alive_at: datetime
    frames: list[Frames] = field(default_factory=list)
    over: bool = False


class MemorySessions:
    """Sessions in a dictionary: for tests, and for what need not outlive its process."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._moves: list[tuple[str, str, datetime]] = []

    async def save(self, changes: Sequence[SessionChange], *, now: datetime) -> frozenset[str]:
        """Keep them."""
        lost = set()
        for change in changes:
            new, row = change.session, self._rows.get(change.session.id)
            if row is None and change.is_new:
                row = self._rows[new.id] = _Row(new, now)
            if row is None or row.over or (row.kept.node, row.kept.fence) != (new.node, new.fence):
                lost.add(new.id)
                continue
            row.kept, row.alive_at = new, now
            row.frames = [one for one in row.frames if one.last > change.dealt_with]
            row.frames += [change.frames] if change.frames else []
        return frozenset(lost)

    async def claim(self, claim: SessionClaim) -> ClaimedSession | None:
        """Hand it over."""
        row = self._rows.get(claim.session)
        if row is None or row.over or row.alive_at < claim.alive_since:
            return None
        if claim.shown not in {row.kept.token, row.kept.spare}:
            return None
        self._moves.append((row.kept.node, claim.session, claim.at))
        row.kept = replace(row.kept, node=claim.node, fence=row.kept.fence + 1, token=claim.token, spare=claim.shown)
        row.alive_at = claim.at
        return ClaimedSession(row.kept, tuple(row.frames))

    async def moved(self, node: str, *, since: datetime) -> frozenset[str]:
        """Look the moves through."""
        gone = {session for left, session, at in self._moves if left == node and at >= since}
        return frozenset(one for one in gone if one not in self._rows or self._rows[one].kept.node != node)

    async def touch(self, node: str, *, now: datetime) -> None:
        """Note the time."""
        for row in self._rows.values():
            if row.kept.node == node:
                row.alive_at = now

    async def close(self, sessions: Sequence[str], *, node: str) -> None:
        """Keep the token alone."""
        for session in sessions:
            row = self._rows.get(session)
            if row is not None and row.kept.node == node:
                row.over, row.frames, row.kept = True, [], replace(row.kept, state="", waiting=None)

    async def erase(self, session: str, *, shown: str | None, now: datetime) -> bool:
        """Drop it."""
        row = self._rows.get(session)
        if row is None or (shown is not None and shown not in {row.kept.token, row.kept.spare}):
            return False
        self._moves.append((row.kept.node, session, now))
        del self._rows[session]
        return True

    async def sweep(self, *, dead_before: datetime, forget_before: datetime) -> int:
        """Drop what is old."""
        old = [one for one, row in self._rows.items() if row.alive_at < forget_before]
        for session in old:
            del self._rows[session]
        dead = [row for row in self._rows.values() if not row.over and row.alive_at < dead_before]
        for row in dead:
            row.over, row.frames, row.kept = True, [], replace(row.kept, state="", waiting=None)
        return len(old) + len(dead)


TOUCH_EVERY = timedelta(seconds=60)
"""How often a node says that its sessions are alive: a session outlives its node by the resume time and this."""
