"""HTTP guard: limits on what one connection may take before a route sees it, in front of uvicorn's parser.

A buffering proxy hides slow and endless requests; a node that faces strangers itself needs these limits.
"""

import asyncio
import logging

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_log = logging.getLogger(__name__)

MOST_HEAD_BYTES = 32 * 1024
"""Bytes of a request line and its headers; browsers send about one kilobyte."""

MOST_WAITING = 16
"""Requests of one connection that wait for the answers before them."""

HEAD_S = 15.0
"""Time for a request's head, from the connection or its first byte on."""

BODY_S = 30.0
LEAST_BYTES_PER_S = 4096
"""A body may take thirty seconds, and longer as long as it is faster than this."""

UNREAD_S = 60.0
"""Time in which a client must read something of an answer that waits for it."""


class TooMuchError(Exception):
    """Raised inside the parser, which then ends the connection with 400."""


class GuardedHttp(HttpToolsProtocol):
    """HTTP connection that ends when a client sends too much, too slowly, or does not read."""

    head_s, body_s, unread_s = HEAD_S, BODY_S, UNREAD_S

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._head_bytes, self._body_bytes, self._in_head = 0, 0, True
        self._upgraded = False
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._wait(self.head_s, "head")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        self._wait(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count, parse, and end what is too long."""
        if self._in_head:
            self._head_bytes += len(data)
        else:
            self._body_bytes += len(data)
        super().data_received(data)
        if self._timer is None and self._is_idle():  # blank lines end uvicorn's own wait for the next request
            self._wait(self.head_s, "head")
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES:
            self._end("a head without end")

    def on_message_begin(self) -> None:
        """Begin to count a head."""
        self._head_bytes, self._body_bytes, self._in_head = 0, 0, True
        self._wait(self.head_s, "head")
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to wait for the body; refuse a queue of requests."""
        self._in_head = False
        if len(self.pipeline) >= MOST_WAITING:
            raise TooMuchError("too many requests wait for the answers before them")
        super().on_headers_complete()
        self._wait(self.body_s, "body")

    def on_message_complete(self) -> None:
        """Stop to wait."""
        self._wait(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the WebSocket, which has limits of its own."""
        self._upgraded = True
        self._wait(None)
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not read."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.unread_s, self._end, "an answer that nobody reads")

    def resume_writing(self) -> None:
        """Stop to wait: it reads."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        if self.flow is not None:
            super().resume_writing()

    def _is_idle(self) -> bool:
        waits = self._upgraded or self.timeout_keep_alive_task is not None
        return not waits and (self.cycle is None or self.cycle.response_complete) and self.parser is not None

    def _wait(self, seconds: float | None, part: str = "") -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._late, part) if seconds is not None else None

    def _late(self, part: str) -> None:
        least = LEAST_BYTES_PER_S * self.body_s
        if part == "body" and self._body_bytes >= least:
            self._body_bytes = 0
            self._wait(self.body_s, part)
            return
        self._end(f"a {part} that does not end")

    def _end(self, why: str) -> None:
        _log.info("http.cut_off", extra={"reason": why})
        self.transport.abort()  # also one that is closing: it waits for a client that does not read
