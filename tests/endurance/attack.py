"""`make attack`: four kinds of hostile connection from fifty addresses of loopback while honest visitors ask.

Prints what the node's memory does, how long honest visitors wait, and whether memory is back a minute after. With a
folder of another checkout it attacks that one: how it was before. Each attacker sends at most `MOST_BYTES`.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from websockets.exceptions import WebSocketException

from tests.endurance.sampling import sample
from tests.support.chat_client import ChatClient
from tests.support.sites import Node, Site, small_site

ADDRESSES = [f"127.0.0.{number}" for number in range(2, 52)]
MOST_BYTES = 8 << 20
"""What one connection sends before it only waits: enough to see growth, too little to end this machine."""
_PIECE = 64 * 1024

Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def endless_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A head with one header after another."""
    await _pour(writer, b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-A: b\r\n" * (_PIECE // 8))


async def endless_value(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A head with one value that does not end."""
    await _pour(writer, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", b"b" * _PIECE)


async def unread_answers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Requests in a row whose answers nobody reads."""
    await _pour(writer, b"", b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)


async def unfinished_bodies(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body that is said to be long and drips."""
    writer.write(b"POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"{")
        await writer.drain()
        await asyncio.sleep(1)


ATTACKS: tuple[Attack, ...] = (endless_headers, endless_value, unread_answers, unfinished_bodies)


@dataclass
class Attacked:
    """What came of it."""

    before_mb: float = 0.0
    memory_mb: list[float] = field(default_factory=list)
    after_mb: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    cut_off: int = 0
    lost: int = 0

    def told(self) -> str:
        """The figures in a line."""
        p99 = quantiles(self.waits_s, n=100)[98] * 1000 if len(self.waits_s) > 1 else float("nan")
        memory = (
            f"{self.before_mb:.0f} MB before, {max(self.memory_mb):.0f} at most, {self.after_mb:.0f} a minute after"
        )
        honest = f"{len(self.waits_s)} honest questions, p99 {p99:.0f} ms, {self.lost} visitors lost"
        return f"{memory}; {self.cut_off} hostile connections were cut off; {honest}"


async def attack(
    node: Node, database: Path, *, kinds: tuple[Attack, ...], visitors: int, seconds: float, after_s: float
) -> Attacked:
    """Attack from every address with the kinds in turns, ask meanwhile, then wait and look again."""
    found = Attacked(before_mb=sample(node.process.pid, database, began=0.0).memory_mb)
    ends = time.monotonic() + seconds
    hostile = [_attacker(node, found, kinds[n % len(kinds)], at, ends) for n, at in enumerate(ADDRESSES)]
    honest = [_visitor(node, found, random.Random(n), ends) for n in range(visitors)]
    await asyncio.gather(*hostile, *honest, _watch(node, database, found, ends))
    await asyncio.sleep(after_s)
    found.after_mb = sample(node.process.pid, database, began=0.0).memory_mb
    return found


async def _attacker(node: Node, found: Attacked, kind: Attack, address: str, ends: float) -> None:
    host, _, port = node.address.removeprefix("http://").partition(":")
    while time.monotonic() < ends:
        writer = None
        try:
            reader, writer = await asyncio.open_connection(host, int(port), local_addr=(address, 0))
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + max(0.1, ends - time.monotonic())):
                await kind(reader, writer)
                while not writer.is_closing() and not reader.at_eof():  # noqa: ASYNC110  (a connection has no event for it)
                    await asyncio.sleep(0.2)
            found.cut_off += 1
        except TimeoutError:
            pass
        except OSError:
            found.cut_off += 1
        finally:
            if writer is not None:
                writer.transport.abort()
        await asyncio.sleep(0.5)


async def _visitor(node: Node, found: Attacked, chance: random.Random, ends: float) -> None:
    await asyncio.sleep(chance.uniform(0, 3))
    try:
        async with ChatClient(node.address) as chat:
            while time.monotonic() < ends:
                began = time.monotonic()
                await chat.send("input.text", id=chat._next_id(), text="When are you open?")
                await chat.receive_until("input.accepted")
                found.waits_s.append(time.monotonic() - began)
                await asyncio.sleep(chance.uniform(2, 5))
    except (OSError, TimeoutError, WebSocketException):
        found.lost += 1


async def _watch(node: Node, database: Path, found: Attacked, ends: float) -> None:
    while time.monotonic() < ends:
        found.memory_mb.append(sample(node.process.pid, database, began=0.0).memory_mb)
        await asyncio.sleep(0.5)


async def _pour(writer: asyncio.StreamWriter, first: bytes, piece: bytes) -> None:
    writer.write(first)
    for _ in range(MOST_BYTES // len(piece)):
        writer.write(piece)
        await writer.drain()


def _site(folder: Path) -> Site:
    site = small_site(folder)
    site.run("warm", timeout_s=1200)
    return site


def main(minutes: float, visitors: int, checkout: str = "") -> None:
    """Each kind alone for a tenth of the time, then all together for the rest, each on a fresh node."""
    if checkout:
        os.chdir(checkout)  # whose `app` is then the one that is started
    with tempfile.TemporaryDirectory() as folder:
        site = _site(Path(folder))
        for kinds, share in (*(((kind,), 0.1) for kind in ATTACKS), (ATTACKS, 0.6)):
            with site.node(GREENROOM_LOG_LEVEL="error", GREENROOM_ACCESS_LOG="false") as node:
                found = asyncio.run(
                    attack(
                        node,
                        site.root / "state" / "greenroom.db",
                        kinds=kinds,
                        visitors=visitors,
                        seconds=minutes * 60 * share,
                        after_s=60,
                    )
                )
            print(f"{' + '.join(kind.__name__ for kind in kinds)}: {found.told()}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
