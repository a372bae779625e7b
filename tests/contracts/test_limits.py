"""What rate limits promise, counted in one process and by all nodes together."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from app.adapters.redis.limits import RedisLimits
from app.conversation.rate_limits import Limits, MemoryLimits, Rate
from tests.support.redis import RedisServer

SLOW = Rate(burst=3, per_s=0.001)

PATIENCE_S = 60.0
"""On a busy machine Redis may be slow, and a node that counts alone is another test."""


def shared(url: str) -> RedisLimits:
    here = MemoryLimits(time.monotonic)
    return RedisLimits(url, site="museum", alone=here, monotonic=time.monotonic, patience_s=PATIENCE_S)


@pytest.fixture(params=["memory", "redis"])
async def limits(request: pytest.FixtureRequest) -> AsyncIterator[Limits]:
    if request.param == "memory":
        yield MemoryLimits(time.monotonic)
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    found = shared(server.url)
    yield found
    await found.aclose()


async def test_a_burst_is_let_in_and_the_next_is_told_how_long_to_wait(limits: Limits) -> None:
    waits = [await limits.take("a", SLOW) for _ in range(4)]

    assert waits[:3] == [0, 0, 0]
    assert 900 < waits[3] <= 1000


async def test_scopes_are_counted_apart(limits: Limits) -> None:
    for _ in range(3):
        await limits.take("a", SLOW)

    assert await limits.take("a", SLOW) > 0
    assert await limits.take("b", SLOW) == 0


async def test_time_fills_the_bucket_again(limits: Limits) -> None:
    quick = Rate(burst=2, per_s=20)
    async with asyncio.timeout(60):
        while not (wait_s := await limits.take("a", quick)):
            pass  # until it is empty, however slow this computer is
    await asyncio.sleep(wait_s + 0.01)

    assert await limits.take("a", quick) == 0


async def test_of_many_at_once_only_the_burst_gets_through(limits: Limits) -> None:
    waits = await asyncio.gather(*(limits.take("a", Rate(10, 0.001)) for _ in range(40)))

    assert waits.count(0) == 10


async def test_nodes_share_a_bucket(redis_server: RedisServer) -> None:
    nodes = [shared(redis_server.url) for _ in range(4)]

    waits = await asyncio.gather(*(node.take("address:x", Rate(10, 0.001)) for node in nodes for _ in range(10)))

    assert waits.count(0) == 10
    for node in nodes:
        await node.aclose()


async def test_without_redis_a_node_counts_alone_and_asks_again_later(redis_server: RedisServer) -> None:
    now = [0.0]
    here = MemoryLimits(lambda: now[0])
    limits = RedisLimits(redis_server.url, site="museum", alone=here, monotonic=lambda: now[0], patience_s=PATIENCE_S)
    redis_server.kill()

    without = [await limits.take("a", SLOW) for _ in range(4)]
    redis_server.start()
    still_alone = await limits.take("a", SLOW)
    now[0] += 10
    together = await limits.take("a", SLOW)

    assert without[:3] == [0, 0, 0]
    assert without[3] > 0
    assert still_alone > 0
    assert together == 0
    await limits.aclose()


async def test_a_redis_without_memory_is_one_that_is_gone(redis_server: RedisServer) -> None:
    await redis_server.configure(maxmemory="1")
    limits = shared(redis_server.url)

    assert [await limits.take("a", SLOW) > 0 for _ in range(4)] == [False, False, False, True]
    await limits.aclose()
