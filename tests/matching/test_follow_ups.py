"""Questions that only the turn before explains: `follow_ups_dev.yaml`, written before the mechanism."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.catalog.model import Catalog
from app.matching.matcher import Matcher
from app.matching.receipt_text import explain
from app.matching.turns.previous import Previous
from tests.support.matching import a_catalog, a_matcher, an_intent, real_encoder
from tests.support.museum import english_museum

DATA = Path(__file__).parent / "data"
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load((DATA / "follow_ups_dev.yaml").read_text(encoding="utf-8"))


def pool() -> Catalog:
    """The swimming pool's catalog."""
    listed = yaml.safe_load((DATA / "pool_catalog.yaml").read_text(encoding="utf-8"))
    return a_catalog({}, intents=[an_intent(name, one["phrases"], **_told(one)) for name, one in listed.items()])


def _told(one: dict[str, Any]) -> dict[str, Any]:
    answers = one["answer"] if isinstance(one["answer"], list) else [one["answer"]]
    return {"title": one["title"], "answer": {"en": tuple(answers)}}


@cache
def matcher_of(name: str) -> Matcher:
    catalog = pool() if name == "pool" else english_museum()
    return a_matcher(catalog, real_encoder())


@pytest.mark.long
async def test_most_follow_ups_are_helped_and_hardly_one_gets_a_wrong_clip():
    helped, answerable, wrong, repeated = [], [], [], []
    for name, cases in CASES.items():
        for case in cases:
            before = Previous(case["first"], case["answered"])
            decision = await matcher_of(name).decide(case["then"], locale=case.get("locale", "en"), previous=before)
            expected = case["expect"] if isinstance(case["expect"], list) else [case["expect"]]
            if "none" not in expected:
                answerable.append(case)
            if {decision.intent, *decision.choices[:3]} & set(expected):
                helped.append(case)
            elif decision.intent:
                wrong.append((case, decision.intent))
            if decision.intent == case["answered"] and _variants(name, decision.intent) == 1:
                repeated.append(case)

    assert sum(map(len, CASES.values())) == 75
    assert len(helped) >= 0.9 * len(answerable), [case for case in answerable if case not in helped]
    assert len(wrong) <= 1, wrong
    assert repeated == []


def _variants(name: str, intent: str) -> int:
    answers = matcher_of(name)._intents[intent].answers("en", "en")
    return len(answers)


async def test_a_follow_up_says_what_it_was_read_with():
    decision = await matcher_of("sample").decide("And a pram?", previous=Previous("Can I bring my dog?", "dogs"))

    assert (decision.outcome, decision.intent) == ("answer", "pushchairs")
    assert (decision.receipt.stage, decision.receipt.subject) == ("follow-up", "dogs")
    assert any("read with `dogs`" in line for line in explain(decision))


async def test_the_same_clip_is_offered_instead_of_played_again_unless_the_question_repeats():
    matcher = matcher_of("sample")
    played = Previous("Where can I park?", "parking")

    once = await matcher.decide("How much is it?", previous=played)
    again = await matcher.decide("How much is it?", previous=Previous(played.question, played.intent, repeated=True))

    assert (once.outcome, once.choices[0]) == ("clarify", "parking")
    assert any(one.guard == "same clip" and not one.passed for one in once.receipt.guards)
    assert (again.outcome, again.intent) == ("answer", "parking")


async def test_the_question_before_is_enough_where_nobody_names_its_intent():
    decision = await matcher_of("sample").decide("And by tram?", previous="Where can I park?")

    assert (decision.outcome, decision.intent) == ("answer", "getting-here")


@pytest.mark.parametrize("question", ["Where are the toilets?", "Do you have a cloakroom?", "Is there a gift shop?"])
async def test_a_question_of_its_own_is_not_read_with_the_turn_before(question):
    matcher = matcher_of("sample")

    alone = await matcher.decide(question)
    after = await matcher.decide(question, previous=Previous("When are you open?", "opening-hours"))

    assert (alone.outcome, after.intent) == ("answer", alone.intent)
