"""Socket `WS /v1/chat`: frames in, messages to the hub; messages out, frames.

No other file awaits a socket.
"""

import asyncio
import logging
from dataclasses import dataclass

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from app.conversation.driver import SessionDriver
from app.conversation.protocol.client_messages import (
    InputChoice,
    InputText,
    Resume,
    SessionStart,
    message_id,
    read_message,
)
from app.conversation.protocol.rules import CLOSE_RULES, MAX_FRAME_BYTES, START_WITHIN_S, SUBPROTOCOL, CloseCode
from app.conversation.protocol.server_messages import ServerMessage
from app.conversation.rate_limits import TokenBucket
from app.errors import AccessError, MessageUnknownError, ProtocolError, RateLimitedError, StateUnavailableError
from app.web.deps import WebState, state_of
from app.web.visitors import VisitorAddress, allowed_origin

_log = logging.getLogger(__name__)

router = APIRouter()

DEAD_AFTER_BEATS = 2.5
MAX_MISTAKES = 5
"""Malformed frames before the connection is closed."""
MAX_WAITING_BYTES = 1024 * 1024
"""Bytes that may wait for a slow reader before its connection is closed; it can resume."""
SEND_WITHIN_S = 30.0
"""Time in which one frame must be sent."""
_SHOWN_CHARS = 10
"""How much of a session's id its log lines have: enough to find them, not to name the session to anybody."""
FRAMES_BURST, FRAMES_PER_S = 500, 100.0


@router.websocket("/v1/chat")
async def chat(websocket: WebSocket) -> None:
    """Serve one visitor's connection.

    It is accepted before it is refused: otherwise the code would not arrive.
    """
    offered: list[str] = websocket.scope.get("subprotocols", [])
    speaks = SUBPROTOCOL in offered
    await websocket.accept(subprotocol=SUBPROTOCOL if speaks else next(iter(offered), None))
    wire = _SocketWriter(websocket)
    try:
        await _converse(wire, state_of(websocket), speaks=speaks)
    except _Over as over:
        await wire.shut(over.code)
    except WebSocketDisconnect:
        pass
    except Exception:  # noqa: BLE001  (the edge of a socket: an error of one visitor must not affect others)
        _log.exception("socket.broke")
        await wire.shut(CloseCode.INTERNAL)


