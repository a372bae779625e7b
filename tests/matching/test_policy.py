import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.calibration import Calibration
from app.matching.decision import Thresholds
from app.matching.policy import RankedIntent, doubt, ranked, rule

GATE = Calibration(bias=-2.5, score=1.5, margin=0.5)
LIMITS = Thresholds(answer=0.8, margin=0.1, clarify=0.5, source="test")


def decide(*heads: float, closed: frozenset[int] = frozenset()):
    standings = [RankedIntent(f"i{at}", head, head, closed=at in closed) for at, head in enumerate(heads)]
    return rule(ranked(standings), calibration=GATE, thresholds=LIMITS)


def test_a_clear_first_is_answered():
    ruling = decide(0.9, 0.1)

    assert (ruling.outcome, ruling.intent) == ("answer", "i0")


def test_two_close_ones_are_asked_about():
    ruling = decide(0.5, 0.48, 0.02)

    assert (ruling.outcome, ruling.choices) == ("clarify", ("i0", "i1"))


def test_three_that_are_likely_only_together_are_asked_about():
    ruling = decide(0.2, 0.18, 0.17, 0.16)

    assert (ruling.outcome, ruling.choices) == ("clarify", ("i0", "i1", "i2"))
    assert ruling.likely == pytest.approx(0.55)


def test_one_that_is_likely_by_itself_is_asked_about_alone():
    ruling = decide(0.72, 0.01, 0.01)

    assert ruling.probability < LIMITS.answer
    assert (ruling.outcome, ruling.choices) == ("clarify", ("i0",))


def test_a_clear_lead_of_a_low_score_counts_as_its_probability():
    ruling = decide(0.42, 0.001)

    assert ruling.likely == ruling.probability > 0.45
    assert ruling.outcome == "clarify"


def test_what_a_guard_stopped_is_offered_by_its_score_alone():
    low, high = ([RankedIntent("i0", head, head), RankedIntent("i1", 0.001, 0.1)] for head in (0.42, 0.6))

    rulings = [doubt(each, calibration=GATE, thresholds=LIMITS, stopped=True) for each in (low, high)]

    assert [one.outcome for one in rulings] == ["miss", "clarify"]


def test_a_limit_of_one_offers_nothing():
    standings = [RankedIntent("i0", 1.0, 1.0), RankedIntent("i1", 0.0, 0.0)]
    never = LIMITS.model_copy(update={"clarify": 1.0})

    assert doubt(standings, calibration=GATE, thresholds=never).outcome == "miss"


def test_weak_scores_are_a_miss():
    assert decide(0.2, 0.1).outcome == "miss"


def test_a_closed_intent_is_never_answered_nor_offered_and_still_holds_others_back():
    assert decide(0.9, 0.1, closed=frozenset({0})).outcome == "miss"
    assert decide(0.35, 0.33, 0.3, closed=frozenset({0})).choices == ("i1", "i2")


def test_nothing_to_choose_from_is_a_miss():
    assert decide().outcome == "miss"


@given(st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=6), st.randoms())
def test_order_never_matters(heads, random):
    standings = [RankedIntent(f"i{at}", head, head) for at, head in enumerate(heads)]
    shuffled = random.sample(standings, len(standings))

    assert ranked(standings) == ranked(shuffled)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.5))
def test_a_better_first_never_lowers_the_probability(first, second, more):
    assert (
        decide(max(first, second) + more, min(first, second)).probability >= decide(first, second).probability - 1e-12
    )
