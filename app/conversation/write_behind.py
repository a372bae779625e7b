"""Write-behind of sessions: answers never wait for the store, and many changes share a transaction."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from app.conversation.live_session import LiveSession
from app.conversation.ports import Clock
from app.conversation.protocol.rules import RESUME_S
from app.conversation.session_store import TOUCH_EVERY, ClaimedSession, SessionClaim, SessionStore
from app.errors import StateUnavailableError

_log = logging.getLogger(__name__)

LATER_S = 0.5
"""Longest wait of a change that the visitor has received, such as an answer on an open connection."""
SOON_S = 0.005
"""Wait of an urgent change (slow to make, or not received yet): others may join its transaction."""
LOOK_EVERY_S = 1.0
"""Interval of asking which of this node's sessions moved to another node."""
AT_ONCE = 20
"""Sessions per transaction: each delays answers by a tenth of a millisecond."""
AGAIN_AFTER_S = 1.0
"""Pause after a failure of the store."""


class SessionWriter:
    """Writer of a node's sessions. It calls `lost` with sessions that another node has taken over."""

    def __init__(self, store: SessionStore, *, node: str, clock: Clock, lost: Callable[[str], None]) -> None:
        """Write nothing before `run`."""
        self.store = store
        self.node = node
        self._clock = clock
        self._lost = lost
        self._waiting: dict[str, LiveSession] = {}
        self._over: list[str] = []
        self._soon = asyncio.Event()
        self._some = asyncio.Event()
        self._writing = asyncio.Lock()

    def note(self, session: str, live: LiveSession) -> None:
        """Note that a session has changed."""
        self._waiting[session] = live
        self._some.set()
        if live.urgent:
            self._soon.set()

    def over(self, session: str) -> None:
        """Note that a session has ended."""
        self._waiting.pop(session, None)
        self._over.append(session)
        self._some.set()

    async def run(self) -> None:
        """Write changes until cancelled."""
        while True:
            await self._some.wait()
            try:
                async with asyncio.timeout(LATER_S):
                    await self._soon.wait()
                await asyncio.sleep(SOON_S)
            except TimeoutError:
                pass
            if not await self.flush():
                await asyncio.sleep(AGAIN_AFTER_S)

    async def watch(self) -> None:
        """Mark this node's sessions as alive and drop those that moved, until cancelled."""
        touched = self._clock.now()
        since = touched
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now = self._clock.now()
            try:
                for session in await self.store.moved(self.node, since=since - timedelta(seconds=5)):
                    self._lost(session)
                since = now
                if now - touched >= TOUCH_EVERY:
                    await self.store.touch(self.node, now=now)
                    touched = now
            except StateUnavailableError as error:
                _log.warning("sessions.unreachable", extra={"reason": str(error)})

    async def flush(self) -> bool:
        """Write the waiting changes; False if the store cannot be reached: then they go on waiting."""
        async with self._writing:
            self._some.clear()
            self._soon.clear()
            waiting, self._waiting = list(self._waiting.items()), {}
            while waiting or self._over:
                group, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
                over, self._over = self._over, []
                try:
                    await self._write(group, over)
                except StateUnavailableError as error:
                    _log.warning("sessions.not_kept", extra={"reason": str(error), "sessions": len(group + waiting)})
                    self._waiting = dict(group + waiting) | self._waiting
                    self._over = over + self._over
                    self._some.set()
                    return False
            return True

    async def claim(self, session: str, *, shown: str, token: str) -> ClaimedSession | None:
        """Take over a session of another node."""
        now = self._clock.now()
        oldest = now - timedelta(seconds=RESUME_S) - 2 * TOUCH_EVERY
        return await self.store.claim(SessionClaim(session, self.node, shown, token, now, oldest))

    async def _write(self, group: list[tuple[str, LiveSession]], over: list[str]) -> None:
        """Write one transaction for changed sessions, one for ended ones."""
        found = [(live, change) for _, live in group if (change := live.change())]
        if found:
            for session in await self.store.save([change for _, change in found], now=self._clock.now()):
                self._lost(session)
            for live, change in found:
                live.saved(change)
        if over:
            await self.store.close(over, node=self.node)
