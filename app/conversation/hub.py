"""The live sessions of this process: opened, resumed by token within five minutes, taken over, ended."""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from app.catalog.model import Role
from app.conversation.dialogue import Dialogue, Line
from app.conversation.incoming import Resume
from app.conversation.ports import Cast, Clock, Meter, PlayableClip
from app.conversation.protocol import RESUME_S, CloseCode
from app.conversation.script import Script
from app.conversation.session import Conduct, Session

MAX_SESSIONS = 10_000
"""About 300 MiB of idle connections; more belong on another node."""


@dataclass(slots=True)
class _Seat:
    dialogue: Dialogue
    token: str
    spare: str | None = None
    """The token before this one: good until the visitor has shown that the new one arrived."""
    expiry: asyncio.TimerHandle | None = field(default=None)


class Hub:
    """Use as an async context manager: leaving it ends every session and waits for what is written down."""

    def __init__(
        self, cast: Cast, script: Callable[[], Script], *, clock: Clock, meter: Meter, conduct: Conduct | None = None
    ) -> None:
        """`script` gives the release that new sessions are served from."""
        self._cast = cast
        self._script = script
        self._clock = clock
        self._meter = meter
        self.conduct = conduct or Conduct()
        self._seats: dict[str, _Seat] = {}
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        """Open."""
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every session."""
        for session in tuple(self._seats):
            self._end(session, CloseCode.RESTART)
        await self._group.__aexit__(kind, error, trace)

    @property
    def live(self) -> int:
        """How many sessions there are, those waiting for their visitor included."""
        return len(self._seats)

    @property
    def full(self) -> bool:
        """Whether a new visitor must come later."""
        return self.live >= MAX_SESSIONS

    async def open(self, line: Line, *, locale: str | None) -> Dialogue:
        """Open a session on this line."""
        script = self._script()
        spoken = script.locale(locale)
        idle = await self._clip(script, Role.IDLE, spoken)
        greeting = await self._clip(script, Role.GREETING, spoken)
        session = Session(_new_id("s"), script, locale=spoken, conduct=self.conduct, new_id=lambda: _new_id("t"))
        dialogue = Dialogue(session, self._cast, clock=self._clock, meter=self._meter, spawn=self._group.create_task)
        seat = _Seat(dialogue, _new_id("r"))
        self._seats[session.id] = seat
        self._meter.session_opened()
        dialogue.begin(line, token=seat.token, idle=idle, greeting=greeting)
        return dialogue

    def resume(self, line: Line, wish: Resume) -> Dialogue | None:
        """The session goes on over this line; None when it is gone or the token is not its own."""
        seat = self._seats.get(wish.session)
        if seat is None or not _fits(seat, wish.resume_token):
            return None
        if seat.expiry:
            seat.expiry.cancel()
            seat.expiry = None
        seat.spare, seat.token = wish.resume_token, _new_id("r")
        seat.dialogue.resume(line, token=seat.token, last_seq=wish.last_seq)
        if seat.dialogue.session.ended:
            self._forget(wish.session)
        return seat.dialogue

    def heard(self, dialogue: Dialogue) -> None:
        """The visitor said something over the present line: the newest token has arrived, the one before is void."""
        seat = self._seats.get(dialogue.session.id)
        if seat:
            seat.spare = None
            if dialogue.session.ended:
                self._forget(dialogue.session.id)

    def leave(self, dialogue: Dialogue, line: Line) -> None:
        """The line broke: the session waits for its visitor."""
        seat = self._seats.get(dialogue.session.id)
        if dialogue.leave(line) and seat:
            loop = asyncio.get_running_loop()
            seat.expiry = loop.call_later(RESUME_S, self._end, dialogue.session.id, CloseCode.EXPIRED)

    def going_away(self, *, after_s: float) -> None:
        """Tell every visitor that the server restarts soon."""
        for seat in self._seats.values():
            seat.dialogue.going_away(after_s=after_s)

    async def _clip(self, script: Script, role: Role, locale: str) -> PlayableClip | None:
        intent = script.first(role)
        return await self._cast.clips.for_intent(intent, locale=locale, variant=0) if intent else None

    def _end(self, session: str, code: CloseCode) -> None:
        seat = self._seats.get(session)
        if seat:
            seat.dialogue.end(code)
            self._forget(session)

    def _forget(self, session: str) -> None:
        seat = self._seats.pop(session, None)
        if seat:
            self._meter.session_closed()
            if seat.expiry:
                seat.expiry.cancel()


def _fits(seat: _Seat, token: str) -> bool:
    """Whether the token opens the seat; takes as long whichever it is."""
    given = token.encode()
    now = hmac.compare_digest(seat.token.encode(), given)
    before = hmac.compare_digest((seat.spare or seat.token).encode(), given)
    return now or before


def _new_id(kind: str) -> str:
    return f"{kind}_{secrets.token_urlsafe(18)}"
