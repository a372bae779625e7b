"""Every implementation of a port that is shipped: one more line here, and it is held to all of the port's promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.redis import RedisServer, a_redis
from tests.support.stores import Store, in_memory, in_object_storage, on_disk


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A real Valkey, empty."""
    with a_redis(tmp_path) as server:
        yield server


@pytest.fixture(params=["disk", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    match request.param:
        case "disk":
            return on_disk(tmp_path / "cache")
        case "memory":
            return in_memory(tmp_path)
        case _:
            return in_object_storage(request.getfixturevalue("object_storage"))
