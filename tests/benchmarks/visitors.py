"""Many visitors in one process: they come, ask and listen, and cost little themselves.

The load is bounded in count and time, and goes to loopback only: the server is one that the benchmark started.
"""

import asyncio
import json
import os
import resource
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.benchmarks.page import quantile
from tests.support.chat_client import SUBPROTOCOL

EXACT = ("When are you open?", "Can I bring my dog?")
"""Phrases of the small catalog as they stand there."""
OTHER = ("at what hours are you open", "could I take my dog inside")
"""Other words for the same: these take the encoder."""

AT_ONCE = 40
"""Visitors that are let in at the same time."""

PATIENCE_S = 30.0
"""How long a visitor waits for the end of a turn."""

WRITTEN_S = 1.0
"""Until what is written behind the answers is written: it is paid for, too."""

_NAMES = count()
"""Of questions: one that a session has heard before would not be answered again."""

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Heard:
    """What a crowd went through: milliseconds to each answer's clip, and what went wrong."""

    millis: list[float] = field(default_factory=list)
    asked: int = 0
    refused: int = 0
    seconds: float = 0.0
    server_s: float = 0.0
    """Processor seconds of the server meanwhile."""
    visitors_s: float = 0.0

    def at(self, share: float) -> float:
        """A quantile in milliseconds."""
        return quantile(self.millis, share)

    @property
    def per_core(self) -> float:
        """Questions answered per second of the server's processor time."""
        return len(self.millis) / self.server_s if self.server_s else float("nan")


def processor_s(pid: int) -> float:
    """Seconds of processor time that a process has used, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_kib(pid: int) -> int:
    """Memory of a process that is in use."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def allow_many_sockets() -> None:
    """As many open files as this process may have, for it and for what it starts."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def arrive(client: httpx2.AsyncClient, address: str) -> ClientConnection:
    """A visitor's line, its session begun."""
    token = (await client.post(f"{address}/v1/sessions")).raise_for_status().json()["token"]
    socket = address.replace("http", "ws", 1) + "/v1/chat"
    spoken = [Subprotocol(SUBPROTOCOL)]
    line = await connect(socket, subprotocols=spoken, ping_interval=None, compression=None, max_queue=256)
    await line.send(json.dumps({"type": "session.start", "id": "start", "token": token}))
    await line.recv()
    return line


async def arrive_all(address: str, sessions: int) -> list[ClientConnection]:
    """So many visitors, some at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(client: httpx2.AsyncClient) -> ClientConnection:
        async with gate:
            return await arrive(client, address)

    async with httpx2.AsyncClient(timeout=60) as client:
        return list(await asyncio.gather(*(one(client) for _ in range(sessions))))


async def leave_all(lines: list[ClientConnection]) -> None:
    """All at once."""
    await asyncio.gather(*(line.close() for line in lines), return_exceptions=True)


async def ask(line: ClientConnection, name: str, text: str, heard: Heard) -> None:
    """One question, to its end; one that is refused, or not over in time, is counted as such."""
    asked_at = time.perf_counter()
    heard.asked += 1
    await line.send(json.dumps({"type": "input.text", "id": name, "text": text}))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await _to_its_end(line, asked_at, heard)
    except TimeoutError:
        heard.refused += 1


async def _to_its_end(line: ClientConnection, asked_at: float, heard: Heard) -> None:
    while True:
        message = json.loads(await line.recv())
        match message["type"]:
            case "response.clip" if message["role"] == "answer":
                heard.millis.append((time.perf_counter() - asked_at) * 1000)
            case "response.done":
                return
            case "error":
                heard.refused += 1
                return


async def crowd(
    lines: list[ClientConnection],
    texts: tuple[str, ...],
    *,
    seconds: float,
    every_s: float,
    pid: int,
    most: int | None = None,
) -> Heard:
    """Everybody asks every `every_s` seconds (0: again at once), at most `most` times, until the time is over."""
    heard = Heard()
    end = time.perf_counter() + seconds

    async def one(place: int) -> None:
        at = time.perf_counter() + every_s * place / len(lines)
        for number in range(most or 1_000_000_000):
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            if time.perf_counter() >= end:
                return
            await ask(lines[place], f"b{next(_NAMES)}", texts[number % len(texts)], heard)
            at = max(at + every_s, time.perf_counter())

    began, server, mine = time.perf_counter(), processor_s(pid), time.process_time()
    await asyncio.gather(*(one(place) for place in range(len(lines))))
    heard.seconds = time.perf_counter() - began
    await asyncio.sleep(WRITTEN_S)
    heard.server_s, heard.visitors_s = processor_s(pid) - server, time.process_time() - mine
    return heard
