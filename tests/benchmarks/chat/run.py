"""`make bench-chat`, the server's half: from a question on the socket to its answer's frame, at 1, 50 and 500 sessions.

    python -m tests.benchmarks.chat.run docs/benchmarks/chat.md

A small catalog is filmed, `greenroom serve` serves it as a process of its own, and this process is all the visitors:
what is measured includes their side of the socket on the same computer.
"""

# ruff: noqa: T201 -- it is a command

import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.page import put, taken
from tests.benchmarks.visitors import EXACT, OTHER, Heard, allow_many_sockets, arrive_all, crowd, leave_all
from tests.support.sites import Node, small_site

COMMAND, TITLE = "make bench-chat", "Benchmarks of the chat"


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many sessions; each asks so often, every so many seconds."""

    sessions: int
    questions: int
    every_s: float


CROWDS = (Crowd(1, 200, 0.05), Crowd(50, 20, 1.0), Crowd(500, 5, 5.0))
PERCENTILES = ("p50 ms", "p95 ms", "p99 ms")
KINDS = (("as written", EXACT), ("other words", OTHER))


async def measured(node: Node, crowd_: Crowd, texts: tuple[str, ...]) -> Heard:
    """One crowd: all come in first, then all ask."""
    lines = await arrive_all(node.address, crowd_.sessions)
    await crowd(lines, texts, seconds=20, every_s=0.05, pid=node.process.pid, most=1)  # everything is loaded then
    heard = await crowd(lines, texts, seconds=120, every_s=crowd_.every_s, pid=node.process.pid, most=crowd_.questions)
    await leave_all(lines)
    return heard


async def measure(node: Node, crowds: tuple[Crowd, ...]) -> list[str]:
    """Every crowd with both kinds of question, a row each."""
    rows = []
    for one in crowds:
        for kind, texts in KINDS:
            print(f"{one.sessions} sessions, {kind} ...", file=sys.stderr, flush=True)
            rows.append(row(one, kind, await measured(node, one, texts)))
            print(rows[-1], file=sys.stderr, flush=True)
    return rows


def row(one: Crowd, kind: str, heard: Heard) -> str:
    """One line of the table."""
    return (
        f"| {one.sessions} | {heard.asked} | {heard.asked / heard.seconds:.0f} | {kind} "
        f"| {len(heard.millis) / heard.asked:.0%} | {heard.at(0.5):.1f} | {heard.at(0.95):.1f} | {heard.at(0.99):.1f} "
        f"| {heard.server_s / heard.seconds:.0%} | {heard.visitors_s / heard.seconds:.0%} |"
    )


def table(rows: list[str], *, load: float) -> str:
    """The figures as the page has them."""
    head = (
        f"{taken(COMMAND, load=load)} SQLite. One serving process and all its visitors on this computer. Milliseconds "
        "from the moment a visitor's `input.text` is sent to the moment its `response.clip` is read. "
        "*As written*: a phrase of the catalog; *other words*: it takes the sentence encoder. Sessions, frames and "
        "transcripts are written to the database meanwhile: behind the answers, which do not wait for it. The last two "
        "columns say how busy server and visitors kept a core."
    )
    names = ("sessions", "questions", "a second", "asked", "answered by a clip", *PERCENTILES, "server", "visitors")
    lines = ["## From the question to the answer's frame", "", head, ""]
    return "\n".join([*lines, f"| {' | '.join(names)} |", "|---" * len(names) + "|", *rows])


def main(page: Path, crowds: tuple[Crowd, ...] = CROWDS) -> None:
    """Film, serve, measure, write."""
    allow_many_sockets()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        site = small_site(Path(folder))
        print("filming the small catalog ...", file=sys.stderr, flush=True)
        run = site.run("warm", timeout_s=600)
        if run.returncode:
            raise SystemExit(run.stdout + run.stderr)
        with site.node() as node:
            rows = asyncio.run(measure(node, crowds))
    put(page, "server", table(rows, load=load), command=COMMAND, title=TITLE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
