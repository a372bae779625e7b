"""Writes sessions behind the visitors' backs: answers never wait for it, many changes go in one transaction."""

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
"""How long a change may wait that a visitor has heard of: a hit, answered on a living line."""
SOON_S = 0.005
"""How long one waits that took long to make, or that nobody has heard: others may join its transaction."""
LOOK_EVERY_S = 1.0
"""How often a node asks which of its sessions went on elsewhere."""
AT_ONCE = 20
"""Sessions a transaction: working them out keeps answers waiting, a tenth of a millisecond each."""
AGAIN_AFTER_S = 1.0
"""The pause after the store could not be reached."""


class SessionWriter:
    """One a node. `lost` is told of sessions that are another node's now."""

    def __init__(self, store: SessionStore, *, node: str, clock: Clock, lost: Callable[[str], None]) -> None:
        """Nothing is written before `run`."""
        self.store = store
        self.node = node
        self._clock = clock
        self._lost = lost
        self._waiting: dict[str, LiveSession] = {}
        self._over: list[str] = []
        self._soon = asyncio.Event()
        self._some = asyncio.Event()
        self._writing = asyncio.Lock()

    def note(self, session: str, kept: LiveSession) -> None:
        """Something is new about a session."""
        self._waiting[session] = kept
        self._some.set()
        if kept.urgent:
            self._soon.set()

    def over(self, session: str) -> None:
        """A session has ended."""
        self._waiting.pop(session, None)
        self._over.append(session)
        self._some.set()

    async def run(self) -> None:
        """Write for ever."""
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
        """Say that this node lives, and hear which sessions left it, for ever."""
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
        """Write what waits; False when the store could not be reached, then it goes on waiting."""
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
        """Take over a session that another node has, or had."""
        now = self._clock.now()
        oldest = now - timedelta(seconds=RESUME_S) - 2 * TOUCH_EVERY
        return await self.store.claim(SessionClaim(session, self.node, shown, token, now, oldest))

    async def _write(self, group: list[tuple[str, LiveSession]], over: list[str]) -> None:
        """One transaction for some sessions that changed, one for those that are over."""
        found = [(kept, change) for _, kept in group if (change := kept.change())]
        if found:
            for session in await self.store.save([change for _, change in found], now=self._clock.now()):
                self._lost(session)
            for kept, change in found:
                kept.saved(change)
        if over:
            await self.store.close(over, node=self.node)
