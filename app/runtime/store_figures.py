"""Figures of the clip store, the same on every node that shares it."""

from collections.abc import Awaitable, Callable
from typing import NoReturn

import structlog
from prometheus_client import CollectorRegistry, Gauge

from app.errors import GreenroomError
from app.store.ports import BlobStore, RecipeIndex

log = structlog.get_logger()

EVERY_S = 600.0
"""How often at most it is walked: that is a look at every file, or a request for each thousand objects."""

SHARE = 0.01
"""The share of time that walking may take: a store that takes a minute is walked every hour and a half."""


class StoreFigures:
    """Bytes, and what a check found wrong and nobody has looked at yet."""

    def __init__(self, registry: CollectorRegistry, blobs: BlobStore, recipes: RecipeIndex) -> None:
        """Register the figures; a registry takes them once."""
        self._blobs, self._recipes = blobs, recipes
        self._bytes = Gauge("greenroom_store_bytes", "Size of all blobs.", registry=registry)
        self._mismatches = Gauge(
            "greenroom_scrub_mismatches", "Blobs and entries in quarantine: their bytes were wrong.", registry=registry
        )

    async def keep(
        self, *, monotonic: Callable[[], float], sleep: Callable[[float], Awaitable[None]], every_s: float = EVERY_S
    ) -> NoReturn:
        """Read again and again until cancelled; a store that is gone leaves the figures as they were."""
        while True:
            began = monotonic()
            try:
                await self.read()
            except (GreenroomError, OSError) as error:
                log.warning("figures.store_unreachable", error=str(error)[:200])
            await sleep(max(every_s, (monotonic() - began) / SHARE))

    async def read(self) -> None:
        """Read once: what is in quarantine first, which is quick."""
        aside = (*await self._blobs.quarantined(), *await self._recipes.quarantined())
        self._mismatches.set(len(aside))
        size_bytes = 0
        async for facts in self._blobs.scan():
            size_bytes += facts.size_bytes
        self._bytes.set(size_bytes)
