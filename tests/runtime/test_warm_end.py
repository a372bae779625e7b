"""The end of a warm-up is written down for the nodes, and `/metrics` tells it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from app.errors import StateUnavailableError
from app.rendering.fakes import FakeRenderer, RendererBehaviour
from app.rendering.work.warm_history import MemoryWarmHistory
from app.runtime.commands.warm import warm_catalog
from app.runtime.serving.metrics import WarmMetrics
from tests.rendering.plan.test_planner import a_plan
from tests.support.render_world import RenderWorld, a_catalog, an_intent

INTENTS = [an_intent(f"i{n}", f"Exactly five words, number {n}.") for n in range(3)]


class AwayHistory(MemoryWarmHistory):
    """A database that is away."""

    async def add(self, end):
        raise StateUnavailableError(f"Cannot reach the database for {end.run}.")


@dataclass
class SiteOfFakes:
    """What a run needs of a site."""

    world: RenderWorld
    warm_history: MemoryWarmHistory = field(default_factory=MemoryWarmHistory)

    def __post_init__(self) -> None:
        self.studio = self.world.studio()
        self.catalog = a_catalog(self.world.avatar, *INTENTS)

    async def warm(self, **options: Any):
        return await warm_catalog(self, await a_plan(self.world, *INTENTS), **options)  # type: ignore[arg-type]


async def told(site: SiteOfFakes, *, later: timedelta = timedelta(0)) -> dict[str, float | None]:
    registry = CollectorRegistry()
    await WarmMetrics(registry, site.warm_history).read(site.studio.clock() + later)
    names = ("clips_wanted", "clips_missing", "clip_missing_oldest_seconds", "warm_last_end_timestamp_seconds")
    outcomes = {
        outcome: registry.get_sample_value("greenroom_warm_last_outcome", {"outcome": outcome})
        for outcome in ("complete", "failed")
    }
    return {name: registry.get_sample_value(f"greenroom_{name}") for name in names} | outcomes


async def test_before_the_first_run_every_figure_is_nothing(tmp_path):
    assert set((await told(SiteOfFakes(RenderWorld(tmp_path)))).values()) == {0}


async def test_a_complete_run_leaves_nothing_missing(tmp_path):
    site = SiteOfFakes(RenderWorld(tmp_path))

    await site.warm()

    figures = await told(site)
    assert (figures["clips_wanted"], figures["clips_missing"], figures["complete"], figures["failed"]) == (3, 0, 1, 0)
    assert figures["warm_last_end_timestamp_seconds"] == pytest.approx(site.studio.clock().timestamp(), abs=300)


async def test_what_failed_is_missing_and_grows_older(tmp_path):
    site = SiteOfFakes(RenderWorld(tmp_path, renderer=FakeRenderer(script=RendererBehaviour(fail_times=1))))

    await site.warm()

    figures = await told(site, later=timedelta(days=2))
    assert (figures["clips_wanted"], figures["clips_missing"], figures["complete"], figures["failed"]) == (3, 1, 0, 1)
    assert figures["clip_missing_oldest_seconds"] == pytest.approx(2 * 86_400, abs=300)


async def test_a_run_over_a_part_says_nothing_about_the_whole(tmp_path):
    site = SiteOfFakes(RenderWorld(tmp_path))

    await site.warm(whole=False)

    assert await site.warm_history.state() is None


async def test_a_database_that_is_away_does_not_spoil_the_run(tmp_path):
    site = SiteOfFakes(RenderWorld(tmp_path), AwayHistory())

    assert (await site.warm()).complete
