"""Phrases of which nothing is left to read: the matcher is made without them."""

from itertools import permutations

import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.catalog.model import Role
from app.matching.prepared_catalog import prepare, taught
from tests.support.matching import PHRASES, a_catalog, a_matcher, an_intent

NOTHING = ["🙂", "❤️", "👨\u200d👩\u200d👧", "?!", "…", " ", "\t\n", "\u200b", "\ufeff", "\u3164", "ʼ", "_"]

ODD = [
    *({"phrases": {"en": (text,)}} for text in NOTHING),
    {"phrases": {"en": tuple(NOTHING)}},
    {"phrases": {}},
    {"phrases": {"en": ()}},
    {"phrases": {"en": (), "de": ("🙂",)}},
    {"phrases": {"en": ("🙂",)}, "title": "🙂"},
    {"phrases": {"en": ("🙂",)}, "not_phrases": {"en": ("May I bring my cat?",)}},
    {"phrases": {"en": ("🙂",)}, "not_phrases": {"en": ("?!",)}},
    {"phrases": {"en": ("🙂",)}, "role": Role.FAREWELL},
]


def odd(name, content):
    return an_intent(name, **content)


SMALL = {"dogs": PHRASES["dogs"]}


@pytest.mark.parametrize("content", ODD, ids=ascii)
def test_an_intent_of_nothing_is_left_out(content):
    ready = prepare(a_catalog(SMALL, intents=[odd("odd", content)]), HashingEncoder())

    assert (ready.index.intents, ready.titles, ready.barred.phrases) == (("dogs",), ("dogs",), ())


def test_the_others_are_matched_as_before():
    with_odd = a_matcher(a_catalog(SMALL, intents=[odd("odd", ODD[0])]), HashingEncoder())
    questions = ["Can I bring my dog?", "🙂", "what is odd"]

    assert with_odd.decide_many(questions) == a_matcher(a_catalog(SMALL), HashingEncoder()).decide_many(questions)


@pytest.mark.parametrize("content", ODD, ids=ascii)
def test_a_catalog_of_nothing_else_answers_nothing(content):
    matcher = a_matcher(a_catalog({}, intents=[odd("one", content), odd("two", content)]), HashingEncoder())

    assert [one.outcome for one in matcher.decide_many(["can I bring my dog", "🙂"])] == ["miss", "miss"]


def test_where_it_stands_makes_no_difference():
    intents = [an_intent("dogs", PHRASES["dogs"]), odd("a", ODD[0]), odd("z", ODD[0])]
    made = [prepare(a_catalog({}, intents=order), HashingEncoder()) for order in permutations(intents)]

    assert {one.index.intents for one in made} == {("dogs",)}
    assert {one.titles for one in made} == {("dogs",)}


def test_a_title_of_nothing_is_no_example_and_its_phrases_are():
    ready = prepare(a_catalog(SMALL, intents=[an_intent("cats", ["May my cat come?"], title="🐈")]), HashingEncoder())

    assert "cats" in ready.index.intents
    assert ready.titles == ("dogs",)


def test_one_locale_of_words_is_enough():
    odd_here = odd("cats", {"phrases": {"en": ("🐈",), "de": ("Darf meine Katze mit?",)}})
    ready = prepare(a_catalog(SMALL, intents=[odd_here]), HashingEncoder())

    assert [(one.locale, one.text) for one in ready.index.phrases if one.intent == "cats"] == [
        ("de", "darf meine katze mit")
    ]


def test_a_near_miss_of_nothing_bars_nothing():
    ready = prepare(
        a_catalog(intents=[an_intent("cats", ["My cat"], not_phrases={"en": ("🐈", "?")})]), HashingEncoder()
    )

    assert ready.barred.phrases == ()


def test_what_is_learnt_does_not_depend_on_it():
    assert taught(a_catalog()) == taught(a_catalog(intents=[odd("odd", ODD[0])]))
