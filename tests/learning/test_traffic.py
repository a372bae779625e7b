"""The traffic as it is read from logged turns: scores, likely plays, what visitors say without words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.learning.traffic import MOST_OF_A_VISITOR, UNANSWERED_FOR, likely_plays, scored, visitors_labels
from app.learning.turn_log import TurnRecord

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def a_turn(number: int = 0, *, probability: float = 0.7, guard: bool | None = None, **more: object) -> TurnRecord:
    receipt = {
        "stage": "embedding",
        "probability": probability,
        "encoder": "small",
        "guards": [] if guard is None else [{"guard": "negation", "passed": guard, "reason": ""}],
        "candidates": [
            {"intent": "dogs", "score": 0.8, "phrase": "May I bring my dog?", "head": 0.6},
            {"intent": "picnic", "score": 0.5, "phrase": "Can I eat here?", "head": 0.1},
        ],
    }
    content: dict[str, object] = {
        "id": f"t_{number}",
        "session": "s_1",
        "asked_at": NOON + timedelta(seconds=number),
        "question": "can my dog come",
        "locale": "en",
        "outcome": "missed",
        "intent": None,
        "clip": None,
        "receipt": receipt,
        "latency_ms": 3.0,
    }
    return TurnRecord(**{**content, **more})  # type: ignore[arg-type]


def a_choice(number: int, intent: str) -> TurnRecord:
    return a_turn(number, outcome="answered", intent=intent, receipt={"stage": "choice", "intent": intent})


def test_a_turn_by_meaning_has_the_scores_of_its_first_two():
    (one,) = scored([a_turn()])

    assert (one.intent, one.first, one.second, one.probability, one.encoder) == ("dogs", 0.6, 0.1, 0.7, "small")


@pytest.mark.parametrize(
    "receipt",
    [
        {},
        {"stage": "choice", "intent": "dogs"},
        {"stage": "exact", "candidates": [{"intent": "dogs", "score": 1.0, "phrase": "Dogs", "head": None}]},
        {"stage": "embedding", "candidates": []},
        {"stage": "embedding", "candidates": [{"intent": "dogs", "score": 0.8, "phrase": "Dogs"}]},
    ],
    ids=["a failure", "a chip", "a phrase", "no candidate", "a receipt from before"],
)
def test_other_turns_have_none(receipt):
    assert scored([a_turn(receipt=receipt)]) == ()


def test_likely_plays_are_likely_not_stopped_and_not_judged_yet():
    turns = scored(
        [
            a_turn(1),
            a_turn(2, probability=0.49),
            a_turn(3, guard=False),
            a_turn(4, outcome="answered", intent="dogs", guard=False),
            a_turn(5),
        ]
    )

    assert {one.id for one in likely_plays(turns, ["t_5"])} == {"t_1", "t_4"}


def test_likely_plays_come_in_an_order_of_their_own_that_stays():
    turns = scored([a_turn(number) for number in range(40)])

    drawn = [one.id for one in likely_plays(turns, [])]

    assert drawn != [one.id for one in turns]
    assert drawn == [one.id for one in likely_plays(tuple(reversed(turns)), [])]
    assert drawn[1:] == [one.id for one in likely_plays(turns, drawn[:1])]


@pytest.mark.parametrize(("score", "right"), [("up", True), ("down", False)])
def test_a_thumb_is_a_label(score, right):
    (label,) = visitors_labels([a_turn(outcome="answered", intent="dogs", score=score)], now=LATER)

    assert (label.right, label.source, label.first) == (right, "rating", 0.6)


@pytest.mark.parametrize(("chosen", "right"), [("dogs", True), ("picnic", False)])
def test_a_chosen_chip_says_whether_the_first_candidate_was_right(chosen, right):
    turns = [a_choice(2, chosen), a_turn(1, outcome="clarify")]

    (label,) = visitors_labels(turns, now=NOON)

    assert (label.right, label.source) == (right, "chips")


def test_ignored_chips_are_a_no_but_not_at_once():
    asked = a_turn(1, outcome="clarify")
    elsewhere = replace(a_choice(2, "dogs"), session="s_2")

    assert visitors_labels([asked, elsewhere], now=NOON + UNANSWERED_FOR) == ()
    (label,) = visitors_labels([asked, elsewhere], now=LATER)
    assert (label.right, label.source) == (False, "chips")


def test_a_miss_says_nothing():
    assert visitors_labels([a_turn(1), a_turn(2, outcome="answered", intent="dogs")], now=LATER) == ()


def test_no_visitor_outvotes_the_others():
    thumbs = [a_turn(number, outcome="answered", intent="dogs", score="down") for number in range(9)]
    other = a_turn(20, outcome="answered", intent="dogs", score="up", session="s_2")

    labels = visitors_labels([*thumbs, other], now=LATER)

    assert [label.right for label in labels] == [False] * MOST_OF_A_VISITOR + [True]