class _Over(Exception):  # noqa: N818  (an end, not always an error)
    def __init__(self, code: CloseCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class _Peer:
    """Visitor of a connection, known after the first frame."""

    driver: SessionDriver
    address: VisitorAddress
    mistakes: int = 0


class _SocketWriter:
    """Socket with a queue in front: sending never waits; a slow reader is disconnected instead."""

    def __init__(self, websocket: WebSocket) -> None:
        self.socket = websocket
        self._queue: asyncio.Queue[str | CloseCode] = asyncio.Queue()
        self._waiting_bytes = 0
        self._frames = TokenBucket(burst=FRAMES_BURST, per_s=FRAMES_PER_S)

    def send(self, message: ServerMessage) -> None:
        """Queue a message."""
        frame = message.frame
        self._waiting_bytes += len(frame)
        self._queue.put_nowait(CloseCode.LATER if self._waiting_bytes > MAX_WAITING_BYTES else frame)

    def close(self, code: CloseCode) -> None:
        """Queue the close code."""
        self._queue.put_nowait(code)

    async def write(self) -> None:
        """Send queued frames until a close code comes."""
        while True:
            item = await self._queue.get()
            if isinstance(item, CloseCode):
                raise _Over(item)
            try:
                async with asyncio.timeout(SEND_WITHIN_S):
                    await self.socket.send_text(item)
            except TimeoutError:
                raise _Over(CloseCode.LATER) from None
            self._waiting_bytes -= len(item)

    async def read(self, within_s: float, late: CloseCode, now: float) -> str | None:
        """Read the next text frame; None for a binary one."""
        try:
            async with asyncio.timeout(within_s):
                received = await self.socket.receive()
        except TimeoutError:
            raise _Over(late) from None
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        text: str | None = received.get("text")
        size = len(text.encode()) if text is not None else len(received.get("bytes") or b"")
        if size > MAX_FRAME_BYTES:
            raise _Over(CloseCode.NOT_UNDERSTOOD)
        if self._frames.take(now):
            raise _Over(CloseCode.RATE_LIMITED)
        return text

    async def shut(self, code: CloseCode) -> None:
        """Send the queued frames if that is possible at once, then close."""
        if self.socket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(1.0):
                while code is not CloseCode.LATER and not self._queue.empty():
                    item = self._queue.get_nowait()
                    if isinstance(item, str):
                        await self.socket.send_text(item)
                await self.socket.close(code, CLOSE_RULES[code].meaning)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            _log.debug("socket.left_before_close")


async def _converse(wire: _SocketWriter, state: WebState, *, speaks: bool) -> None:
    if not speaks:
        raise _Over(CloseCode.VERSION)
    address = state.visitors.address_of(wire.socket)
    peer = _Peer(await _greet(wire, state, address), address)
    structlog.contextvars.bind_contextvars(session=peer.driver.session.id[:_SHOWN_CHARS])
    reader = asyncio.create_task(_listen(wire, state, peer))
    writer = asyncio.create_task(wire.write())
    try:
        done, _ = await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (reader, writer):
            task.cancel()
        await asyncio.gather(reader, writer, return_exceptions=True)
        state.hub.leave(peer.driver, wire)


async def _greet(wire: _SocketWriter, state: WebState, address: VisitorAddress) -> SessionDriver:
    """Read `session.start`, check its token, open or resume the session."""
    try:
        await state.visitors.admit(address, "connection")
    except RateLimitedError as error:
        raise _Over(CloseCode.RATE_LIMITED) from error
    start = _start_in(await wire.read(START_WITHIN_S, CloseCode.NOT_AUTHORISED, state.container.clock.monotonic()))
    try:
        origin = allowed_origin(wire.socket.headers, state.container.web)
        claims = None if start.resume else state.tokens.redeem(start.token, origin=origin)
    except AccessError as error:
        _log.info("socket.refused", extra={"code": error.code, "reason": str(error)})
        raise _Over(CloseCode.NOT_AUTHORISED) from error
    if start.resume:
        driver = await _resumed(wire, state, start.resume, address)
        if driver is None:
            raise _Over(CloseCode.EXPIRED)
        return driver
    if state.hub.full:
        raise _Over(CloseCode.LATER)
    most = state.container.web.sessions_per_address
    if most and address.line and state.hub.at(address.line) >= most:
        raise _Over(CloseCode.RATE_LIMITED)
    return await state.hub.open(wire, locale=start.locale or (claims.locale if claims else None), address=address.line)


async def _resumed(
    wire: _SocketWriter, state: WebState, request: Resume, address: VisitorAddress
) -> SessionDriver | None:
    try:
        return await state.hub.resume(wire, request, address=address.line)
    except StateUnavailableError as error:
        raise _Over(CloseCode.LATER) from error


def _start_in(frame: str | None) -> SessionStart:
    try:
        message = read_message(frame or "")
    except ProtocolError as error:
        raise _Over(CloseCode.NOT_UNDERSTOOD) from error
    if not isinstance(message, SessionStart):
        raise _Over(CloseCode.NOT_AUTHORISED)
    return message


async def _listen(wire: _SocketWriter, state: WebState, peer: _Peer) -> None:
    """Pass frames on until the connection ends."""
    patience_s = state.hub.config.heartbeat_s * DEAD_AFTER_BEATS
    while True:
        frame = await wire.read(patience_s, CloseCode.NO_HEARTBEAT, state.container.clock.monotonic())
        await _take(frame or "", state, peer)


async def _take(frame: str, state: WebState, peer: _Peer) -> None:
    """Give one frame to the session, or answer with its error."""
    try:
        message = read_message(frame)
    except MessageUnknownError as error:
        peer.driver.refuse(error, ref=message_id(frame))
        return
    except ProtocolError as error:
        peer.mistakes += 1
        if peer.mistakes >= MAX_MISTAKES:
            raise _Over(CloseCode.NOT_UNDERSTOOD) from error
        peer.driver.refuse(error, ref=message_id(frame))
        return
    if isinstance(message, InputText | InputChoice):
        try:
            await state.visitors.admit(peer.address, "question")
        except RateLimitedError as error:
            peer.driver.refuse(error, ref=message.id)
            return
    peer.driver.receive(message)
    state.hub.heard(peer.driver)
