"""Hub: opens, resumes, stores and hands over the sessions of this node."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Self

from app.catalog.model import Role
from app.conversation.driver import SessionDriver
from app.conversation.erasing.exports import session_document
from app.conversation.erasing.receipt import ErasureReceipt
from app.conversation.hot_path.record_batches import RecordBatches
from app.conversation.live_session import LiveSession, hashed, new_id
from app.conversation.ports import Clock, Connection, Meter, PlayableClip
from app.conversation.protocol.client_messages import Resume
from app.conversation.protocol.rules import RESUME_S, CloseCode
from app.conversation.script import ServedRelease
from app.conversation.session import Session
from app.conversation.session_intro import SessionIntro, stored_loops
from app.conversation.session_limits import SessionConfig
from app.conversation.session_store import ClaimedSession
from app.conversation.snapshot import Snapshot, page_values
from app.conversation.write_behind import SessionWriter
from app.errors import StateUnavailableError

_log = logging.getLogger(__name__)

MAX_SESSIONS = 10_000
"""About 300 MiB of idle connections; more belong on another node."""

FLUSH_WITHIN_S = 5.0
"""Longest wait for the session store when the node stops."""


class Hub:
    """Hub of live sessions. An async context manager: on exit it stores every session for another node."""

    def __init__(
        self, served: Callable[[], ServedRelease], *, clock: Clock, meter: Meter, config: SessionConfig | None = None
    ) -> None:
        """`served` returns the release that serves new sessions and questions."""
        self._served = served
        self._clock = clock
        self._meter = meter
        self.config = config or SessionConfig()
        self._sessions: dict[str, LiveSession] = {}
        self._seats: Counter[str] = Counter()
        self._group = asyncio.TaskGroup()
        self._records = RecordBatches(self._group.create_task)
        self._writer = SessionWriter(served().services.sessions, node=new_id("n"), clock=clock, lost=self._drop_lost)
        self._routines: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start to store sessions in the background."""
        await self._group.__aenter__()
        self._routines = [
            asyncio.create_task(work, name="keep sessions") for work in (self._writer.run(), self._writer.watch())
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Store the sessions, so that another node can resume them, and stop."""
        for routine in self._routines:
            routine.cancel()
        await asyncio.gather(*self._routines, return_exceptions=True)
        await self._store_all()
        await self._group.__aexit__(kind, error, trace)

    @property
    def node(self) -> str:
        """Name of this node in the session store; another one after every start."""
        return self._writer.node

    @property
    def live(self) -> int:
        """Number of sessions, those without a connection included."""
        return len(self._sessions)

    def longest_wait_s(self) -> float:
        """Return the longest present wait for the first frame of an answer; 0 if no visitor waits."""
        now = self._clock.monotonic()
        turns = (live.driver.session.open_turn for live in self._sessions.values())
        return max((now - turn.asked_s for turn in turns if turn and turn.answered_s is None), default=0.0)

    @property
    def full(self) -> bool:
        """True if the node accepts no new session."""
        return self.live >= MAX_SESSIONS

    def at(self, address: str) -> int:
        """Return the number of sessions at a hashed address, those that wait for their visitor included."""
        return self._seats[address]

    async def open(
        self,
        connection: Connection,
        *,
        locale: str | None,
        address: str = "",
        page: Mapping[str, str] = MappingProxyType({}),
    ) -> SessionDriver:
        """Open a session on this connection.

        `address` is a hash of the visitor's address, `page` what the page tells of its visitor.
        """
        served = self._served()
        script = served.script()
        spoken = script.locale(locale)
        opening = await _opening(served, spoken)
        token = new_id("r")
        live = self._opened(Session(new_id("s"), script, locale=spoken, config=self.config, new_id=_turn_id), token)
        self._seat(live, address)
        if page:
            live.driver.tell(page)
        live.driver.begin(connection, token=token, opening=opening)
        return live.driver

    async def resume(self, connection: Connection, wish: Resume, *, address: str = "") -> SessionDriver | None:
        """Resume a session on this connection; None if it is gone or has another token.

        Raises:
            StateUnavailableError: another node may have it, and the session store cannot be reached now.
        """
        shown = hashed(wish.resume_token)
        live = self._sessions.get(wish.session)
        if live and live.fits(shown):
            token = live.renew(shown)
            live.driver.changed()
            await self._writer.flush()  # so that the new token is good on every node
        else:
            await self._writer.flush()  # so that the store knows which tokens are void, and which sessions over
            token = new_id("r")
            claimed = await self._writer.claim(wish.session, shown=shown, token=hashed(token))
            live = await self._restored(claimed) if claimed else None
        if live is None or self._sessions.get(wish.session) is not live:
            return None
        if live.expiry:
            live.expiry.cancel()
            live.expiry = None
        self._seat(live, address)
        live.driver.resume(connection, token=token, last_seq=wish.last_seq)
        if live.driver.session.ended:
            self._close(wish.session)
        return live.driver

    def heard(self, driver: SessionDriver) -> None:
        """Note a message of the visitor: the newest token has arrived, so the one before is void."""
        live = self._sessions.get(driver.session.id)
        if live:
            if live.spare is not None:
                live.spare = None
                driver.changed()
            if driver.session.ended:
                self._close(driver.session.id)

    def leave(self, driver: SessionDriver, connection: Connection) -> None:
        """Note that the connection broke: the session waits for its visitor."""
        live = self._sessions.get(driver.session.id)
        if driver.leave(connection) and live and live.driver is driver:
            if driver.session.ended:
                self._close(driver.session.id)
                return
            loop = asyncio.get_running_loop()
            live.expiry = loop.call_later(RESUME_S, self._end, driver.session.id, CloseCode.EXPIRED)

    async def erase(self, session: str, *, token: str) -> ErasureReceipt | None:
        """Delete a session and all that it caused, on every node; None if the token is not its own.

        The row with the token goes last, so that the visitor may ask again after an error.

        Raises:
            StateUnavailableError, StoreError: not all of it went; ask again, or the retention run goes on with what
                is marked.
        """
        shown, live, now = hashed(token), self._sessions.get(session), self._clock.now()
        await self._writer.flush()
        if not (live and live.fits(shown)) and not await self._writer.store.knows(session, shown=shown):
            return None
        if live:
            live.driver.forget()  # the turn that is open now is written down by nobody
            live.driver.changed = lambda: None  # its row stays as it is until all else is gone
            live.driver.end(CloseCode.ENDED)
            self._remove(session)
        services = self._served().services
        services.forget(session)
        try:
            receipt = await services.eraser.erase(session, now=now)
            frames = await self._writer.store.erase(session, shown=shown, now=now)
        finally:
            if live:
                self._writer.over(session)
                await self._writer.flush()  # what was on its way when the row went
        if frames is None:  # the store knew nothing of it until now
            frames = await self._writer.store.erase(session, shown=shown, now=now)
        return receipt.with_row(frames)

    async def export(self, session: str, *, token: str) -> dict[str, Any] | None:
        """Return what is stored of a session; None if the token is not its own.

        Raises:
            StateUnavailableError: the session store cannot be reached now.
        """
        shown, live = hashed(token), self._sessions.get(session)
        await self._writer.flush()
        if not (live and live.fits(shown)) and not await self._writer.store.knows(session, shown=shown):
            return None
        services = self._served().services
        return session_document(
            session,
            await services.turn_log.transcript(session),
            await services.traces.films(session),
            deliveries=await services.deliveries.of_session(session),
            page=page_values(await self._writer.store.state(session)),
        )

    def going_away(self, *, after_s: float) -> None:
        """Notify every visitor that the server restarts soon."""
        for live in self._sessions.values():
            live.driver.going_away(after_s=after_s)

    # -- live sessions ---------------------------------------------------------------------------------------

    def _opened(self, session: Session, token: str) -> LiveSession:
        driver = SessionDriver(
            session,
            self._served,
            clock=self._clock,
            meter=self._meter,
            spawn=self._group.create_task,
            records=self._records,
        )
        live = LiveSession(driver, self._clock, self._writer.node, hashed(token))
        driver.changed = lambda: self._changed(live)
        self._sessions[session.id] = live
        self._meter.session_opened()
        return live

    def _changed(self, live: LiveSession) -> None:
        session = live.driver.session
        if session.ended:
            self._close(session.id)
        else:
            self._writer.note(session.id, live)

    async def _restored(self, claimed: ClaimedSession) -> LiveSession:
        """Restore a session that another node has stored, in place of this node's own."""
        stored = claimed.session
        snapshot = Snapshot.read(stored.state)
        served = self._served()
        opening = await _opening(served, snapshot.locale)
        self._drop_lost(stored.id)
        session = Session(stored.id, served.script(), locale=snapshot.locale, config=self.config, new_id=_turn_id)
        session.restore(snapshot, self._clock.monotonic(), seq=stored.seq, frames=claimed.frames, opening=opening)
        live = self._opened(session, "")
        live.token, live.spare, live.fence, live.is_new = stored.token, stored.spare, stored.fence, False
        live.resumed_at(stored.seq)
        return live

    def _end(self, session: str, code: CloseCode) -> None:
        live = self._sessions.get(session)
        if live:
            live.driver.end(code)
            self._close(session)

    def _close(self, session: str) -> None:
        if self._remove(session):
            self._writer.over(session)

    def _drop_lost(self, session: str, code: CloseCode = CloseCode.TAKEN_OVER) -> None:
        """Drop a session that another node continues."""
        live = self._remove(session)
        self._served().services.forget(session)  # it may have been erased there
        if live:
            live.driver.changed = lambda: None
            live.driver.part(code)

    def _seat(self, live: LiveSession, address: str) -> None:
        """Count a session at the address that its visitor has now; empty: at none."""
        before, live.driver.address = live.driver.address, address
        if address:
            self._seats[address] += 1
        if before and self._seats[before] > 1:
            self._seats[before] -= 1
        else:
            del self._seats[before]  # a counter does not mind if it is not there

    def _remove(self, session: str) -> LiveSession | None:
        live = self._sessions.pop(session, None)
        if live:
            self._seat(live, "")
            self._meter.session_closed()
            if live.expiry:
                live.expiry.cancel()
        return live

    async def _store_all(self) -> None:
        """Store every session, then drop it."""
        for session, live in self._sessions.items():
            self._writer.note(session, live)
        try:
            async with asyncio.timeout(FLUSH_WITHIN_S):
                await self._writer.flush()
        except (TimeoutError, StateUnavailableError):
            _log.warning("sessions.not_parked", extra={"sessions": len(self._sessions)})
        for session in tuple(self._sessions):
            self._drop_lost(session, CloseCode.RESTART)


async def _opening(served: ServedRelease, locale: str) -> SessionIntro:
    idle, greeting = await asyncio.gather(*(_clip(served, role, locale) for role in (Role.IDLE, Role.GREETING)))
    intent = served.script().first(Role.IDLE)
    loops = await stored_loops(served.services.clips, intent, locale=locale, first=idle) if idle and intent else ()
    return SessionIntro(idle, greeting, loops)


async def _clip(served: ServedRelease, role: Role, locale: str) -> PlayableClip | None:
    intent = served.script().first(role)
    return await served.services.clips.for_intent(intent, locale=locale, variant=0) if intent else None


def _turn_id() -> str:
    return new_id("t")
