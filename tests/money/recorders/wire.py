"""The wire of a recorder: HTTP/1.1 from the standard library, so that it shares no code with what it listens to."""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """What came in: header names in lower case, the query without repeats."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at_s: float = field(default_factory=time.monotonic)

    def json(self) -> dict[str, Any]:
        """The body as an object; what is none is an empty one."""
        with suppress(ValueError):
            document = json.loads(self.body)
            if isinstance(document, dict):
                return document
        return {}

    def json_list(self) -> list[dict[str, Any]]:
        """The body as a list of objects; what is none is an empty one."""
        with suppress(ValueError):
            document = json.loads(self.body)
            if isinstance(document, list):
                return [one for one in document if isinstance(one, dict)]
        return []

    def parts(self) -> dict[str, "Part"]:
        """The fields of a multipart form."""
        found = re.search(r'boundary="?([^";]+)', self.headers.get("content-type", ""))
        if found is None:
            return {}
        pieces = self.body.split(b"--" + found[1].encode())[1:-1]
        return dict(_part(piece) for piece in pieces)


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form."""

    filename: str
    content_type: str
    data: bytes


def _part(piece: bytes) -> tuple[str, Part]:
    head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    text = head.decode()
    name, filename, kind = (
        re.search(pattern, text, re.IGNORECASE)
        for pattern in (r'[; ]name="([^"]*)"', r'filename="([^"]*)"', r"content-type: *([^\r\n]+)")
    )
    part = Part(filename[1] if filename else "", kind[1] if kind else "", data.removesuffix(b"\r\n"))
    return (name[1] if name else ""), part


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out. `cut_at`: the connection breaks after so many bytes of the body; -1: before the first header."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None


CUT = Reply(0, cut_at=-1)
"""The connection breaks without an answer."""


def as_json(document: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(document).encode(), headers=named)


@contextmanager
def listening(answer: Callable[[Request], Reply]) -> Iterator[str]:
    """Answer on a port of its own; the address."""

    class Handler(_Handler):
        answers = staticmethod(answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60.0
    answers: Callable[[Request], Reply]

    def handle(self) -> None:
        with suppress(ConnectionError):  # a client that was killed
            super().handle()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        reply = self.answers(Request(self.command, unquote(parts.path), query, headers, self._body(headers)))
        with suppress(ConnectionError):
            self._send(reply)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815 -- the library's names

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(headers.get("content-length", "0")))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _send(self, reply: Reply) -> None:
        if reply.cut_at != -1:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut_at])
            self.wfile.flush()
        if reply.cut_at is not None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name
        """Nothing: the recorder keeps its own record."""
