"""Session store: the port by which any node can resume a session, its values, a store in memory."""

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
    """A session as another node resumes it.

    `fence` counts the nodes that have held it: writes of an earlier holder are refused. Tokens are hashes.
    `waiting` is the turn whose result the visitor still waits for; None if there is none.
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
    """Change of one session since it was last stored."""

    session: StoredSession
    frames: Frames | None
    dealt_with: int
    """Frames up to this number are not needed any more."""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class SessionClaim:
    """Request of a node to take over a session: `shown` is the visitor's token, `token` replaces it."""

    session: str
    node: str
    shown: str
    token: str
    at: datetime
    alive_since: datetime
    """A session whose node has not reported it as alive since then is gone."""


@dataclass(frozen=True, slots=True)
class ClaimedSession:
    """A session that this node has taken over, and its stored frames, in order."""

    session: StoredSession
    frames: tuple[Frames, ...]


class SessionStore(Protocol):
    """Store of sessions and their frames, shared by all nodes; it is the truth, not a node's memory.

    Raises:
        StateUnavailableError: (every call) the store cannot be reached now.
    """

    async def save(self, changes: Sequence[SessionChange], *, now: datetime) -> frozenset[str]:
        """Write changes in one transaction, but for sessions that left this node; return the ids of those."""
        ...

    async def claim(self, claim: SessionClaim) -> ClaimedSession | None:
        """Take a session over; None if it is gone, is over, or has another token."""
        ...

    async def moved(self, node: str, *, since: datetime) -> frozenset[str]:
        """Return the sessions that another node took over, or that were erased, since then."""
        ...

    async def touch(self, node: str, *, now: datetime) -> None:
        """Mark the sessions of this node as alive."""
        ...

    async def close(self, sessions: Sequence[str], *, node: str) -> None:
        """Close sessions: delete state and frames; the token's hash stays, to let the visitor erase them."""
        ...

    async def knows(self, session: str, *, shown: str) -> bool:
        """Return whether a session has this token, also one that is over."""
        ...

    async def state(self, session: str) -> str:
        """Return the stored state of a session; empty if there is none, or it is over."""
        ...

    async def erase(self, session: str, *, shown: str | None, now: datetime) -> int | None:
        """Delete everything about a session; None if none has this token (None: an operator asks).

        Returns the number of its frames that were stored.
        """
        ...

    async def sweep(self, *, dead_before: datetime, forget_before: datetime) -> int:
        """Delete state and frames of dead sessions, and all of expired ones; return how many."""
        ...


@dataclass(slots=True)
class _Row:
    kept: StoredSession
    alive_at: datetime
    frames: list[Frames] = field(default_factory=list)
    over: bool = False


class MemorySessions:
    """Sessions in a dictionary: for tests, and for a site that needs no resume after a restart."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._moves: list[tuple[str, str, datetime]] = []

    async def save(self, changes: Sequence[SessionChange], *, now: datetime) -> frozenset[str]:
        """Store the changes."""
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
        """Hand the session over to the node that asks."""
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
        """Search the list of moves."""
        gone = {session for left, session, at in self._moves if left == node and at >= since}
        return frozenset(one for one in gone if one not in self._rows or self._rows[one].kept.node != node)

    async def touch(self, node: str, *, now: datetime) -> None:
        """Set the time of the node's sessions."""
        for row in self._rows.values():
            if row.kept.node == node:
                row.alive_at = now

    async def close(self, sessions: Sequence[str], *, node: str) -> None:
        """Empty the rows, but for their tokens."""
        for session in sessions:
            row = self._rows.get(session)
            if row is not None and row.kept.node == node:
                row.over, row.frames, row.kept = True, [], replace(row.kept, state="", waiting=None)

    async def knows(self, session: str, *, shown: str) -> bool:
        """Look the row up."""
        row = self._rows.get(session)
        return row is not None and shown in {row.kept.token, row.kept.spare}

    async def state(self, session: str) -> str:
        """Look the row up."""
        row = self._rows.get(session)
        return row.kept.state if row else ""

    async def erase(self, session: str, *, shown: str | None, now: datetime) -> int | None:
        """Delete the row."""
        row = self._rows.get(session)
        if row is None or (shown is not None and shown not in {row.kept.token, row.kept.spare}):
            return None
        self._moves.append((row.kept.node, session, now))
        del self._rows[session]
        return sum(one.last - one.first + 1 for one in row.frames)

    async def sweep(self, *, dead_before: datetime, forget_before: datetime) -> int:
        """Delete old rows and empty dead ones."""
        old = [one for one, row in self._rows.items() if row.alive_at < forget_before]
        for session in old:
            del self._rows[session]
        dead = [row for row in self._rows.values() if not row.over and row.alive_at < dead_before]
        for row in dead:
            row.over, row.frames, row.kept = True, [], replace(row.kept, state="", waiting=None)
        return len(old) + len(dead)


TOUCH_EVERY = timedelta(seconds=60)
"""Interval in which a node marks its sessions as alive: a session outlives its node by the resume time and
this."""
