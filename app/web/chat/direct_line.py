"""Direct line: a visitor's socket without tasks and queues of its own, on `FrameProtocol`.

A frame is answered where it is read; what is sent leaves at the end of the event loop's pass, in one write if there is
room. Order, close codes and limits are those of any other line. It has two limits more: frames of one read that wait to
be admitted (`MAX_BACKLOG_BYTES`), and the time for what was written before the end (`DRAIN_WITHIN_S`).
"""

import asyncio
import contextvars
import logging
from collections import deque
from typing import Any

from starlette.websockets import WebSocketDisconnect

from app.conversation.driver import SessionDriver
from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import ServerMessage
from app.web.chat import line
from app.web.chat.frame_protocol import FrameProtocol
from app.web.chat.line import DEAD_AFTER_BEATS, LineOver, Peer
from app.web.deps import WebState

_log = logging.getLogger(__name__)

_OVER = "greenroom.over"

_WRITE_BYTES = 64 * 1024
"""Bytes of one write: as many as a transport takes before it says that it is full."""


class DirectLine:
    """Connection of a visitor whose frames come straight from the protocol."""

    def __init__(self, protocol: FrameProtocol, state: WebState, peer: Peer) -> None:
        """Send from now on; take frames after `listen`."""
        self._protocol, self._state, self._peer = protocol, state, peer
        self._loop = asyncio.get_running_loop()
        self._driver: SessionDriver | None = None
        self._pending: list[ServerMessage] = []
        self._waiting_bytes = 0
        self._flushes = False
        self._code: CloseCode | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._watchdog: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self._backlog: deque[str] | None = None
        """Frames that came while one waits to be admitted; None if none waits."""
        self._backlog_bytes = 0
        self._admitting: asyncio.Task[None] | None = None
        self._context = contextvars.copy_context()

    # -- to the visitor --------------------------------------------------------------------------------------

    def send(self, message: ServerMessage) -> None:
        """Send a message at the end of this pass of the loop; a reader that is too slow is disconnected."""
        if self._code is not None:
            return
        self._pending.append(message)
        self._waiting_bytes += len(message.frame)
        if self._waiting_bytes > line.MAX_WAITING_BYTES:
            self._end(CloseCode.LATER)
        elif not self._flushes:
            self._flushes = True
            self._loop.call_soon(self._flush)

    def close(self, code: CloseCode) -> None:
        """Close after what was sent."""
        if self._code is None:
            self._end(code)

    def rest(self) -> list[ServerMessage]:
        """Return what was not sent."""
        left, self._pending = self._pending, []
        return left

    def _flush(self) -> None:
        self._flushes = False
        if not self._pending:
            return
        if not self._protocol.has_room:
            if self._stalled is None:
                self._stalled = self._loop.call_later(line.SEND_WITHIN_S, self._end, CloseCode.LATER)
            return
        self._disarm()
        while self._pending and self._protocol.has_room:
            self._protocol.transmit(self._slice())
        if self._pending:
            self._stalled = self._loop.call_later(line.SEND_WITHIN_S, self._end, CloseCode.LATER)

    def _slice(self) -> list[str]:
        """Take the frames of one write off the waiting ones."""
        if self._waiting_bytes <= _WRITE_BYTES:
            frames = [message.frame for message in self._pending]
            self._pending, self._waiting_bytes = [], 0
            return frames
        frames, size = [], 0
        for message in self._pending:
            if frames and size + len(message.frame) > _WRITE_BYTES:
                break
            frames.append(message.frame)
            size += len(message.frame)
        self._pending, self._waiting_bytes = self._pending[len(frames) :], self._waiting_bytes - size
        return frames

    def _disarm(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _end(self, code: CloseCode) -> None:
        """Let `over` raise this code; the frames before it go out first, if there is room."""
        if self._code is None:
            if code is not CloseCode.LATER:
                self._flush()
            self._code = code
            self._protocol.end({"type": _OVER, "code": code})

    # -- from the visitor ------------------------------------------------------------------------------------

    def listen(self, driver: SessionDriver) -> None:
        """Give frames to the session, those first that came meanwhile."""
        self._driver, self._context = driver, contextvars.copy_context()
        self._heard_at = self._loop.time()
        self._watch()
        self._protocol.hand_over(self._feed, self._flush)

    async def over(self) -> None:
        """Wait for the end.

        Raises:
            LineOver: this server closes.
            WebSocketDisconnect: the visitor has left.
        """
        event: Any = await self._protocol.ended()
        if event["type"] == _OVER:
            raise LineOver(event["code"])
        if self._admitting is not None:  # what a page sends right before it closes counts: a form, a question
            await asyncio.wait({self._admitting}, timeout=line.ADMIT_WITHIN_S)
        raise WebSocketDisconnect(event.get("code", 1005))

    def stop(self) -> None:
        """Drop timers and whoever waits to be admitted; nobody reads what is left for ever."""
        for timer in (self._stalled, self._watchdog):
            if timer is not None:
                timer.cancel()
        if self._admitting is not None:
            self._admitting.cancel()
        self._code = self._code or CloseCode.ENDED
        self._protocol.drop_after(line.DRAIN_WITHIN_S)

    def _feed(self, text: str | None, size: int) -> None:
        if self._code is not None or self._driver is None:
            return
        self._heard_at = self._loop.time()
        try:
            self._peer.weigh(size, self._state.container.clock.monotonic())
            if self._backlog is not None:
                self._hold(self._backlog, text or "", size)
                return
            self._context.run(self._take, self._driver, text or "")
        except LineOver as over:
            self._end(over.code)
        except Exception:  # noqa: BLE001  (the edge of a socket: an error of one visitor must not affect others)
            _log.exception("socket.broke")
            self._end(CloseCode.INTERNAL)

    def _hold(self, backlog: deque[str], frame: str, size: int) -> None:
        """Keep a frame until those before it are admitted.

        Raises:
            LineOver: more came meanwhile than a visitor sends; nobody takes a node's memory this way.
        """
        self._backlog_bytes += size
        if self._backlog_bytes > line.MAX_BACKLOG_BYTES:
            raise LineOver(CloseCode.RATE_LIMITED)
        backlog.append(frame)

    def _take(self, driver: SessionDriver, frame: str) -> None:
        """Give one frame to the session now; where somebody has to be asked first, those after it wait.

        Those that came with it wait here, later ones unread.
        """
        if not self._peer.take_now(frame, self._state, driver):
            self._protocol.hold()
            self._backlog = deque((frame,))
            self._admitting = asyncio.create_task(self._admit(driver, self._backlog))

    async def _admit(self, driver: SessionDriver, backlog: deque[str]) -> None:
        """Work the backlog off, in order."""
        try:
            while backlog:
                await self._peer.take(backlog.popleft(), self._state, driver)
        except LineOver as over:
            self._end(over.code)
        except Exception:  # noqa: BLE001  (as above)
            _log.exception("socket.broke")
            self._end(CloseCode.INTERNAL)
        finally:
            self._backlog, self._admitting, self._backlog_bytes = None, None, 0
            self._heard_at = self._loop.time()  # nobody listened until now
            self._protocol.go_on()

    def _watch(self) -> None:
        """Close if the visitor has been silent for too long: one timer a line, not one a frame."""
        patience_s = self._state.hub.config.heartbeat_s * DEAD_AFTER_BEATS
        left_s = self._heard_at + patience_s - self._loop.time()
        if left_s <= 0:
            self._end(CloseCode.NO_HEARTBEAT)
        else:
            self._watchdog = self._loop.call_later(left_s, self._watch)
