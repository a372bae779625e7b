"""Many visitors on one serving process: idle ones, asking ones, and all of them coming at once."""

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import httpx2

from tests.benchmarks.page import quantile
from tests.benchmarks.visitors import (
    EXACT,
    OTHER,
    Heard,
    arrive,
    arrive_all,
    crowd,
    leave_all,
    processor_s,
    resident_kib,
)
from tests.support.sites import Node, Site

IDLE = int(os.environ.get("GREENROOM_BENCH_IDLE", "5000"))
HELD_S = float(os.environ.get("GREENROOM_BENCH_HELD_S", "60"))
"""How long the idle ones are watched; they send a heartbeat as the widget does."""
BEAT_S = 25.0
SETTLED_S = 3.0
"""Until what arrivals left to be written is written."""
EARLY, FEW, MANY = 200, 100, 500
"""Sessions that come before the idle ones, that ask as fast as they are answered, and that take turns."""
SECONDS = float(os.environ.get("GREENROOM_BENCH_SECONDS", "8"))
PACE = 1000.0
"""Questions a second, as written, at which times are taken: half of what one core shall answer at least."""
STORM, STORM_S = int(os.environ.get("GREENROOM_BENCH_STORM", "2000")), 5.0

T = TypeVar("T")


@contextmanager
def served(site: Site, **environment: str) -> Iterator[Node]:
    """A server with the first core to itself."""
    core = min(os.sched_getaffinity(0) | {0}) if shutil.which("taskset") else None
    prefix = ("taskset", "--cpu-list", str(core)) if core is not None and (os.cpu_count() or 1) > 1 else ()
    with site.node(prefix=prefix, **environment) as node:
        yield node


def on_server(site: Site, job: Callable[[Node], Awaitable[T]]) -> T:
    """Do a job with a fresh server."""

    async def done(node: Node) -> T:
        return await job(node)

    with served(site) as node:
        return asyncio.run(done(node))


def idle(site: Site) -> str:
    """Sessions that only send heartbeats."""
    kib, opened_s, busy, dropped = on_server(site, _idle)
    return (
        "## Idle sessions\n\n{taken}\n\n"
        f"| sessions | KiB each | opened in | a core busy with them | dropped in {HELD_S:.0f} s |\n|---|---|---|"
        "---|---|\n"
        f"| {IDLE:,} | {kib:.1f} | {opened_s:.0f} s | {busy:.1%} | {dropped} |\n\n"
        "Resident memory of the whole process before and after, divided by the sessions that came between: socket, "
        "session, its kept frames and timers. Each sends a `ping` every 25 s."
    )


async def _idle(node: Node) -> tuple[float, float, float, int]:
    pid = node.process.pid
    early = await arrive_all(node.address, EARLY)
    await asyncio.sleep(SETTLED_S)
    before, began = resident_kib(pid), time.perf_counter()
    lines = await arrive_all(node.address, IDLE)
    opened_s = time.perf_counter() - began
    beating = [asyncio.create_task(_beat(line, BEAT_S * place / IDLE)) for place, line in enumerate(lines)]
    await asyncio.sleep(SETTLED_S)
    spent = processor_s(pid)
    await asyncio.sleep(HELD_S)
    busy = (processor_s(pid) - spent) / HELD_S
    kib = (resident_kib(pid) - before) / IDLE
    dropped = sum(task.done() for task in beating)
    for task in beating:
        task.cancel()
    await asyncio.gather(*beating, return_exceptions=True)
    await leave_all([*early, *lines])
    return kib, opened_s, busy, dropped


async def _beat(line: object, first_s: float) -> None:
    await asyncio.sleep(first_s)
    while True:
        await line.send('{"type": "ping"}')  # type: ignore[attr-defined]
        await line.recv()  # type: ignore[attr-defined]
        await asyncio.sleep(BEAT_S)


