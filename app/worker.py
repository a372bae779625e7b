"""Worker process: renders clips for other nodes, and finishes the interrupted renders of the ledger."""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog

from app.adapters.redis.task_queue import jobs_stream, worker
from app.catalog.releases import CurrentRelease
from app.rendering.work.remote import RemoteJob, RenderWorker
from app.runtime.serving.release_cache import keep_release_cache
from app.runtime.serving.release_follower import LOOK_EVERY_S, RELEASE_TOPIC, ReleaseFollower
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.cluster import redis_address
from app.runtime.wiring.current_catalog import catalog_of
from app.runtime.wiring.site import Site, open_site

log = structlog.get_logger()


async def work(settings: Settings, *, at_once: int | None = None, ready: Callable[[], None] = lambda: None) -> None:
    """Work until cancelled; renders under way are then given back, and another worker resumes them.

    Raises:
        CatalogError, StoreError, SettingsError: the catalog, the store or a setting cannot be used.
    """
    url = redis_address(settings)
    async with open_site(settings) as site, AsyncExitStack() as stack:
        render_worker = RenderWorker(site.studio, (site.catalog.avatar,))

        async def render(job: RemoteJob) -> None:
            outcome = await render_worker.work(job)
            log.info("job.ended", outcome=outcome, recipe=job.key[:16])

        renderer = site.studio.providers(site.catalog.avatar).renderer
        most = at_once or max(os.cpu_count() or 1, renderer.capabilities.concurrency)
        await stack.enter_async_context(worker(jobs_stream(url, site=settings.site), render, at_once=most))
        log.info("worker.ready", at_once=most, catalog=site.catalog.name)
        ready()
        jobs: list[Coroutine[Any, Any, None]] = [site.reconciler.run(), site.withdrawals.keep(asyncio.sleep)]
        if settings.serve == "release":
            jobs.append(_follow(site, render_worker))
        await asyncio.gather(*jobs)


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
