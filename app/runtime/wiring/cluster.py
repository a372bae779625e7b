"""Notifications, rate limits and render jobs of one site: through Redis, or inside this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.adapters.redis.limits import RedisLimits
from app.adapters.redis.pubsub import RedisBus
from app.adapters.redis.task_queue import TaskiqRenderQueue, jobs_stream
from app.conversation.rate_limits import Limits, MemoryLimits
from app.errors import SettingsError
from app.rendering.work.notifications import NodeBus
from app.rendering.work.remote import RemoteStudio
from app.rendering.work.studio import Studio
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock


def open_bus(settings: Settings) -> NodeBus | None:
    """Open the bus to the other nodes; None without a Redis."""
    url = settings.redis_url.get_secret_value()
    return RedisBus(url, site=settings.site) if url else None


@asynccontextmanager
async def open_limits(settings: Settings) -> AsyncIterator[Limits]:
    """Open the rate limits; all nodes count together if they share a Redis."""
    clock = SystemClock()
    alone = MemoryLimits(clock.monotonic)
    url = settings.redis_url.get_secret_value()
    if not url:
        yield alone
        return
    limits = RedisLimits(url, site=settings.site, alone=alone, monotonic=clock.monotonic)
    try:
        yield limits
    finally:
        await limits.aclose()


@asynccontextmanager
async def open_clip_maker(settings: Settings, studio: Studio) -> AsyncIterator[Studio | RemoteStudio]:
    """Open the clip maker for new answers: this process, or the workers.

    Raises:
        SettingsError: workers are set, and there is no Redis to reach them.
    """
    if settings.film_on == "node":
        yield studio
        return
    queue = TaskiqRenderQueue(jobs_stream(redis_address(settings), site=settings.site))
    try:
        yield RemoteStudio(studio, queue)
    finally:
        await queue.aclose()


def redis_address(settings: Settings) -> str:
    """Return the address of the Redis that has the workers' jobs.

    Raises:
        SettingsError: no Redis is set.
    """
    url = settings.redis_url.get_secret_value()
    if not url:
        raise SettingsError("Workers need a Redis: set GREENROOM_REDIS_URL, the same on every node and worker.")
    return url
