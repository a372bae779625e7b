"""A line that can go bad: TCP to a real server, with delays, cuts, resets and silence on demand."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

Fault = Literal["none", "refuse", "silence", "reset"]
"""`refuse`: new connections are hung up on; `silence`: nothing passes either way, and nobody is told; `reset`: what
passes next resets its connection."""

_PIECE_BYTES = 16_384


class FaultProxy:
    """Between clients and one server. Faults hold for old and new connections until they are changed.

    `delay_s` is added to every piece in each direction; `cut_after_bytes` ends each connection after so much of the
    server's answers. `cut_at` is called with each piece that a client sends: "before" resets the connection instead of
    passing it on, "after" lets the server have it and loses the answer.
    """

    def __init__(self, target: int | Path) -> None:
        """`target` is the real server's port on loopback, or its socket's path."""
        self.target = target
        self.cut_at: Callable[[bytes], Literal["before", "after"] | None] = lambda _piece: None
        self.fault: Fault = "none"
        self.delay_s = 0.0
        self.cut_after_bytes: int | None = None
        self.connections = 0
        self._lines: set[asyncio.StreamWriter] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        self.connections += 1
        if self.fault == "refuse":
            writer.close()
            return
        with contextlib.suppress(OSError):
            back_reader, back_writer = await self._reach()
            self._lines |= {writer, back_writer}
            lost = asyncio.Event()
            there = asyncio.create_task(self._pass(reader, back_writer, limit=None, lost=lost, asks=True))
            back = asyncio.create_task(self._pass(back_reader, writer, limit=self.cut_after_bytes, lost=lost))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
            self._lines -= {writer, back_writer}
            back_writer.close()
        writer.close()

    def cut_all(self) -> None:
        """End every connection that there is, as a restart in between would."""
        for line in tuple(self._lines):
            _reset(line)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection("127.0.0.1", self.target)

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        limit: int | None,
        lost: asyncio.Event,
        asks: bool = False,
    ) -> None:
        """One direction; once an answer is to be lost, the next piece of the server's ends the connection."""
        passed = 0
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE_BYTES):
                while self.fault == "silence":  # noqa: ASYNC110 - set from outside at any time
                    await asyncio.sleep(0.01)
                cut = self.cut_at(piece) if asks else None
                if self.fault == "reset" or cut == "before" or (lost.is_set() and not asks):
                    _reset(writer)
                    return
                if cut == "after":
                    lost.set()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                passed += len(piece)
                if limit is not None and passed > limit:
                    writer.write(piece[: max(0, limit - (passed - len(piece)))])
                    await writer.drain()
                    _reset(writer)
                    return
                writer.write(piece)
                await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Hang up so that the other end gets a reset, not an end of file."""
    line = writer.get_extra_info("socket")
    if line is not None:
        with contextlib.suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def a_fault_proxy(target: int | Path) -> AsyncIterator[tuple[FaultProxy, int]]:
    """The proxy and the port at which clients find it."""
    proxy = FaultProxy(target)
    server = await asyncio.start_server(proxy.connected, "127.0.0.1", 0)
    try:
        yield proxy, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        proxy.fault = "none"
        proxy.cut_all()
