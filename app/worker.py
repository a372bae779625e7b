"""A worker: films what nodes ask for, and carries on whatever the ledger says is unfinished."""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog

from app.adapters.redis.task_queue import jobs_stream, worker
from app.adapters.sql.audit import SqlAudit
from app.adapters.sql.releases import SqlReleases
from app.catalog.releases import CurrentRelease, Releases
from app.rendering.work.reconciler import Reconciler
from app.rendering.work.remote import RemoteJob, RenderWorker
from app.runtime.serving.release_cache import keep_release_cache
from app.runtime.serving.release_follower import (
    LOOK_EVERY_S,
    RELEASE_TOPIC,
    CurrentCatalog,
    ReleaseFollower,
    chosen_catalog,
    opened,
)
from app.runtime.serving.withdrawals import Withdrawals
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.cluster import redis_address
from app.runtime.wiring.database import open_database
from app.runtime.wiring.store_and_encoder import open_store
from app.runtime.wiring.studio import day_caps, open_studio
from app.runtime.wiring.tracing import open_tracer

log = structlog.get_logger()


async def work(settings: Settings, *, at_once: int | None = None, ready: Callable[[], None] = lambda: None) -> None:
    """Work until cancelled; what is under way then is given back, and another worker takes it up.

    Raises:
        CatalogError, StoreError, SettingsError: something is not as it must be.
    """
    url = redis_address(settings)
    store = open_store(settings)
    async with AsyncExitStack() as stack:
        tracer = stack.enter_context(open_tracer())
        database = await stack.enter_async_context(open_database(settings))
        releases, withdrawals = SqlReleases(database), Withdrawals(SqlAudit(database))
        await withdrawals.read()
        store = withdrawals.guard(store)
        chosen = await chosen_catalog(settings, releases)
        catalog = chosen.catalog
        studio = await stack.enter_async_context(
            open_studio(settings, store, database, budget=catalog.budget, recordings=catalog.recordings, tracer=tracer)
        )
        render_worker = RenderWorker(studio, (catalog.avatar,))
        reconciler = Reconciler(studio=studio, avatars=(catalog.avatar,))

        async def film(job: RemoteJob) -> None:
            outcome = await render_worker.work(job)
            log.info("job.ended", outcome=outcome, recipe=job.key[:16])

        most = at_once or max(os.cpu_count() or 1, studio.providers(catalog.avatar).renderer.capabilities.concurrency)
        await stack.enter_async_context(worker(jobs_stream(url, site=settings.site), film, at_once=most))
        log.info("worker.ready", at_once=most, catalog=catalog.name)
        ready()
        jobs: list[Coroutine[Any, Any, None]] = [reconciler.run(), withdrawals.keep(asyncio.sleep)]
        if settings.serve == "release":
            jobs.append(_follow(settings, releases, render_worker, reconciler, first=chosen))
        await asyncio.gather(*jobs)


async def _follow(
    settings: Settings,
    releases: Releases,
    render_worker: RenderWorker,
    reconciler: Reconciler,
    *,
    first: CurrentCatalog,
) -> None:
    """Film for the release that is current, and still for the one before: nodes may wait for its films."""
    studio = render_worker.studio
    served = deque([first.name], maxlen=2)

    async def switch(standing: CurrentRelease) -> None:
        chosen = await opened(settings, releases, standing)
        served.append(chosen.name)
        new = chosen.catalog
        render_worker.avatars = reconciler.avatars = (new.avatar, *render_worker.avatars[:1])
        studio.standing_caps = day_caps(settings, new.budget)

    pause = partial(studio.notifications.wait, RELEASE_TOPIC, LOOK_EVERY_S)
    await asyncio.gather(
        ReleaseFollower(releases=releases, step=first.step, switch=switch, pause=pause).run(),
        keep_release_cache(settings, lambda: tuple(served), now=SystemClock().now, sleep=asyncio.sleep),
    )
