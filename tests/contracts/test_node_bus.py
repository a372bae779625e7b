"""What words between nodes promise, in one process and over Redis; and what happens while Redis is gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from app.adapters.redis import pubsub as over_redis
from app.adapters.redis.pubsub import RedisBus
from app.rendering.work.notifications import MemoryBus, NodeBus, Notifications
from tests.support.redis import RedisServer, a_scripted_redis

LONG_S = 60.0

Join = Callable[[], NodeBus]


@pytest.fixture(params=["memory", "redis"])
def join(request: pytest.FixtureRequest) -> Join:
    """Another node of the same site."""
    if request.param == "memory":
        return MemoryBus().join
    server: RedisServer = request.getfixturevalue("redis_server")
    return lambda: RedisBus(server.url, site="museum")


class Ear:
    """What one node heard."""

    def __init__(self, bus: NodeBus) -> None:
        self.bus = bus
        self.words: asyncio.Queue[str] = asyncio.Queue()
        self.missed = asyncio.Queue[None]()

    async def next(self) -> str:
        return await asyncio.wait_for(self.words.get(), LONG_S)

    async def until_missed(self) -> None:
        await asyncio.wait_for(self.missed.get(), LONG_S)


@asynccontextmanager
async def listening(*bus: NodeBus) -> AsyncIterator[list[Ear]]:
    """These nodes once each of them listens."""
    ears = [Ear(one) for one in bus]
    tasks = [
        asyncio.create_task(
            ear.bus.listen(heard=ear.words.put_nowait, missed=lambda ear=ear: ear.missed.put_nowait(None))
        )
        for ear in ears
    ]
    try:
        for ear in ears:
            await ear.until_missed()
        yield ears
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_word_reaches_every_other_node_and_not_its_own(join: Join) -> None:
    async with listening(join(), join(), join()) as (one, two, three):
        one.bus.send("recipe:a")
        two.bus.send("recipe:b")

        assert await two.next() == "recipe:a"
        assert await one.next() == "recipe:b"
        assert {await three.next(), await three.next()} == {"recipe:a", "recipe:b"}
        assert one.words.empty()


async def test_words_of_one_node_keep_their_order(join: Join) -> None:
    async with listening(join(), join()) as (one, two):
        for number in range(200):
            one.bus.send(f"recipe:{number}")

        assert [await two.next() for _ in range(200)] == [f"recipe:{number}" for number in range(200)]


async def test_sending_with_nobody_listening_neither_waits_nor_fails(join: Join) -> None:
    bus = join()

    for number in range(20_000):
        bus.send(f"recipe:{number}")


async def test_a_pause_ends_when_another_node_calls(join: Join) -> None:
    here, there = Notifications(asyncio.sleep, join()), Notifications(asyncio.sleep, join())
    tasks = [asyncio.create_task(notifications.listen()) for notifications in (here, there)]
    try:
        waiting = asyncio.create_task(here.wait("recipe:a", 3600))
        async with asyncio.timeout(LONG_S):
            while not waiting.done():
                there.notify("recipe:a")  # the first ones may come before anybody listens
                await asyncio.sleep(0.01)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_two_pauses_of_one_name_end_apart() -> None:
    notifications = Notifications(asyncio.sleep)

    long = asyncio.create_task(notifications.wait("recipe:a", 3600))
    await notifications.wait("recipe:a", 0.001)

    assert notifications.notify("recipe:a")
    await asyncio.wait_for(long, LONG_S)
    assert not notifications.notify("recipe:a")


async def test_sites_that_share_a_server_do_not_hear_each_other(redis_server: RedisServer) -> None:
    museum, zoo, other = (RedisBus(redis_server.url, site=site) for site in ("museum", "zoo", "zoo"))
    async with listening(museum, zoo, other) as (here, there, _):
        museum.send("recipe:a")
        other.send("recipe:b")

        assert await there.next() == "recipe:b"
        assert here.words.empty()


async def test_after_a_restart_of_redis_everybody_looks_and_hears_again(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(over_redis, "AGAIN_AFTER_S", 0.05)
    nodes = [RedisBus(redis_server.url, site="museum") for _ in range(2)]
    async with listening(*nodes) as (one, two):
        redis_server.kill()
        one.bus.send("recipe:lost")
        await asyncio.sleep(0)
        redis_server.start()
        await two.until_missed()
        await one.until_missed()

        async with asyncio.timeout(LONG_S):
            while two.words.empty():
                one.bus.send("recipe:again")
                await asyncio.sleep(0.05)


async def test_a_redis_that_was_never_there_costs_nothing_but_the_hint() -> None:
    notifications = Notifications(asyncio.sleep, RedisBus("redis://127.0.0.1:9/0", site="museum"))
    listening_ = asyncio.create_task(notifications.listen())

    await asyncio.wait_for(notifications.wait("recipe:a", 0.05), LONG_S)
    notifications.notify("recipe:a")

    assert not listening_.done()
    listening_.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening_


async def test_whoever_listens_ends_when_told_to_at_any_moment() -> None:
    """Connecting, publishing, between two words: no turn of the loop may lose the cancellation."""
    async with a_scripted_redis() as url:
        for turns in range(60):
            bus = RedisBus(url, site="museum")
            listens = asyncio.create_task(bus.listen(heard=lambda _: None, missed=lambda: None))
            for _ in range(turns):
                bus.send("recipe:a")
                await asyncio.sleep(0)

            listens.cancel()
            await asyncio.wait({listens}, timeout=LONG_S)

            assert listens.done(), turns


@pytest.mark.parametrize(
    ("command", "words"), [("HELLO", []), ("CLIENT", []), ("SUBSCRIBE", []), ("PUBLISH", ["recipe:a"])]
)
async def test_a_silent_redis_is_left_and_tried_again(
    command: str, words: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(over_redis, "QUIET_S", 0.05)
    monkeypatch.setattr(over_redis, "AGAIN_AFTER_S", 0.01)
    async with a_scripted_redis(silent_from=command) as url, asyncio.timeout(LONG_S):
        bus = RedisBus(url, site="museum")
        for word in words:
            bus.send(word)
        listens = asyncio.create_task(bus.listen(heard=lambda _: None, missed=lambda: None))
        while "signals.lost" not in caplog.messages:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.01)

        listens.cancel()
        await asyncio.wait({listens})
