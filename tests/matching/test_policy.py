from hypothesis import given
from hypothesis import strategies as st

from app.matching.calibration import Calibration
from app.matching.decision import Thresholds
from app.matching.policy import RankedIntent, ranked, rule

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


def test_weak_scores_are_a_miss():
    assert decide(0.2, 0.1).outcome == "miss"


def test_a_closed_intent_is_never_answered_and_still_holds_others_back():
    ruling = decide(0.9, 0.5, closed=frozenset({0}))

    assert ruling.outcome == "miss"


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
