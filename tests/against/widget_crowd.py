"""Visitors who send what the widget sends: a question, `ack`, `playback` twice; raw frames, so that they cost little.

A visitor's turn is over when the avatar listens again. Frames are counted: one that is lost or comes twice breaks
their numbers, and is told.
"""

import asyncio
import json
import os
import re
import secrets
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.benchmarks.visitors import WRITTEN_S, processor_s
from tests.support.chat_client import SUBPROTOCOL

PATIENCE_S = 60.0

_SEQ = re.compile(rb'^\{"seq":(\d+),(?:"type":"([a-z.]+)")?')
_TURN = re.compile(rb'"turn":"([^"]+)"')
_DIGEST = re.compile(rb'"digest":"([^"]+)"')
_FIN_TEXT, _FIN_CLOSE, _FIN_PING = 0x81, 0x88, 0x89
_SHORT, _LONG = 126, 127

Ask = Callable[[int], str]
"""The next question of a visitor, by its number: a frame."""


@dataclass
class Crowd:
    """What a crowd went through."""

    asked: int = 0
    answered: int = 0
    lost: list[str] = field(default_factory=list)
    """What was wrong: errors, frames out of order, answers without a clip."""
    millis: list[float] = field(default_factory=list)
    server_s: float = 0.0

    @property
    def per_core(self) -> float:
        """Answers per second of the server's processor time."""
        return self.answered / self.server_s


class Visitor(asyncio.Protocol):
    """One connection. It asks as long as it is told to, and does nothing else."""

    def __init__(self, start: bytes, ask: Ask, crowd: Crowd) -> None:
        self._start, self._ask, self._crowd = start, ask, crowd
        self._buffer = b""
        self._upgraded = False
        self._seq = 0
        self._number = 0
        self._asked_at = 0.0
        self._clip: tuple[bytes, bytes] | None = None
        self._more: Callable[[], bool] = lambda: False
        self.greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.idle = asyncio.Event()
        self.gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self._transport.write(_handshake())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Somebody who waits for an answer has lost it, and so has whoever would ask next."""
        self.gone = True
        if not self.idle.is_set():
            self._crowd.lost.append("connection")
            self.idle.set()
        if not self.greeted.done():
            self.greeted.set_exception(ConnectionError("the server hung up before its greeting"))

    def ask_while(self, more: Callable[[], bool], crowd: Crowd) -> None:
        """Ask again and again, as long as `more` says so; `idle` is set after the last answer."""
        if self.gone:
            crowd.lost.append("connection")
            return
        self._more, self._crowd = more, crowd
        self.idle.clear()
        self._next()

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Take the frames apart."""
        buffer = self._buffer + data if self._buffer else data
        if not self._upgraded:
            head, found, buffer = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            self._upgraded = True
            self._transport.write(_masked(self._start))
        at, end = 0, len(buffer)
        while end - at >= 2:
            size, head_size = buffer[at + 1], 2
            if size == _SHORT:
                size, head_size = int.from_bytes(buffer[at + 2 : at + 4], "big"), 4
            elif size == _LONG:
                size, head_size = int.from_bytes(buffer[at + 2 : at + 10], "big"), 10
            if end - at < head_size + size:
                break
            body = buffer[at + head_size : at + head_size + size]
            self._frame(buffer[at], body)
            at += head_size + size
        self._buffer = buffer[at:]

    def _frame(self, opcode: int, body: bytes) -> None:
        if opcode == _FIN_PING:
            self._transport.write(_masked(body, 0x8A))
        elif opcode == _FIN_TEXT:
            self._message(body)

    def _message(self, body: bytes) -> None:
        found = _SEQ.match(body)
        self._seq += 1
        if not found or int(found[1]) != self._seq:
            self._crowd.lost.append(f"frame {self._seq} came as {body[:60]!r}")
        match found and found[2]:
            case b"response.clip":
                self._plays(body)
            case b"response.done":
                self._done()
            case b"state":
                self._shows(body)
            case b"error" | b"response.text.done":
                self._refused(body)
            case None if b'"type":"session.created"' in body:
                self.greeted.set_result(None)
                self.idle.set()

    def _shows(self, body: bytes) -> None:
        if body.endswith(b'"listening"}') and self._clip:
            self._crowd.answered += 1
            self._next()

    def _refused(self, body: bytes) -> None:
        self._crowd.lost.append(body[:200].decode())
        if b'"type":"error"' in body:  # nothing more comes for it
            self.idle.set()

    def _plays(self, body: bytes) -> None:
        turn, digest = _TURN.search(body), _DIGEST.search(body)
        assert turn, body
        assert digest, body
        self._clip = turn[1], digest[1]
        self._crowd.millis.append((time.perf_counter() - self._asked_at) * 1000)
        self._transport.write(_masked(self._playback(b"started", b"0.0")))

    def _done(self) -> None:
        if self._clip is None:
            self._crowd.lost.append("a turn without a clip")
            self._next()
            return
        ack = b'{"type":"ack","seq":%d}' % self._seq
        self._transport.write(_masked(ack) + _masked(self._playback(b"ended", b"6.93")))

    def _next(self) -> None:
        self._clip = None
        if not self._more():
            self.idle.set()
            return
        self._crowd.asked += 1
        self._number += 1
        self._asked_at = time.perf_counter()
        self._transport.write(_masked(self._ask(self._number).encode()))

    def _playback(self, event: bytes, at_s: bytes) -> bytes:
        assert self._clip
        return b'{"type":"playback","turn":"%s","clip":"%s","event":"%s","at_s":%s}' % (*self._clip, event, at_s)


