"""Worker process: renders clips for other nodes, and finishes the interrupted renders of the ledger."""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import structlog

from app.adapters.redis.task_queue import jobs_stream, worker
from app.catalog.releases import CurrentRelease
from app.errors import SettingsError
from app.rendering.work.remote import RemoteJob, RenderWorker
from app.runtime.serving.lifecycle import told
from app.runtime.serving.release_cache import keep_release_cache
from app.runtime.serving.release_follower import LOOK_EVERY_S, RELEASE_TOPIC, ReleaseFollower
from app.runtime.serving.retention import keep_scratch_swept
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.cluster import redis_address
from app.runtime.wiring.current_catalog import catalog_of
from app.runtime.wiring.erasing import open_film_eraser
from app.runtime.wiring.site import Site, open_site

log = structlog.get_logger()


BEAT_EVERY_S = 10.0
"""Time between two heartbeats; a probe may wait for many of them."""


async def work(
    settings: Settings,
    *,
    at_once: int | None = None,
    heartbeat: Path | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Work until cancelled; renders under way are then given back, and another worker resumes them.

    `heartbeat`: a file that is touched while the event loop runs, whatever became of database and Redis.

    Raises:
        CatalogError, StoreError, SettingsError: the catalog, the store or a setting cannot be used.
    """
    url = redis_address(settings)
    async with beating(heartbeat), open_site(settings) as site, AsyncExitStack() as stack:
        render_worker = RenderWorker(site.studio, (site.catalog.avatar,))

        async def render(job: RemoteJob) -> None:
            outcome = await render_worker.work(job)
            log.info("job.ended", outcome=outcome, recipe=job.key[:16])

        renderer = site.studio.providers(site.catalog.avatar).renderer
        most = at_once or max(os.cpu_count() or 1, renderer.capabilities.concurrency)
        await stack.enter_async_context(worker(jobs_stream(url, site=settings.site), render, at_once=most))
        stack.enter_context(told(site, "worker", at_once=most))
        log.info("worker.ready", at_once=most, catalog=site.catalog.name)
        ready()
        jobs: list[Coroutine[Any, Any, None]] = [site.reconciler.run(), site.withdrawals.keep(asyncio.sleep)]
        jobs.append(keep_scratch_swept(open_film_eraser(site)))
        if settings.serve == "release":
            jobs.append(_follow(site, render_worker))
        await asyncio.gather(*jobs)


@asynccontextmanager
async def beating(file: Path | None, *, every_s: float = BEAT_EVERY_S) -> AsyncIterator[None]:
    """Touch the file until the end, and remove it then."""
    if file is None:
        yield
        return
    try:
        _touch(file)
    except OSError as error:
        raise SettingsError(f"Cannot write the heartbeat to `{file}`: {error.strerror}; name another file.") from error
    beat = asyncio.create_task(_beat(file, every_s), name="heartbeat")
    try:
        yield
    finally:
        beat.cancel()
        await asyncio.to_thread(file.unlink, missing_ok=True)


async def _beat(file: Path, every_s: float) -> NoReturn:
    while True:
        await asyncio.sleep(every_s)
        try:
            _touch(file)
        except OSError as error:  # a full disk says nothing about this process, so it is told and tried again
            log.warning("heartbeat.failed", error=str(error))


def _touch(file: Path) -> None:
    """Touch it in the loop's own thread: a stuck loop must leave it alone."""
    file.touch()


async def _follow(site: Site, render_worker: RenderWorker) -> None:
    """Render for the current release, and still for the one before: nodes may wait for its clips."""
    served = deque([site.current.name], maxlen=2)

    async def switch(release: CurrentRelease) -> None:
        site.switch(await catalog_of(site.settings, site.releases, release))
        served.append(site.current.name)
        render_worker.avatars = site.reconciler.avatars

    pause = partial(site.studio.notifications.wait, RELEASE_TOPIC, LOOK_EVERY_S)
    await asyncio.gather(
        ReleaseFollower(releases=site.releases, step=site.current.step, switch=switch, pause=pause).run(),
        keep_release_cache(site.settings, lambda: tuple(served), now=SystemClock().now, sleep=asyncio.sleep),
    )
