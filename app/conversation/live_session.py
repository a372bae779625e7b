"""A live session: a visitor's driver on this node, the tokens that open it, and how much of it is stored."""

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
    _safe_seq: int = 0
    _safe_dealt: int = 0

    @property
    def urgent(self) -> bool:
        """Whether what is new should be kept at once."""
        return self.driver.urgent

    def fits(self, shown: str) -> bool:
        """Whether a token's hash opens the seat; takes as long whichever it is."""
        now = hmac.compare_digest(self.token, shown)
        before = hmac.compare_digest(self.spare or self.token, shown)
        return now or before

    def renew(self, shown: str) -> str:
        """Another token for whoever showed this one."""
        token = new_id("r")
        self.spare, self.token = shown, hashed(token)
        return token

    def resumed_at(self, seq: int) -> None:
        """Frames up to this number are stored already."""
        self._safe_seq = seq

    def change(self) -> SessionChange | None:
        """What is new since it was saved last."""
        session = self.driver.session
        if session.ended:
            return None
        state = session.snapshot(self.clock.monotonic()).model_dump_json()
        turn = session.open_turn
        kept = StoredSession(
            id=session.id,
            node=self.node,
            fence=self.fence,
            token=self.token,
            spare=self.spare,
            seq=session.outbox.seq,
            state=state,
            waiting=turn.id if turn and self.driver.urgent else None,
        )
        frames = session.outbox.written(self._safe_seq)
        dealt_with = session.outbox.dealt_with
        return SessionChange(kept, frames, dealt_with if dealt_with > self._safe_dealt else 0, self.is_new)

    def saved(self, change: SessionChange) -> None:
        """This much is safe."""
        self.is_new = False
        self._safe_seq = max(self._safe_seq, change.session.seq)
        self._safe_dealt = max(self._safe_dealt, change.dealt_with)


def hashed(token: str) -> str:
    """What is remembered of a token."""
    return sha256(token.encode()).hexdigest()


def new_id(kind: str) -> str:
    """An unguessable name."""
    return f"{kind}_{secrets.token_urlsafe(18)}"
