"""Line to a visitor, whichever way its frames travel: who may open one, what it may carry, when it ends."""

import asyncio
import logging
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from app.conversation.driver import SessionDriver
from app.conversation.ports import Connection
from app.conversation.protocol.client_messages import (
    ClientMessage,
    InputChoice,
    InputText,
    Resume,
    SessionStart,
    message_id,
    read_message,
)
from app.conversation.protocol.page_messages import HandoverRequest, InputForm
from app.conversation.protocol.rules import MAX_FRAME_BYTES, CloseCode
from app.conversation.protocol.server_messages import ServerMessage
from app.conversation.rate_limits import TokenBucket
from app.errors import AccessError, MessageUnknownError, ProtocolError, RateLimitedError, StateUnavailableError
from app.web.deps import WebState
from app.web.visitors import Action, VisitorAddress, allowed_origin

_log = logging.getLogger(__name__)

DEAD_AFTER_BEATS = 2.5
MAX_MISTAKES = 5
"""Malformed frames before the connection is closed."""
MAX_WAITING_BYTES = 1024 * 1024
"""Bytes that may wait for a slow reader before its connection is closed; it can resume."""
MAX_BACKLOG_BYTES = 256 * 1024
"""Bytes of frames that may wait behind one that waits to be admitted."""
ADMIT_WITHIN_S = 5.0
"""Time in which the last frames of a visitor who has left must be admitted."""
SEND_WITHIN_S = 30.0
"""Time in which one frame must be sent."""
DRAIN_WITHIN_S = 15.0
"""Time in which what was written before the end must have left; then the connection is dropped."""
SHOWN_CHARS = 10
"""How much of a session's id its log lines have: enough to find them, not to name the session to anybody."""
FRAMES_BURST, FRAMES_PER_S = 500, 100.0


class LineOver(Exception):  # noqa: N818  (an end, not always an error)
    """End of a line, with the close code that says why."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code)
        self.code = code


class FrameQueue:
    """Queue of frames for a visitor: sending never waits; a slow reader is disconnected instead."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[ServerMessage | CloseCode] = asyncio.Queue()
        self._waiting_bytes = 0

    def send(self, message: ServerMessage) -> None:
        """Queue a message."""
        self._waiting_bytes += len(message.frame)
        self._queue.put_nowait(CloseCode.LATER if self._waiting_bytes > MAX_WAITING_BYTES else message)

    def close(self, code: CloseCode) -> None:
        """Queue the close code."""
        self._queue.put_nowait(code)

    async def take(self) -> ServerMessage:
        """Wait for the next message.

        Raises:
            LineOver: a close code came.
        """
        item = await self._queue.get()
        if isinstance(item, CloseCode):
            raise LineOver(item)
        return item

    def sent(self, message: ServerMessage) -> None:
        """Note that a message was taken off our hands."""
        self._waiting_bytes -= len(message.frame)

    def rest(self) -> list[ServerMessage]:
        """Return what is still queued, without close codes."""
        left = []
        while not self._queue.empty():
            item = self._queue.get_nowait()
            if not isinstance(item, CloseCode):
                left.append(item)
        return left


