"""WebSocket protocol of uvicorn with a way past its queue.

Frames are handed over where they are read, and frames of one pass of the event loop leave in one write. A
socket that nobody takes over is uvicorn's own.
"""

import logging
from asyncio import TimerHandle
from collections.abc import Callable, Sequence
from typing import Any, Literal

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

EXTENSION = "greenroom.frames"
"""Name of the protocol among the extensions of an ASGI scope."""

_USED = (
    "close_sent",
    "conn",
    "connection_lost",
    "curr_msg_data_type",
    "disconnected",
    "frames",
    "handle_connect",
    "loop",
    "queue",
    "read_paused",
    "request",
    "response",
    "resume_writing",
    "scope",
    "send_receive_event_to_app",
    "transport",
    "writable",
)
"""Names of uvicorn's protocol that are used or replaced here; uvicorn promises none of them."""

_log = logging.getLogger(__name__)

_TEXT = 0x81
_SHORT, _LONG = 126, 1 << 16

Feed = Callable[[str | None, int], None]
"""Takes the text of a frame, None for a binary one, and its size in bytes."""


class FrameProtocol(WebSocketsSansIOProtocol):
    """One socket. Until `hand_over` it does what uvicorn's does."""

    _feed: Feed | None = None
    _writable: Callable[[], None] | None = None
    _drop: TimerHandle | None = None

    def handle_connect(self, event: Request) -> None:
        """Name this protocol in the scope, before the application sees it."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    def hand_over(self, feed: Feed, writable: Callable[[], None]) -> None:
        """Give every frame to `feed` from now on, first those that wait; call `writable` when a full line has room.

        What ends the connection still comes through `ended`.
        """
        self._feed, self._writable = feed, writable
        self.request = self.response = None  # type: ignore[assignment]  # of the handshake; nobody reads them again
        rest: list[Any] = []
        self.go_on()
        while not self.queue.empty():
            event: Any = self.queue.get_nowait()
            if event["type"] != "websocket.receive":
                rest.append(event)
                continue
            text = event.get("text")
            feed(text, len(text.encode()) if text is not None else len(event["bytes"]))
        for event in rest:
            self.queue.put_nowait(event)

    def hold(self) -> None:
        """Read nothing for now: the rest waits at the sender. Frames that were read already are still fed."""
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Read again."""
        if self.read_paused and not self.transport.is_closing():
            self.read_paused = False
            self.transport.resume_reading()

    def drop_after(self, seconds: float) -> None:
        """Drop the connection with all that was not read, unless it has ended by then."""
        if not self.disconnected:
            self._drop = self.loop.call_later(seconds, self.transport.abort)

    async def ended(self) -> Any:
        """Wait for the event that ends the connection, or what `end` was given."""
        return await self.queue.get()

    def end(self, event: object) -> None:
        """Let `ended` return this."""
        self.queue.put_nowait(event)  # type: ignore[arg-type]

    @property
    def has_room(self) -> bool:
        """False while the line takes no more bytes."""
        return self.writable.is_set()

    def transmit(self, frames: Sequence[str]) -> None:
        """Write text frames at once; those for a line that is over are dropped, as uvicorn does."""
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            return
        pieces: list[bytes] = []
        for frame in frames:
            body = frame.encode()
            pieces += (_head(len(body)), body)
        self.transport.write(b"".join(pieces))

    def send_receive_event_to_app(self) -> None:
        """Hand a frame over, where somebody takes it."""
        if self._feed is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        if self.curr_msg_data_type == "text":
            try:
                text = data.decode()
            except UnicodeDecodeError:  # uvicorn closes
                super().send_receive_event_to_app()
                return
            self.frames = []
            self._feed(text, len(data))
        else:
            self.frames = []
            self._feed(None, len(data))

    def resume_writing(self) -> None:
        """Tell whoever waits for room."""
        super().resume_writing()
        if self._writable:
            self._writable()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take no more frames, and hold nobody's."""
        super().connection_lost(exc)
        self._feed = self._writable = None
        if self._drop is not None:
            self._drop.cancel()
            self._drop = None


def missing(base: type = WebSocketsSansIOProtocol) -> tuple[str, ...]:
    """Return what `FrameProtocol` needs and this version of uvicorn has neither as a method nor as state it sets."""
    known = set(dir(base))
    for method in ("__init__", "handle_connect"):
        code = getattr(getattr(base, method, None), "__code__", None)
        known.update(code.co_names if code else ())
    return tuple(name for name in _USED if name not in known)


def fitting_protocol(base: type = WebSocketsSansIOProtocol) -> type[FrameProtocol] | Literal["websockets-sansio"]:
    """Return the protocol to serve sockets with: this one, or uvicorn's own where that has changed."""
    names = missing(base)
    if not names:
        return FrameProtocol
    _log.warning("socket.plain_protocol", extra={"missing": ", ".join(names)})
    return "websockets-sansio"


def _head(size: int) -> bytes:
    """Return the head of an unmasked text frame (RFC 6455, 5.2). No extension is on that would change the body."""
    if size < _SHORT:
        return bytes((_TEXT, size))
    if size < _LONG:
        return bytes((_TEXT, 126)) + size.to_bytes(2, "big")
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big")
