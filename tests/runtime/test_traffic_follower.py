"""A node follows its traffic: limits move, and log, audit log, metrics and doctor say so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from app.adapters.sql.labels import SqlLabels
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.traffic import TurnLabel
from app.matching.mix.trials import ENOUGH_QUESTIONS
from app.runtime.commands.doctor import examine
from app.runtime.serving.container import open_container
from app.runtime.serving.traffic_follower import MixMetrics
from app.runtime.settings.site import Settings
from app.runtime.wiring.traffic import FOLLOWED, record_followed
from tests.learning.test_traffic import a_turn
from tests.support.sites import small_site

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path) -> Settings:
    site = small_site(tmp_path)
    database_url = f"sqlite+aiosqlite:///{site.root / 'state' / 'greenroom.db'}"
    return Settings(catalog=site.catalog, cache=site.cache, database_url=database_url)  # type: ignore[arg-type]


def unsure(number: int, encoder: str):
    """A question that is hardly likely to be in the catalog, but likely enough to play sometimes."""
    turn = a_turn(number)
    head = 0.97 if number % 3 == 0 else 0.3
    candidates = [{**turn.receipt["candidates"][0], "head": head}, {**turn.receipt["candidates"][1], "head": 0.01}]
    return replace(turn, receipt={**turn.receipt, "encoder": encoder, "candidates": candidates})


async def test_a_node_follows_its_traffic_and_says_so(settings):
    async with open_container(settings) as container:
        await container.loader.load(container.loaded)
        fitted = container.decider.matcher.fitted
        encoder = container.decider.matcher.prepared.encoder
        quiet = await container.traffic.follow(container.loaded, NOON)
        assert (quiet.rests_on, container.decider.matcher.fitted) == ("phrases", fitted)

        log = SqlTurnLog(container.site.database)
        for number in range(2 * ENOUGH_QUESTIONS):
            await log.record(unsure(number, encoder))
        labels = SqlLabels(container.site.database)
        for number in range(40):
            await labels.add(TurnLabel(f"t_{number}", "dogs", number % 2 == 0, 0.97, 0.01, encoder, NOON, "ada"))
        report = await container.traffic.follow(container.loaded, NOON + timedelta(minutes=10))

        moved = container.decider.matcher.fitted
        assert (report.rests_on, report.labels, report.questions) == ("labels", 40, 100)
        assert moved.thresholds.answer == report.threshold != fitted.thresholds.answer
        assert "then moved" in moved.thresholds.source
        (row,) = await container.audit.list(actions=(FOLLOWED,))
        assert (row.act.subject, row.act.details["rests_on"]) == (container.loaded.name, "labels")
        assert container.metrics.get_sample_value("greenroom_labels") == 40
        assert container.metrics.get_sample_value("greenroom_answer_threshold") == report.threshold

        await container.traffic.follow(container.loaded, NOON + timedelta(minutes=20))
        assert len(await container.audit.list(actions=(FOLLOWED,))) == 1

        await record_followed(container.audit, "2", report.model_copy(update={"alarm": "judge some"}), now=NOON)

    (symptom,) = await examine(settings, only=["traffic"])
    assert (symptom.ok, symptom.found) == (False, "Judge some.")
    assert "greenroom label" in symptom.remedy


def test_metrics_show_zeros_before_anything_is_known():
    registry = CollectorRegistry()

    MixMetrics(registry)

    assert registry.get_sample_value("greenroom_traffic_alarm") == 0