@dataclass(slots=True)
class Peer:
    """Visitor of a line: the session after the first frame, and how much was sent."""

    address: VisitorAddress
    mistakes: int = 0
    _frames: TokenBucket = field(default_factory=lambda: TokenBucket(burst=FRAMES_BURST, per_s=FRAMES_PER_S))

    def weigh(self, size: int, now: float) -> None:
        """Count a frame of so many bytes.

        Raises:
            LineOver: it is too large, or one too many.
        """
        if size > MAX_FRAME_BYTES:
            raise LineOver(CloseCode.NOT_UNDERSTOOD)
        if self._frames.take(now):
            raise LineOver(CloseCode.RATE_LIMITED)

    async def take(self, frame: str, state: WebState, driver: SessionDriver) -> None:
        """Give one frame to the session, or answer with its error.

        Raises:
            LineOver: one frame too many was not understood.
        """
        message = self._read(frame, driver)
        action = _counted(message)
        if action and message:
            try:
                await state.visitors.admit(self.address, action)
            except RateLimitedError as error:
                driver.refuse(error, ref=message_id(frame))
                return
        self._give(message, state, driver)

    def take_now(self, frame: str, state: WebState, driver: SessionDriver) -> bool:
        """Do the same without waiting; False, and nothing done, if somebody has to be asked first.

        Raises:
            LineOver: one frame too many was not understood.
        """
        message = self._read(frame, driver)
        action = _counted(message)
        if action:
            try:
                if not state.visitors.admit_now(self.address, action):
                    return False
            except RateLimitedError as error:
                driver.refuse(error, ref=message_id(frame))
                return True
        self._give(message, state, driver)
        return True

    def _give(self, message: ClientMessage | None, state: WebState, driver: SessionDriver) -> None:
        if message is not None:
            driver.receive(message)
            state.hub.heard(driver)

    def _read(self, frame: str, driver: SessionDriver) -> ClientMessage | None:
        """Read a frame; None if it is answered with its error."""
        try:
            return read_message(frame)
        except MessageUnknownError as error:
            driver.refuse(error, ref=message_id(frame))
            return None
        except ProtocolError as error:
            self.mistakes += 1
            if self.mistakes >= MAX_MISTAKES:
                raise LineOver(CloseCode.NOT_UNDERSTOOD) from error
            driver.refuse(error, ref=message_id(frame))
            return None


_COUNTED: dict[type, Action] = {
    InputText: "question",
    InputChoice: "question",
    InputForm: "request",
    HandoverRequest: "request",
}


def _counted(message: ClientMessage | None) -> Action | None:
    """Return as what a message counts for its visitor's address; None for one that does not."""
    return _COUNTED.get(type(message))


async def knock(state: WebState, address: VisitorAddress) -> None:
    """Count a connection, before anything of it is read.

    Raises:
        LineOver: too many from this address.
    """
    try:
        await state.visitors.admit(address, "connection")
    except RateLimitedError as error:
        raise LineOver(CloseCode.RATE_LIMITED) from error


async def greet(
    line: Connection, frame: str | None, state: WebState, address: VisitorAddress, asked: HTTPConnection
) -> SessionDriver:
    """Read `session.start`, check its token, open or resume the session on this line.

    Raises:
        LineOver: the visitor is refused; the code says why.
    """
    start = _start_in(frame)
    try:
        origin = allowed_origin(asked.headers, state.container.web)
        claims = None if start.resume else state.tokens.redeem(start.token, origin=origin)
    except AccessError as error:
        _log.info("line.refused", extra={"code": error.code, "reason": str(error)})
        raise LineOver(CloseCode.NOT_AUTHORISED) from error
    if start.resume:
        driver = await _resumed(line, state, start.resume, address)
        if driver is None:
            raise LineOver(CloseCode.EXPIRED)
        if start.context is not None:
            driver.tell(start.context)
        return driver
    if state.hub.full:
        raise LineOver(CloseCode.LATER)
    most = state.container.web.sessions_per_address
    if most and address.line and state.hub.at(address.line) >= most:
        raise LineOver(CloseCode.RATE_LIMITED)
    locale = start.locale or (claims.locale if claims else None)
    return await state.hub.open(line, locale=locale, address=address.line, page=start.context or {})


async def _resumed(line: Connection, state: WebState, request: Resume, address: VisitorAddress) -> SessionDriver | None:
    try:
        return await state.hub.resume(line, request, address=address.line)
    except StateUnavailableError as error:
        raise LineOver(CloseCode.LATER) from error


def _start_in(frame: str | None) -> SessionStart:
    try:
        message = read_message(frame or "")
    except ProtocolError as error:
        raise LineOver(CloseCode.NOT_UNDERSTOOD) from error
    if not isinstance(message, SessionStart):
        raise LineOver(CloseCode.NOT_AUTHORISED)
    return message
