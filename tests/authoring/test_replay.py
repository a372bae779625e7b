"""Replay: which questions are newly right, wrong, silent or asked back, and what is known about each."""

from datetime import UTC, datetime

import pytest

from app.authoring.releases.drafts import person
from app.authoring.releases.replay import ReplayedAnswer, ReplayQuestion, from_tests, from_turns, verdict_on
from app.catalog.model import Question
from app.learning.turn_log import TurnRecord

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def got(text):
    """`hours` is a clip, `hours?dogs` are chips, an empty text is nothing."""
    if "?" in text:
        return ReplayedAnswer("clarify", None, tuple(text.split("?")), 0.5)
    return ReplayedAnswer("answer", text, (), 0.9) if text else ReplayedAnswer("miss", None, (), 0.1)


TEST = ReplayQuestion("Open?", "en", "tests", expect="hours")
NONE = ReplayQuestion("Who?", "en", "tests", expect="none")
NOT = ReplayQuestion("Who?", "en", "tests", wrong=frozenset({"dogs"}))
VISITOR = ReplayQuestion("Open?", "en", "visitors", right=frozenset({"hours"}), wrong=frozenset({"dogs"}))
UNKNOWN = ReplayQuestion("Open?", "en", "visitors")


@pytest.mark.parametrize(
    ("question", "before", "after", "verdict"),
    [
        (TEST, "", "hours", "right"),
        (TEST, "hours", "dogs", "wrong"),
        (TEST, "cats", "dogs", "otherwise"),
        (TEST, "hours", "", "silent"),
        (TEST, "hours", "hours?dogs", "chips"),
        (TEST, "hours", "hours", None),
        (TEST, "a?b", "a?c", None),
        (NONE, "", "dogs", "wrong"),
        (NONE, "dogs", "", "right"),
        (NONE, "", "a?b", "chips"),
        (NOT, "", "dogs", "wrong"),
        (NOT, "dogs", "cats", "right"),
        (VISITOR, "", "hours", "right"),
        (VISITOR, "hours", "dogs", "wrong"),
        (VISITOR, "hours", "cats", "otherwise"),
        (UNKNOWN, "", "hours", "answered"),
        (UNKNOWN, "a?b", "hours", "answered"),
        (UNKNOWN, "dogs", "hours", "otherwise"),
        (UNKNOWN, "dogs", "", "silent"),
        (UNKNOWN, "", "a?b", "chips"),
        (UNKNOWN, "", "", None),
    ],
)
def test_a_verdict_says_what_is_new(question, before, after, verdict):
    assert verdict_on(question, got(before), got(after)) == verdict


def turn(text, intent=None, *, score=None, chosen_for=None, **receipt: str):
    outcome = "answered" if intent else "missed"
    told = {"score": score, "chosen_for": chosen_for}
    return TurnRecord(text, "s", NOON, text, "en", outcome, intent, None, receipt, 1.0, **told)


def test_equal_questions_are_one_and_ratings_and_chips_say_what_is_right():
    found = from_turns(
        [
            turn("Are you open?", "hours", score="up"),
            turn("are you  OPEN", "dogs", score="down"),
            turn("Opening hours", "hours", chosen_for="Are you open", stage="choice"),
            turn("And on Sundays?", "hours", stage="follow-up"),
            turn("thanks", stage="reply"),
            turn("Cats?"),
        ]
    )

    assert [(one.ask, one.times, one.right, one.wrong) for one in found] == [
        ("Are you open?", 2, {"hours"}, {"dogs"}),
        ("Cats?", 1, set(), set()),
    ]


def test_tests_keep_what_they_expect():
    (one,) = from_tests([Question.model_validate({"ask": "Who?", "expect": "none", "not": ["dogs"], "locale": "de"})])

    assert (one.ask, one.locale, one.source, one.expect, one.wrong) == ("Who?", "de", "tests", "none", {"dogs"})


@pytest.mark.parametrize(
    ("actor", "who"),
    [
        ("key anna (publisher)", "key anna"),
        ("key anna (author)", "key anna"),
        ("api key (operator)", "api key"),
        ("ada@desk", "ada@desk"),
        ("Bob (ada@desk)", "ada@desk"),
        ("Bob (the builder) (ada@desk)", "ada@desk"),
    ],
)
def test_a_name_that_somebody_gave_does_not_make_another_person(actor, who):
    assert person(actor) == who
