"""A slice of the model (`make model` plays all of it), and the proof that it would notice."""

import random

import pytest

from app.rendering.work.lost_submit import SubmitFate, SubmitInquiry
from tests.money.model import calls_of_a_quiet_run, explore, scenarios
from tests.money.world import Scenario

SLICE = 2500


@pytest.fixture(scope="module")
def every() -> list[Scenario]:
    """All scenarios."""
    return list(scenarios(calls_of_a_quiet_run()))


def test_there_are_more_than_a_hundred_thousand_scenarios(every):
    assert len(every) >= 100_000
    assert len(set(every)) == len(every)


def test_nothing_is_paid_twice_lost_or_hung(every):
    ended, bad = explore(random.Random(20261122).sample(every, SLICE))

    assert bad == []
    assert ended.total() == SLICE
    assert {kind.split(":")[0] for kind in ended} == {"key", "find", "webhook", "nothing"}


def test_a_worker_that_guesses_is_found_out(every, monkeypatch):
    async def guess(*_: object) -> SubmitFate:
        return SubmitFate("absent")

    monkeypatch.setattr(SubmitInquiry, "ask", guess)

    _, bad = explore([scenario for scenario in every if scenario.kind == "nothing" and scenario.freeze is None])

    assert any("paid twice" in outcome.faults for outcome in bad)
