"""A session's place on this node: its dialogue, the tokens that open it, and how much of it is safe."""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from types import TracebackType
from typing import Self

from app.catalog.model import Role
from app.conversation.driver import Dialogue, Line
from app.conversation.ports import Clock, Meter, PlayableClip
from app.conversation.protocol.client_messages import Resume
from app.conversation.protocol.rules import RESUME_S, CloseCode
from app.conversation.script import Served
from app.conversation.session import Session
from app.conversation.session_intro import Opening
from app.conversation.session_limits import Conduct
from app.conversation.session_store import Change, Claimed, KeptSession
from app.conversation.snapshot import Snapshot
from app.conversation.write_behind import Keeper
from app.errors import StateUnavailableError


@dataclass(slots=True)
class Seat:
    """One session; tokens are known by their hashes only."""

    dialogue: Dialogue
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
        return self.dialogue.urgent

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

    def change(self) -> Change | None:
        """What is new since it was saved last."""
        session = self.dialogue.session
        if session.ended:
            return None
        state = session.snapshot(self.clock.monotonic()).model_dump_json()
        turn = session.open_turn
        kept = KeptSession(
            id=session.id,
            node=self.node,
            fence=self.fence,
            token=self.token,
            spare=self.spare,
            seq=session.outbox.seq,
            state=state,
            waiting=turn.id if turn and self.dialogue.urgent else None,
        )
        frames = session.outbox.written(self._safe_seq)
        dealt_with = session.outbox.dealt_with
        return Change(kept, frames, dealt_with if dealt_with > self._safe_dealt else 0, self.is_new)

    def saved(self, change: Change) -> None:
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


_log = logging.getLogger(__name__)

MAX_SESSIONS = 10_000
"""About 300 MiB of idle connections; more belong on another node."""

FLUSH_WITHIN_S = 5.0
"""How long a node that stops waits for the store."""


