"""Redis and storage behind a line that goes bad: nothing waits for ever, and nothing wrong is believed."""

import asyncio
import time
from urllib.parse import urlsplit

import pytest

from app.adapters.redis import pubsub as over_redis
from app.adapters.redis.limits import RedisLimits
from app.adapters.redis.pubsub import RedisBus
from app.adapters.s3 import bucket as bucket_
from app.adapters.s3.blobs import ObjectBlobStore
from app.adapters.s3.bucket import BucketAccess, open_bucket
from app.conversation.rate_limits import MemoryLimits, Rate
from app.errors import StoreError
from tests.contracts.test_node_bus import LONG_S, listening
from tests.support.fault_proxy import a_fault_proxy
from tests.support.object_storage import KEY, KEY_ID, ObjectStorage
from tests.support.redis import RedisServer


async def test_a_silent_line_is_noticed_and_made_again(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(over_redis, "AGAIN_AFTER_S", 0.05)
    monkeypatch.setattr(over_redis, "QUIET_S", 0.3)
    async with a_fault_proxy(redis_server.port) as (line, port):
        here = RedisBus(f"redis://127.0.0.1:{port}/0", site="museum")
        there = RedisBus(redis_server.url, site="museum")
        async with listening(here, there) as (ear, _):
            line.fault = "silence"
            there.send("recipe:lost")
            before = line.connections
            async with asyncio.timeout(LONG_S):
                while line.connections == before:  # noqa: ASYNC110 - the proxy counts, it does not tell
                    await asyncio.sleep(0.02)
            line.fault = "none"

            await ear.until_missed()


async def test_a_visitor_never_waits_long_for_a_silent_redis(redis_server: RedisServer) -> None:
    async with a_fault_proxy(redis_server.port) as (line, port):
        alone = MemoryLimits(time.monotonic)
        url = f"redis://127.0.0.1:{port}/0"
        limits = RedisLimits(url, site="museum", alone=alone, monotonic=time.monotonic)
        assert await limits.take("a", Rate(5, 0.001)) == 0
        line.fault = "silence"

        async with asyncio.timeout(60):
            waits = [await limits.take("a", Rate(5, 0.001)) for _ in range(6)]

        assert waits[:5] == [0] * 5  # counted alone from the start
        assert waits[5] > 0
        await limits.aclose()


@pytest.fixture
def film() -> bytes:
    return b"\0\0\0\x18ftyp" + bytes(range(256)) * 4_000


def through(storage: ObjectStorage, port: int) -> tuple[ObjectBlobStore, ObjectBlobStore]:
    """The same place over the bad line, and directly."""
    place = storage.empty_place()
    bad = BucketAccess(endpoint=f"http://127.0.0.1:{port}", region="us-east-1", key_id=KEY_ID, key=KEY)
    return ObjectBlobStore(open_bucket(place, bad)), ObjectBlobStore(open_bucket(place, storage.access))


async def test_a_cut_answer_of_the_bucket_is_an_error_and_no_shorter_film(
    object_storage: ObjectStorage, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_, "_TRIES", 1)
    port = urlsplit(object_storage.endpoint).port
    assert port is not None
    async with a_fault_proxy(port) as (line, here):
        over_it, direct = through(object_storage, here)
        digest = (await direct.put_bytes(film)).digest
        line.cut_after_bytes = 300_000

        with pytest.raises(StoreError):
            await over_it.read(digest)
        line.cut_after_bytes = None

        assert await over_it.read(digest) == film
        assert await direct.quarantined() == ()


async def test_an_answer_that_was_lost_is_no_second_blob(
    object_storage: ObjectStorage, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write arrives, its answer does not: it is repeated, finds the name taken, and that is success."""
    monkeypatch.setattr(bucket_, "_PUT_PAUSES_S", (0.2,) * 300)
    port = urlsplit(object_storage.endpoint).port
    assert port is not None
    async with a_fault_proxy(port) as (line, here):
        over_it, direct = through(object_storage, here)
        line.cut_after_bytes = 0
        storing = asyncio.create_task(over_it.put_bytes(film))
        async with asyncio.timeout(LONG_S):
            while not [one async for one in direct.scan()]:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
        line.cut_after_bytes = None

        facts = await asyncio.wait_for(storing, LONG_S)

        assert await direct.read(facts.digest) == film
        assert [one.digest async for one in direct.scan()] == [facts.digest]
