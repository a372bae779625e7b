"""Need: heard before anything else, in any sentence, with slips; and never in an ordinary question."""

import json
from pathlib import Path

import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.catalog.model import Role
from app.matching.urgent.alarm import Alarm
from app.matching.urgent.hearing import clauses, hear
from tests.support.matching import PHRASES, a_catalog, a_matcher, an_intent

ROWS = [
    json.loads(line)
    for name in ("urgent_dev.jsonl", "urgent_dev_2.jsonl")
    for line in (Path(__file__).parent / "data" / name).read_text(encoding="utf-8").splitlines()
]

FIRE = an_intent("fire", ["There is a fire", "I can smell smoke"], role=Role.URGENT)
HURT = an_intent(
    "hurt",
    ["Somebody is bleeding", "He is unconscious", "Code blue in the workshop"],
    role=Role.URGENT,
    not_phrases={"en": ("There is a fire in the fireplace",)},
)


def with_urgent(phrases=PHRASES):
    catalog = a_catalog(phrases, intents=[FIRE, HURT])
    return catalog.model_copy(update={"roles": {Role.URGENT: (FIRE.id, HURT.id)}})


def heard(text):
    return hear(clauses(text))


def test_need_is_recognised():
    urgent = [row["text"] for row in ROWS if row["urgent"]]

    deaf = [text for text in urgent if heard(text) is None]

    assert len(urgent) >= 120
    assert len(deaf) <= len(urgent) // 50, deaf


def test_the_kind_of_need_is_recognised():
    urgent = [row for row in ROWS if row["urgent"]]

    wrong = [row["text"] for row in urgent if (need := heard(row["text"])) and need.kind != row["urgent"]]

    assert len(wrong) <= len(urgent) // 50, wrong


def test_ordinary_questions_are_not_taken_for_need():
    ordinary = [row["text"] for row in ROWS if not row["urgent"]]

    assert len(ordinary) >= 500
    assert [text for text in ordinary if heard(text)] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Is there a doctor? My child is bleeding", "medical"),
        ("is there a doctor my child is bleeding", "medical"),
        ("my chlid is bleding", "medical"),
        ("MY HUSBAND HAS COLLAPSED", "medical"),
        ("Ich glaube, mein Vater hat einen Herzinfarkt", "medical"),
        ("meine frau ist ohnmachtig", "medical"),
        ("Help!", "call"),
        ("Hilfe!", "call"),
        ("hilfe er atmed nicht", "medical"),
        ("There's a little girl crying alone here", "lost child"),
        ("my son is lost and crying", "lost child"),
    ],
)
def test_need_in_other_words(text, kind):
    assert heard(text).kind == kind


@pytest.mark.parametrize(
    "text", ["Help", "What if my child is bleeding?", "Is the bleeding heart flower in bloom?", ""]
)
def test_what_only_looks_like_need(text):
    assert heard(text) is None


def test_a_word_of_the_catalog_is_no_slip():
    alarm = Alarm.of(with_urgent({"blending": ["My child is bleding"]}))

    assert heard("My child is bleding") is not None
    assert asked(alarm, "My child is bleding") is None


def test_need_is_answered_before_a_phrase():
    matcher = a_matcher(with_urgent({**PHRASES, "drill": ["There is a fire, is it a drill?"]}), HashingEncoder())

    (decision,) = matcher.decide_many(["There is a fire, is it a drill?"])

    assert (decision.outcome, decision.intent, decision.receipt.stage) == ("answer", "fire", "urgent")


def test_the_intent_with_most_phrases_of_the_kind_answers():
    alarm = Alarm.of(with_urgent())

    found = {text: asked(alarm, text) for text in ("the curtains are on fire", "she fainted", "I want to kill myself")}

    assert found == {"the curtains are on fire": "fire", "she fainted": "hurt", "I want to kill myself": "fire"}


def test_a_phrase_of_an_urgent_intent_is_heard_in_a_longer_text():
    alarm = Alarm.of(with_urgent())

    assert asked(alarm, "Hello. Code blue in the workshop!") == "hurt"


def test_a_near_miss_is_not_urgent():
    alarm = Alarm.of(with_urgent())

    assert asked(alarm, "There is a fire in the fireplace") is None
    assert asked(alarm, "There is a fire in the kitchen") == "fire"


def test_without_an_urgent_intent_nothing_is_urgent():
    alarm = Alarm.of(a_catalog(PHRASES))

    assert asked(alarm, "My child is bleeding") is None


def test_an_intent_that_is_not_valid_today_does_not_answer():
    alarm = Alarm.of(with_urgent())

    found = alarm.find(
        "the curtains are on fire", "en", normalised="the curtains are on fire", closed=frozenset({"fire"})
    )

    assert found is not None
    assert found.intent == "hurt"


def asked(alarm, text):
    found = alarm.find(text, "en", normalised=text.casefold(), closed=frozenset())
    return found.intent if found else None
