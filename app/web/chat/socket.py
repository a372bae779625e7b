"""Socket `WS /v1/chat`: frames in, messages to the hub; messages out, frames.

No other file awaits a socket.
"""

import asyncio
import logging

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from app.conversation.driver import SessionDriver
from app.conversation.protocol.rules import CLOSE_RULES, START_WITHIN_S, SUBPROTOCOL, CloseCode
from app.web.chat import line
from app.web.chat.direct_line import DirectLine
from app.web.chat.frame_protocol import EXTENSION, FrameProtocol
from app.web.chat.line import DEAD_AFTER_BEATS, FrameQueue, LineOver, Peer, greet, knock
from app.web.deps import WebState, state_of

_log = logging.getLogger(__name__)

router = APIRouter()


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
    except LineOver as over:
        await wire.shut(over.code)
    except WebSocketDisconnect:
        pass
    except Exception:  # noqa: BLE001  (the edge of a socket: an error of one visitor must not affect others)
        _log.exception("socket.broke")
        await wire.shut(CloseCode.INTERNAL)


class _SocketWriter(FrameQueue):
    """Socket with a queue in front."""

    def __init__(self, websocket: WebSocket) -> None:
        super().__init__()
        self.socket = websocket

    async def write(self) -> None:
        """Send queued frames until a close code comes."""
        while True:
            message = await self.take()
            try:
                async with asyncio.timeout(line.SEND_WITHIN_S):
                    await self.socket.send_text(message.frame)
            except TimeoutError:
                raise LineOver(CloseCode.LATER) from None
            self.sent(message)

    async def read(self, peer: Peer, within_s: float, late: CloseCode, now: float) -> str | None:
        """Read the next text frame; None for a binary one."""
        try:
            async with asyncio.timeout(within_s):
                received = await self.socket.receive()
        except TimeoutError:
            raise LineOver(late) from None
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        text: str | None = received.get("text")
        peer.weigh(len(text.encode()) if text is not None else len(received.get("bytes") or b""), now)
        return text

    async def shut(self, code: CloseCode) -> None:
        """Send the queued frames if that is possible at once, then close."""
        if self.socket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(1.0):
                for message in self.rest() if code is not CloseCode.LATER else ():
                    await self.socket.send_text(message.frame)
                await self.socket.close(code, CLOSE_RULES[code].meaning)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            _log.debug("socket.left_before_close")


async def _converse(wire: _SocketWriter, state: WebState, *, speaks: bool) -> None:
    if not speaks:
        raise LineOver(CloseCode.VERSION)
    peer = Peer(state.visitors.address_of(wire.socket))
    await knock(state, peer.address)
    first = await wire.read(peer, START_WITHIN_S, CloseCode.NOT_AUTHORISED, state.container.clock.monotonic())
    protocol = wire.socket.scope.get("extensions", {}).get(EXTENSION)
    if isinstance(protocol, FrameProtocol):
        await _converse_directly(DirectLine(protocol, state, peer), wire, state, peer, first)
        return
    driver = await greet(wire, first, state, peer.address, wire.socket)
    structlog.contextvars.bind_contextvars(session=driver.session.id[: line.SHOWN_CHARS])
    reader = asyncio.create_task(_listen(wire, state, peer, driver))
    writer = asyncio.create_task(wire.write())
    try:
        done, _ = await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (reader, writer):
            task.cancel()
        await asyncio.gather(reader, writer, return_exceptions=True)
        state.hub.leave(driver, wire)


async def _converse_directly(
    direct: DirectLine, wire: _SocketWriter, state: WebState, peer: Peer, first: str | None
) -> None:
    """Serve a socket whose frames need neither task nor queue."""
    try:
        driver = await greet(direct, first, state, peer.address, wire.socket)
        structlog.contextvars.bind_contextvars(session=driver.session.id[: line.SHOWN_CHARS])
        try:
            direct.listen(driver)
            await direct.over()
        finally:
            state.hub.leave(driver, direct)
    finally:
        direct.stop()
        for message in direct.rest():
            wire.send(message)


async def _listen(wire: _SocketWriter, state: WebState, peer: Peer, driver: SessionDriver) -> None:
    """Pass frames on until the connection ends."""
    patience_s = state.hub.config.heartbeat_s * DEAD_AFTER_BEATS
    while True:
        frame = await wire.read(peer, patience_s, CloseCode.NO_HEARTBEAT, state.container.clock.monotonic())
        await peer.take(frame or "", state, driver)