def asked(site: Site) -> str:
    """Questions as fast as they are answered, and at a pace that leaves room."""
    rows = on_server(site, _every_kind)
    return (
        "## Questions\n\n{taken}\n\n"
        "| asked | answered | a second | core busy | per second of the server's processor | p50 ms | p95 ms | p99 ms "
        "|\n"
        "|---|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
        "*As written*: a phrase of the catalog, found without the encoder. *Other words*: encoder, classifier and "
        f"guards; the difference is their share. As fast as they go: {FEW} sessions ask again at once, so that "
        f"questions are encoded together. The other rows: {MANY} sessions take turns, and each answer is a write of "
        "its own. Processor time includes what goes to SQLite behind the answers: sessions, frames and transcripts."
    )


async def _every_kind(node: Node) -> list[str]:
    written, half_written = await _asked(node, EXACT, pace=PACE)
    other, half_other = await _asked(node, OTHER)
    return [
        _row("as written, as fast as they go", written),
        _row(f"as written, at {PACE:,.0f} a second", half_written),
        _row("other words, as fast as they go", other),
        _row("other words, at half that pace", half_other),
    ]


async def _asked(node: Node, texts: tuple[str, ...], *, pace: float | None = None) -> tuple[Heard, Heard]:
    """As fast as they go, then at this pace, or at half the one before."""
    pid = node.process.pid
    few = await arrive_all(node.address, FEW)
    await crowd(few, texts, seconds=SECONDS / 4, every_s=0.1, pid=pid)
    full = await crowd(few, texts, seconds=SECONDS, every_s=0, pid=pid)
    await leave_all(few)
    many = await arrive_all(node.address, MANY)
    await asyncio.sleep(SETTLED_S)
    pace = pace or max(1, len(full.millis)) / full.seconds / 2
    slow = await crowd(many, texts, seconds=SECONDS, every_s=len(many) / pace, pid=pid)
    await leave_all(many)
    return full, slow


def _row(kind: str, heard: Heard) -> str:
    rate, per_core = len(heard.millis) / heard.seconds, heard.per_core
    times = " | ".join(f"{heard.at(share):.1f}" for share in (0.5, 0.95, 0.99))
    busy = heard.server_s / heard.seconds
    return f"| {kind} | {len(heard.millis)} of {heard.asked} | {rate:.0f} | {busy:.0%} | {per_core:,.0f} | {times} |"


def storm(site: Site) -> str:
    """Everybody comes within seconds."""
    millis, failed, busy_s = on_server(site, _storm)
    times = " | ".join(f"{quantile(millis, share):.0f}" for share in (0.5, 0.95, 0.99))
    return (
        "## Everybody comes at once\n\n{taken}\n\n"
        "| visitors | within | turned away | p50 ms | p95 ms | p99 ms | processor ms each |\n|---|---|---|---|---|"
        "---|---|\n"
        f"| {STORM:,} | {STORM_S:.0f} s | {failed} | {times} | {busy_s / STORM * 1000:.2f} |\n\n"
        "From the request for a token to `session.created`, by the clock of the visitors."
    )


async def _storm(node: Node) -> tuple[list[float], int, float]:
    spent = processor_s(node.process.pid)
    millis: list[float] = []

    async def one(client: httpx2.AsyncClient, place: int) -> object:
        await asyncio.sleep(STORM_S * place / STORM)
        began = time.perf_counter()
        line = await arrive(client, node.address)
        millis.append((time.perf_counter() - began) * 1000)
        return line

    limits = httpx2.Limits(max_connections=100)
    async with httpx2.AsyncClient(timeout=60, limits=limits) as client:
        came = await asyncio.gather(*(one(client, place) for place in range(STORM)), return_exceptions=True)
    await leave_all([line for line in came if not isinstance(line, BaseException)])  # type: ignore[misc]
    return millis, sum(isinstance(line, BaseException) for line in came), processor_s(node.process.pid) - spent
