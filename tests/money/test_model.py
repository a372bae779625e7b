"""A slice of the model (`make model` plays all of it), and the proof that it would notice."""

import random

import pytest

from app.rendering.ports import JobStatus
from app.rendering.work.lost_submit import SubmitFate, SubmitInquiry
from tests.money.model import calls_of_a_quiet_run, explore, scenarios
from tests.money.world import _STANDINGS, Scenario

SLICE = 1500
FEW = 200


@pytest.fixture(scope="module")
def every() -> list[Scenario]:
    """All scenarios."""
    return list(scenarios(calls_of_a_quiet_run()))


def test_there_are_more_than_a_hundred_thousand_scenarios(every):
    assert len(every) >= 100_000
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("some", [FEW, pytest.param(SLICE, marks=pytest.mark.long)])
def test_nothing_is_paid_twice_lost_or_hung(every, some):
    ended, bad = explore(random.Random(20261122).sample(every, some))

    assert bad == []
    assert ended.total() == some
    assert {kind.split(":")[0] for kind in ended} == {"key", "find", "webhook", "nothing"}


def test_however_a_job_ends_no_more_is_billed_than_was_allowed(every):
    bad_ends = [scenario for scenario in every if scenario.ending != "fine" or scenario.word]

    ended, bad = explore(random.Random(20261129).sample(bad_ends, SLICE // 5))

    assert bad == []
    assert {kind.split(": ")[1] for kind in ended} == {"ready", "failed", "parked"}


def test_a_provider_that_is_believed_to_bill_nothing_is_found_out(every, monkeypatch):
    monkeypatch.setitem(_STANDINGS, "failed, billed", JobStatus("failed"))

    charged = [scenario for scenario in every if scenario.ending == "failed, billed" and scenario.kill is None]

    _, bad = explore(charged, enough=20)

    assert any("paid twice" in outcome.faults for outcome in bad)


def test_a_worker_that_guesses_is_found_out(every, monkeypatch):
    async def guess(*_: object) -> SubmitFate:
        return SubmitFate("absent")

    monkeypatch.setattr(SubmitInquiry, "ask", guess)

    unfrozen = [scenario for scenario in every if scenario.kind == "nothing" and scenario.freeze is None]

    _, bad = explore(unfrozen, enough=20)

    assert any("paid twice" in outcome.faults for outcome in bad)
