"""The second look in a decision: what is asked about, what a verdict changes, and how the zone is fitted."""

import asyncio
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from app.errors import BudgetExceededError, ProviderUnavailableError
from app.matching.fit.expected_rates import expect
from app.matching.matcher import Matcher
from app.matching.ports import LookRequest
from app.matching.receipt_text import explain
from app.matching.second_look import DEADLINE_S, LEAST, RIGHT_YES, WRONG_YES, grey_zone
from app.matching.turns.previous import Previous
from tests.support.matching import DAY, a_catalog, fitted_catalog, real_encoder

UNSURE = "how long do folks get to look around in the evening"
"""A question in the grey zone."""


@dataclass
class Scripted:
    """Says one thing, after a while, or fails."""

    says: str | Exception = "yes"
    after_s: float = 0.0
    model: str = "scripted"
    asked: list[LookRequest] = field(default_factory=list)
    dropped: int = 0

    async def verdict(self, request: LookRequest):
        self.asked.append(request)
        try:
            await asyncio.sleep(self.after_s)
        except asyncio.CancelledError:
            self.dropped += 1
            raise
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def matcher_with(model: Scripted | None, *, low: float | None = 0.05, answer: float = 0.99) -> Matcher:
    """A matcher that plays nothing by meaning unless a second look says so."""
    ready = fitted_catalog(a_catalog(second_look="scripted"), real_encoder())
    limits = ready.fitted.thresholds.model_copy(update={"answer": answer, "second_look": low})
    ready = replace(ready, fitted=ready.fitted.model_copy(update={"thresholds": limits}))
    return Matcher.of(ready, real_encoder(), release="1", now=lambda: 0.0, today=lambda: DAY, second_look=model)


async def test_a_yes_turns_a_miss_into_an_answer_and_the_receipt_says_so():
    model = Scripted("yes")

    decision = await matcher_with(model).decide(UNSURE)

    (request,) = model.asked
    assert (decision.outcome, decision.intent) == ("answer", request.intent)
    assert (request.title, request.answer, len(request.phrases)) == (request.intent, "Yes.", 8)
    assert decision.receipt.second_look.said == "yes"
    assert any("A second look by scripted" in line and "said yes" in line for line in explain(decision))


@pytest.mark.parametrize(
    ("says", "noted"),
    [
        ("no", "no"),
        ("unsure", "unsure"),
        (BudgetExceededError("empty"), "over budget"),
        (ProviderUnavailableError("away"), "failed"),
        (ValueError("a defect"), "failed"),
    ],
)
async def test_all_but_a_yes_mean_no(says, noted):
    plain = await matcher_with(None).decide(UNSURE)

    decision = await matcher_with(Scripted(says)).decide(UNSURE)

    assert (decision.outcome, decision.choices) == (plain.outcome, plain.choices)
    assert decision.receipt.second_look.said == noted
    assert any("which means no" in line or "said no" in line for line in explain(decision))


async def test_a_verdict_that_is_late_is_not_waited_for():
    model = Scripted("yes", after_s=3600)
    matcher = matcher_with(model)
    matcher = replace(matcher, second_look=replace(matcher.second_look, deadline_s=0.01))

    decision = await matcher.decide(UNSURE)
    await asyncio.sleep(0)

    assert decision.outcome != "answer"
    assert decision.receipt.second_look.said == "late"
    assert model.dropped == 1
    assert DEADLINE_S == 0.7


async def test_a_guards_no_is_never_asked_about():
    model = Scripted("yes")

    decision = await matcher_with(model).decide("how do I turn off the audio guide")

    assert decision.outcome != "answer"
    assert model.asked == []


@pytest.mark.parametrize(
    ("low", "answer"), [(None, 0.99), (0.98, 0.99), (0.0, 0.01)], ids=["off", "below the zone", "above it"]
)
async def test_outside_the_zone_nobody_is_asked(low, answer):
    model = Scripted("no")

    await matcher_with(model, low=low, answer=answer).decide(UNSURE)

    assert model.asked == []


async def test_a_phrase_or_a_question_off_topic_asks_nobody():
    model = Scripted("yes")
    matcher = matcher_with(model, low=0.3)

    await matcher.decide("Where can I park?")
    await matcher.decide("who won the cup final")

    assert model.asked == []


async def test_a_session_that_had_all_its_looks_asks_nobody():
    model = Scripted("yes")

    decision = await matcher_with(model).decide(UNSURE, previous=Previous(may_look=False))

    assert (decision.outcome == "answer", model.asked) == (False, [])


def test_many_questions_are_decided_without_it():
    model = Scripted("yes")

    (decision,) = matcher_with(model).decide_many([UNSURE])

    assert (decision.outcome == "answer", model.asked) == (False, [])


def test_the_zone_is_fitted_only_where_the_catalog_asks_for_it():
    plain = fitted_catalog(a_catalog(), real_encoder()).fitted
    looked = fitted_catalog(a_catalog(second_look="scripted"), real_encoder())
    limits = looked.fitted.thresholds

    zone = expect(looked.prepared, looked.fitted).second_look

    assert plain.thresholds.second_look is None
    assert LEAST <= limits.second_look < limits.answer
    assert looked.fitted.hit_rate.value > plain.hit_rate.value
    assert looked.fitted.false_hit_rate.value <= 0.02
    assert (zone.low, zone.high) == (limits.second_look, limits.answer)
    assert zone.asked.value == pytest.approx(zone.right + zone.wrong)


def test_the_zone_keeps_the_promise_by_what_is_assumed_of_the_model():
    random = np.random.default_rng(3)
    chance = random.uniform(size=2000)
    right = (random.uniform(size=2000) < chance).astype(float) / 2000
    wrong = (1 - right * 2000) / 2000

    zone = grey_zone(chance, right, wrong, promise=0.02, floor=0.75)

    plays, asked = chance >= zone.answer, (chance >= zone.low) & (chance < zone.answer)
    assert 0.015 < wrong[plays].sum() + WRONG_YES * wrong[asked].sum() <= 0.02
    alone = max(right[chance >= limit].sum() for limit in chance if wrong[chance >= limit].sum() <= 0.02)
    assert right[plays].sum() + RIGHT_YES * right[asked].sum() > alone


def test_a_threshold_of_the_authors_stays():
    chance, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([0.25, 0.25, 0.25, 0.0])

    zone = grey_zone(chance, right, np.array([0.0, 0.0, 0.0, 0.25]), promise=0.02, floor=0.75, answer=0.85)

    assert (zone.answer, zone.low) == (0.85, 0.7)
