"""Live session of this node: its driver, the tokens that open it, and the extent to which it is stored."""

import asyncio
import hmac
import secrets
from dataclasses import dataclass, field
from hashlib import sha256

from app.conversation.driver import SessionDriver
from app.conversation.ports import Clock
from app.conversation.session_store import SessionChange, StoredSession


@dataclass(slots=True)
class LiveSession:
    """One session; tokens are known by their hashes only."""

    driver: SessionDriver
    clock: Clock
    node: str
    token: str
    fence: int = 1
    spare: str | None = None
    """The token before this one: good until the visitor has shown that the new one arrived."""
    expiry: asyncio.TimerHandle | None = field(default=None)
    is_new: bool = True
    _stored_seq: int = 0
    _stored_dealt_with: int = 0

    @property
    def urgent(self) -> bool:
        """True if a change must be stored at once."""
        return self.driver.urgent

    def fits(self, shown: str) -> bool:
        """Return whether a token's hash opens the session, in constant time."""
        now = hmac.compare_digest(self.token, shown)
        before = hmac.compare_digest(self.spare or self.token, shown)
        return now or before

    def renew(self, shown: str) -> str:
        """Replace the shown token; return the new one."""
        token = new_id("r")
        self.spare, self.token = shown, hashed(token)
        return token

    def resumed_at(self, seq: int) -> None:
        """Mark frames up to this number as stored."""
        self._stored_seq = seq

    def change(self) -> SessionChange | None:
        """Return the change since the last one that was stored; None for a session that has ended."""
        session = self.driver.session
        if session.ended:
            return None
        state = session.snapshot(self.clock.monotonic()).model_dump_json()
        turn = session.open_turn
        stored = StoredSession(
            id=session.id,
            node=self.node,
            fence=self.fence,
            token=self.token,
            spare=self.spare,
            seq=session.outbox.seq,
            state=state,
            waiting=turn.id if turn and self.driver.urgent else None,
        )
        frames = session.outbox.written(self._stored_seq)
        dealt_with = session.outbox.dealt_with
        return SessionChange(stored, frames, dealt_with if dealt_with > self._stored_dealt_with else 0, self.is_new)

    def saved(self, change: SessionChange) -> None:
        """Mark changes up to this one as stored."""
        self.is_new = False
        self._stored_seq = max(self._stored_seq, change.session.seq)
        self._stored_dealt_with = max(self._stored_dealt_with, change.dealt_with)


def hashed(token: str) -> str:
    """Return the hash of a token, which is all that is stored of it."""
    return sha256(token.encode()).hexdigest()


def new_id(kind: str) -> str:
    """Return an unguessable id."""
    return f"{kind}_{secrets.token_urlsafe(18)}"
