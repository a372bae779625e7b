"""`make bench-chat`, the server's half: from a question on the socket to its answer's frame, at 1, 50 and 500 sessions.

    python -m tests.benchmarks.chat.run docs/benchmarks/chat.md

A small catalog is filmed, `greenroom serve` serves it as a process of its own, and this process is all the visitors:
what is measured includes their side of the socket on the same computer.
"""

import asyncio
import json
import os
import platform
import random
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import Request, urlopen

from websockets.asyncio.client import ClientConnection, connect

from tests.support.chat_client import SUBPROTOCOL
from tests.support.sites import Site, small_site

START, END = "<!-- server: written by make bench-chat -->", "<!-- server: end -->"

EXACT = ("When are you open?", "Can I bring my dog?")
"""Phrases of the small catalog as they stand there."""
OTHER = ("at what hours are you open", "could I take my dog inside")
"""Other words for the same: these take the encoder."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many sessions, each asking so often with such pauses between."""

    sessions: int
    questions: int
    pause_s: tuple[float, float]


CROWDS = (Crowd(1, 200, (0.0, 0.0)), Crowd(50, 30, (0.5, 1.5)), Crowd(500, 8, (2.5, 7.5)))


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of one crowd with one kind of question, and how many were answered by a clip."""

    crowd: Crowd
    kind: str
    millis: tuple[float, ...]
    asked: int
    seconds: float

    def at(self, share: float) -> float:
        """A quantile."""
        ordered = sorted(self.millis)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


async def opened(address: str) -> ClientConnection:
    """A visitor's line, its session begun."""
    request = Request(f"{address}/v1/sessions", method="POST")  # noqa: S310 - the server this process started
    token = json.loads(await asyncio.to_thread(lambda: urlopen(request, timeout=30).read()))["token"]  # noqa: S310
    socket = address.replace("http", "ws", 1) + "/v1/chat"
    line = await connect(socket, subprotocols=[SUBPROTOCOL], ping_interval=None, max_queue=256)  # type: ignore[list-item]
    await line.send(json.dumps({"type": "session.start", "id": "start", "token": token}))
    await line.recv()
    return line


async def visit(line: ClientConnection, crowd: Crowd, questions: tuple[str, ...], millis: list[float]) -> int:
    """Ask with pauses; how many questions were asked."""
    await asyncio.sleep(random.uniform(0, crowd.pause_s[1]))
    for number in range(crowd.questions):
        asked_at = time.perf_counter()
        text = questions[number % len(questions)]
        await line.send(json.dumps({"type": "input.text", "id": f"q{random.random()}", "text": text}))
        await _answered(line, asked_at, millis)
        await asyncio.sleep(random.uniform(*crowd.pause_s))
    return crowd.questions


async def _answered(line: ClientConnection, asked_at: float, millis: list[float]) -> None:
    while True:
        message = json.loads(await line.recv())
        if message["type"] == "response.clip" and message["role"] == "answer":
            millis.append((time.perf_counter() - asked_at) * 1000)
        if message["type"] == "response.done":
            return


async def measured(address: str, crowd: Crowd, kind: str, questions: tuple[str, ...]) -> Measured:
    """One crowd: all in first, then all ask."""
    gate = asyncio.Semaphore(20)

    async def enter() -> ClientConnection:
        async with gate:
            return await opened(address)

    lines = await asyncio.gather(*(enter() for _ in range(crowd.sessions)))
    millis: list[float] = []
    began = time.perf_counter()
    asked = sum(await asyncio.gather(*(visit(line, crowd, questions, millis) for line in lines)))
    seconds = time.perf_counter() - began
    await asyncio.gather(*(line.close() for line in lines))
    return Measured(crowd, kind, tuple(millis), asked, seconds)


async def measure(address: str) -> list[Measured]:
    """Every crowd with both kinds of question; a short round before, so that everything is loaded."""
    for questions in (EXACT, OTHER):
        await measured(address, Crowd(4, 5, (0.0, 0.1)), "warm-up", questions)
    return [
        await measured(address, crowd, kind, questions)
        for crowd in CROWDS
        for kind, questions in (("as written", EXACT), ("other words", OTHER))
    ]


def table(found: list[Measured], database: str, *, load: float) -> str:
    """The figures as the page has them; `load` is what else ran when they were begun, in processes."""
    day = datetime.now(UTC).date()
    head = (
        f"`make bench-chat`, {day}, Python {platform.python_version()}, {os.cpu_count()} cores "
        f"({platform.machine()}), {database}. One serving process and all its visitors on this computer, "
        f"with a load average of {load:.1f} before them. Milliseconds from the moment a visitor's `input.text` is sent "
        "to the moment its `response.clip` is read. "
        "*As written*: a phrase of the catalog; *other words*: it takes the sentence encoder. Sessions, frames and "
        "transcripts are written to the database meanwhile: behind the answers, which do not wait for it."
    )
    rows = "| sessions | questions | a second | asked | answered by a clip | p50 ms | p95 ms | p99 ms |"
    lines = [START, "## From the question to the answer's frame", "", head, "", rows, "|---" * 8 + "|"]
    for one in found:
        rate = one.asked / one.seconds
        lines.append(
            f"| {one.crowd.sessions} | {one.asked} | {rate:.0f} | {one.kind} | {len(one.millis) / one.asked:.0%} "
            f"| {one.at(0.5):.1f} | {one.at(0.95):.1f} | {one.at(0.99):.1f} |"
        )
    return "\n".join([*lines, END])


def write(page: Path, text: str) -> None:
    """Put the section in its place, others stay as they are."""
    page.parent.mkdir(parents=True, exist_ok=True)
    before = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks of the chat\n"
    section = re.compile(f"{re.escape(START)}.*?{re.escape(END)}", re.DOTALL)
    after = section.sub(lambda _: text, before) if section.search(before) else f"{before.rstrip()}\n\n{text}\n"
    page.write_text(after, encoding="utf-8")


def main(page: Path) -> None:
    """Film, serve, measure, write."""
    with tempfile.TemporaryDirectory() as folder:
        site: Site = small_site(Path(folder))
        run = site.run("warm", timeout_s=600)
        if run.returncode:
            raise SystemExit(run.stdout + run.stderr)
        load = os.getloadavg()[0]
        with site.served() as address:
            found = asyncio.run(measure(address))
    text = table(found, "SQLite", load=load)
    write(page, text)
    print(text)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
