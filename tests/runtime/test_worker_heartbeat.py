"""A worker's heartbeat beside real engines: it says that the process lives, whatever became of Redis."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from app import worker
from app.runtime.settings.site import Settings
from tests.support.redis import RedisServer, a_redis
from tests.support.sites import small_site

LONG_S = 60.0


@asynccontextmanager
async def working(root: Path, redis: RedisServer, beat: Path) -> AsyncIterator[None]:
    """A worker that takes jobs, until the end."""
    settings = Settings(
        catalog=small_site(root).catalog,
        cache=str(root / "cache"),
        database_url=f"sqlite+aiosqlite:///{root / 'state' / 'greenroom.db'}",
        redis_url=redis.url,  # type: ignore[arg-type]
    )
    ready = asyncio.Event()
    task = asyncio.create_task(worker.work(settings, at_once=1, heartbeat=beat, ready=ready.set))
    try:
        async with asyncio.timeout(LONG_S):
            await ready.wait()
        yield
        assert not task.done(), "it lives"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def beats(beat: Path) -> None:
    """Wait until it beats again."""
    os.utime(beat, (1, 1))
    async with asyncio.timeout(LONG_S):
        while os.stat(beat).st_mtime < 2:  # noqa: ASYNC110, PTH116 - the file system tells nobody
            await asyncio.sleep(0.01)


async def test_a_worker_without_its_redis_still_beats_and_ends_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    often: partial[AbstractAsyncContextManager[None]] = partial(worker.beating, every_s=0.02)
    monkeypatch.setattr(worker, "beating", often)
    beat = tmp_path / "beat"
    with a_redis(tmp_path) as server:
        async with working(tmp_path / "site", server, beat):
            await beats(beat)
            server.kill()
            await beats(beat)

    assert not beat.exists()