class Hub:
    """Use as an async context manager: leaving it keeps every session for another node."""

    def __init__(
        self, served: Callable[[], Served], *, clock: Clock, meter: Meter, conduct: Conduct | None = None
    ) -> None:
        """`served` gives the release that new sessions and questions are served from."""
        self._served = served
        self._clock = clock
        self._meter = meter
        self.conduct = conduct or Conduct()
        self._seats: dict[str, Seat] = {}
        self._group = asyncio.TaskGroup()
        self._keeper = Keeper(served().cast.sessions, node=new_id("n"), clock=clock, lost=self._lost)
        self._routines: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Open."""
        await self._group.__aenter__()
        self._routines = [
            asyncio.create_task(work, name="keep sessions") for work in (self._keeper.run(), self._keeper.watch())
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the sessions to whoever they come back to."""
        for routine in self._routines:
            routine.cancel()
        await asyncio.gather(*self._routines, return_exceptions=True)
        await self._park()
        await self._group.__aexit__(kind, error, trace)

    @property
    def node(self) -> str:
        """What this node is called among those that share the sessions; another name after every start."""
        return self._keeper.node

    @property
    def live(self) -> int:
        """How many sessions there are, those waiting for their visitor included."""
        return len(self._seats)

    def longest_wait_s(self) -> float:
        """For how long the visitor has waited who waits longest for the first frame of an answer; 0: nobody waits."""
        now = self._clock.monotonic()
        turns = (seat.dialogue.session.open_turn for seat in self._seats.values())
        return max((now - turn.asked_s for turn in turns if turn and turn.answered_s is None), default=0.0)

    @property
    def full(self) -> bool:
        """Whether a new visitor must come later."""
        return self.live >= MAX_SESSIONS

    async def open(self, line: Line, *, locale: str | None, address: str = "") -> Dialogue:
        """Open a session on this line; `address` is a hash of where it comes from."""
        served = self._served()
        script = served.script()
        spoken = script.locale(locale)
        opening = await _opening(served, spoken)
        token = new_id("r")
        seat = self._seated(Session(new_id("s"), script, locale=spoken, conduct=self.conduct, new_id=_turn_id), token)
        seat.dialogue.address = address
        seat.dialogue.begin(line, token=token, idle=opening.idle, greeting=opening.greeting)
        return seat.dialogue

    async def resume(self, line: Line, wish: Resume, *, address: str = "") -> Dialogue | None:
        """The session goes on over this line; None when it is gone or the token is not its own.

        Raises:
            StateUnavailableError: it may be another node's, and that cannot be found out now.
        """
        shown = hashed(wish.resume_token)
        seat = self._seats.get(wish.session)
        if seat and seat.fits(shown):
            token = seat.renew(shown)
            seat.dialogue.changed()
            await self._keeper.flush()  # so that the new token is good on every node
        else:
            if seat:
                await self._keeper.flush()  # so that the store knows which tokens are void
            token = new_id("r")
            claimed = await self._keeper.claim(wish.session, shown=shown, token=hashed(token))
            seat = await self._restored(claimed) if claimed else None
        if seat is None or self._seats.get(wish.session) is not seat:
            return None
        if seat.expiry:
            seat.expiry.cancel()
            seat.expiry = None
        seat.dialogue.address = address
        seat.dialogue.resume(line, token=token, last_seq=wish.last_seq)
        if seat.dialogue.session.ended:
            self._forget(wish.session)
        return seat.dialogue

    def heard(self, dialogue: Dialogue) -> None:
        """The visitor said something over the present line: the newest token has arrived, the one before is void."""
        seat = self._seats.get(dialogue.session.id)
        if seat:
            if seat.spare is not None:
                seat.spare = None
                dialogue.changed()
            if dialogue.session.ended:
                self._forget(dialogue.session.id)

    def leave(self, dialogue: Dialogue, line: Line) -> None:
        """The line broke: the session waits for its visitor."""
        seat = self._seats.get(dialogue.session.id)
        if dialogue.leave(line) and seat and seat.dialogue is dialogue:
            if dialogue.session.ended:
                self._forget(dialogue.session.id)
                return
            loop = asyncio.get_running_loop()
            seat.expiry = loop.call_later(RESUME_S, self._end, dialogue.session.id, CloseCode.EXPIRED)

    async def erase(self, session: str, *, token: str) -> bool:
        """Drop a session and everything that was said in it; False when the token is not its own."""
        shown = hashed(token)
        await self._keeper.flush()
        if not await self._keeper.store.erase(session, shown=shown, now=self._clock.now()):
            return False
        seat = self._seats.get(session)
        if seat:
            seat.dialogue.end(CloseCode.ENDED)
            self._forget(session)
        await self._served().cast.turn_log.erase(session)
        return True

    def going_away(self, *, after_s: float) -> None:
        """Tell every visitor that the server restarts soon."""
        for seat in self._seats.values():
            seat.dialogue.going_away(after_s=after_s)

    # -- seats ---------------------------------------------------------------------------------------------------

    def _seated(self, session: Session, token: str) -> Seat:
        dialogue = Dialogue(session, self._served, clock=self._clock, meter=self._meter, spawn=self._group.create_task)
        seat = Seat(dialogue, self._clock, self._keeper.node, hashed(token))
        dialogue.changed = lambda: self._changed(seat)
        self._seats[session.id] = seat
        self._meter.session_opened()
        return seat

    def _changed(self, seat: Seat) -> None:
        session = seat.dialogue.session
        if session.ended:
            self._forget(session.id)
        else:
            self._keeper.note(session.id, seat)

    async def _restored(self, claimed: Claimed) -> Seat:
        """Seat a session that another node has kept, in place of what this one may remember of it."""
        kept = claimed.session
        snapshot = Snapshot.read(kept.state)
        served = self._served()
        opening = await _opening(served, snapshot.locale)
        self._lost(kept.id)
        session = Session(kept.id, served.script(), locale=snapshot.locale, conduct=self.conduct, new_id=_turn_id)
        session.restore(snapshot, self._clock.monotonic(), seq=kept.seq, frames=claimed.frames, opening=opening)
        seat = self._seated(session, "")
        seat.token, seat.spare, seat.fence, seat.is_new = kept.token, kept.spare, kept.fence, False
        seat.resumed_at(kept.seq)
        return seat

    def _end(self, session: str, code: CloseCode) -> None:
        seat = self._seats.get(session)
        if seat:
            seat.dialogue.end(code)
            self._forget(session)

    def _forget(self, session: str) -> None:
        if self._unseat(session):
            self._keeper.over(session)

    def _lost(self, session: str, code: CloseCode = CloseCode.TAKEN_OVER) -> None:
        """Another node goes on with it."""
        seat = self._unseat(session)
        if seat:
            seat.dialogue.changed = lambda: None
            seat.dialogue.part(code)

    def _unseat(self, session: str) -> Seat | None:
        seat = self._seats.pop(session, None)
        if seat:
            self._meter.session_closed()
            if seat.expiry:
                seat.expiry.cancel()
        return seat

    async def _park(self) -> None:
        """Write everything down, then let go of it."""
        for session, seat in self._seats.items():
            self._keeper.note(session, seat)
        try:
            async with asyncio.timeout(FLUSH_WITHIN_S):
                await self._keeper.flush()
        except (TimeoutError, StateUnavailableError):
            _log.warning("sessions.not_parked", extra={"sessions": len(self._seats)})
        for session in tuple(self._seats):
            self._lost(session, CloseCode.RESTART)


async def _opening(served: Served, locale: str) -> Opening:
    idle, greeting = [await _clip(served, role, locale) for role in (Role.IDLE, Role.GREETING)]
    return Opening(idle, greeting)


async def _clip(served: Served, role: Role, locale: str) -> PlayableClip | None:
    intent = served.script().first(role)
    return await served.cast.clips.for_intent(intent, locale=locale, variant=0) if intent else None


def _turn_id() -> str:
    return new_id("t")