def chips(intents: Sequence[str]) -> Ask:
    """Chips, one after the other."""
    return lambda number: json.dumps(
        {"type": "input.choice", "id": f"q{number}", "intent": intents[number % len(intents)]}
    )


def texts(phrases: Sequence[str]) -> Ask:
    """Written questions, one after the other."""
    return lambda number: json.dumps({"type": "input.text", "id": f"q{number}", "text": phrases[number % len(phrases)]})


async def come(address: str, visitors: int, ask: Ask) -> list[Visitor]:
    """So many visitors, greeted."""
    split = urlsplit(address)
    loop = asyncio.get_running_loop()
    came = []
    for _ in range(visitors):
        token = await asyncio.to_thread(_token, address)
        start = json.dumps({"type": "session.start", "id": "start", "token": token}).encode()
        _, visitor = await loop.create_connection(lambda s=start: Visitor(s, ask, Crowd()), split.hostname, split.port)
        await asyncio.wait_for(visitor.greeted, PATIENCE_S)
        came.append(visitor)
    return came


async def asking(visitors: Sequence[Visitor], seconds: float, pid: int) -> Crowd:
    """Everybody asks again at once, for so long; what is written behind the answers counts, too."""
    crowd, end = Crowd(), time.perf_counter() + seconds
    before = processor_s(pid)
    for visitor in visitors:
        visitor.ask_while(lambda: time.perf_counter() < end, crowd)
    await asyncio.wait_for(asyncio.gather(*(one.idle.wait() for one in visitors)), seconds + PATIENCE_S)
    await asyncio.sleep(WRITTEN_S)
    crowd.server_s = processor_s(pid) - before
    return crowd


def _token(address: str) -> str:
    asked = urllib.request.Request(f"{address}/v1/sessions", method="POST")  # noqa: S310 - loopback
    with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:  # noqa: S310
        token: str = json.loads(answer.read())["token"]
    return token


def _handshake() -> bytes:
    key = b64encode(secrets.token_bytes(16)).decode()
    return (
        "GET /v1/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
    ).encode()


def _masked(body: bytes, opcode: int = _FIN_TEXT) -> bytes:
    """A client's frame under a mask of zeros, which changes nothing and costs nothing."""
    size = len(body)
    head = bytes((opcode, 0x80 | size)) if size < _SHORT else bytes((opcode, 0xFE)) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + body


def beside_the_server() -> None:
    """Leave the first core to the server."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, set(cores[1:]))
