"""Between processes: words from node to node over Valkey, and providers that call back."""

import asyncio
import json
import os
import time
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import httpx2

from app.adapters.redis.pubsub import RedisBus
from app.simulators.signing import Delivery, Keys, sync
from tests.benchmarks.page import quantile
from tests.benchmarks.scale.crowds import served
from tests.benchmarks.visitors import processor_s
from tests.support.redis import a_redis
from tests.support.sites import Site

WORDS, WORDS_PER_S = int(os.environ.get("GREENROOM_BENCH_WORDS", "2500")), 500.0
CALLS = int(os.environ.get("GREENROOM_BENCH_CALLS", "2000"))


def push(_: Site) -> str:
    """From the node where a film is ready to the node that holds the visitor."""
    with TemporaryDirectory() as folder, a_redis(Path(folder)) as server:
        millis, lost = asyncio.run(_push(server.url))
    times = " | ".join(f"{quantile(millis, share):.1f}" for share in (0.5, 0.95, 0.99))
    return (
        "## From node to node\n\n{taken}\n\n"
        "| words | a second | lost | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|---|\n"
        f"| {WORDS:,} | {WORDS_PER_S:.0f} | {lost} | {times} |\n\n"
        "A word over a real Valkey, from `send` on one node to `heard` on another: it says that a film is ready, "
        "and the "
        "node looks into the store. Both nodes share this process, so that one clock measures."
    )


async def _push(url: str) -> tuple[list[float], int]:
    here, there = RedisBus(url, site="bench"), RedisBus(url, site="bench")
    millis: list[float] = []
    ready = asyncio.Event()
    heard = lambda word: millis.append((time.perf_counter() - float(word.split(":")[1])) * 1000)  # noqa: E731
    tasks = [
        asyncio.create_task(there.listen(heard=heard, missed=ready.set)),
        asyncio.create_task(here.listen(heard=lambda _: None, missed=lambda: None)),
    ]
    await ready.wait()
    began = time.perf_counter()
    for number in range(WORDS):
        await asyncio.sleep(max(0.0, began + number / WORDS_PER_S - time.perf_counter()))
        here.send(f"recipe:{time.perf_counter()}")
    await asyncio.sleep(1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return millis, WORDS - len(millis)


def webhooks(site: Site) -> str:
    """Deliveries of jobs that nobody knows: verified, looked up, stored, told of. That is the longest way."""
    keys = Keys()
    with served(site, SYNC_API_KEY="bench", SYNC_WEBHOOK_SECRET=keys.secret) as node:
        wall_s, spent_s, taken = asyncio.run(call(node.address, node.process.pid, keys))
    return (
        "## Webhooks\n\n{taken}\n\n"
        "| deliveries | kept | a second | per second of the server's processor |\n|---|---|---|---|\n"
        f"| {CALLS:,} | {taken:,} | {CALLS / wall_s:.0f} | {CALLS / spent_s:,.0f} |\n\n"
        "Sync.so's scheme, an HMAC over time and raw body; each tells of a job that no render knows, so that it is "
        "verified, looked up, stored in SQLite and told as an orphan."
    )


async def call(address: str, pid: int, keys: Keys) -> tuple[float, float, int]:
    """Wall seconds, processor seconds of the server, and how many were taken."""
    gate = asyncio.Semaphore(16)

    async def one(client: httpx2.AsyncClient) -> bool:
        body = json.dumps({"id": token_hex(12), "status": "COMPLETED"}).encode()
        headers = dict(sync(Delivery(body, token_hex(8), int(time.time())), keys))
        async with gate:
            answer = await client.post(f"{address}/v1/hooks/sync/{token_hex(16)}", content=body, headers=headers)
        return answer.status_code == httpx2.codes.NO_CONTENT

    async with httpx2.AsyncClient(timeout=60) as client:
        await one(client)
        began, spent = time.perf_counter(), processor_s(pid)
        kept = sum(await asyncio.gather(*(one(client) for _ in range(CALLS))))
        return time.perf_counter() - began, processor_s(pid) - spent, kept
