"""Proposed phrases: other forms, other words, the answer turned round; and none that belongs to another intent."""

import numpy as np
import pytest

from app.authoring.proposals.choice import Ground, chosen
from app.authoring.proposals.forms import sisters, taken_apart
from app.authoring.proposals.inversion import questions
from app.authoring.proposals.pool import pool_of, replaced
from tests.support.matching import an_intent


@pytest.mark.parametrize(
    ("phrase", "sister"),
    [
        ("is there a lift", "have you got a lift"),
        ("do you have lockers", "are there any lockers"),
        ("where is the exit", "how do i get to the exit"),
        ("can i take photos", "am i allowed to take photos"),
        ("can i pay by card", "paying by card"),
        ("how do i cancel my booking", "i want to cancel my booking"),
        ("how much is a towel", "towel price"),
        ("when is the tour", "what time is the tour"),
        ("do you sell stamps", "can you sell stamps"),
    ],
)
def test_a_phrase_has_sisters_of_its_form(phrase, sister):
    formed = taken_apart(phrase)

    assert formed is not None
    assert sister in list(sisters(formed))


@pytest.mark.parametrize("phrase", ["i lost my hat", "who was clara penrose the founder", "are you open"])
def test_a_phrase_of_another_form_has_none(phrase):
    formed = taken_apart(phrase)

    assert formed is None or formed.kind == "noun"


def test_words_of_a_group_stand_for_each_other_with_their_article():
    assert "is there an elevator" in list(replaced("is there a lift"))
    assert "is there a lift" in list(replaced("is there an elevator"))
    assert list(replaced("the weather in june")) == []


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("The showers are warm and free.", "are the showers warm"),
        ("You can rent a towel at the till.", "can i rent a towel at the till"),
        ("We are open from nine to five.", "are you open from nine to five"),
        ("There is a ramp at the side door.", "is there a ramp at the side door"),
        ("The cafe has coffee and cake.", "does the cafe have coffee"),
        ("They are free.", None),
    ],
)
def test_an_answer_is_turned_into_its_question(answer, asked):
    assert list(questions(answer))[:1] == ([asked] if asked else [])


def test_a_pool_has_neither_phrases_nor_near_misses_and_visitors_come_first():
    intent = an_intent("lift", ["Is there a lift?", "lift"], not_phrases={"en": ["have you got a lift"]})

    pool = pool_of(intent, "en", visitors=["lift for my wheelchair", "Is there a lift"])

    texts = [one.text for one in pool]
    assert (texts[0], pool[0].source) == ("lift for my wheelchair", "visitors")
    assert not {"is there a lift", "lift", "have you got a lift"} & set(texts)
    assert len(texts) == len(set(texts)) > 5


def test_where_no_forms_are_known_visitors_are_the_only_source():
    intent = an_intent("lift", {"de": ["Gibt es einen Aufzug?"]})

    assert [one.text for one in pool_of(intent, "de", visitors=["Fahrstuhl"])] == ["fahrstuhl"]


def test_what_lies_nearer_to_another_intent_or_a_near_miss_is_never_chosen():
    rows = np.eye(4, dtype=np.float32)
    ground = Ground(own=rows[:1], others=rows[1:2], barred=rows[2:3])
    mixed = np.array([[0.6, 0.8, 0, 0], [0.6, 0, 0.8, 0], [0.6, 0, 0, 0.8], [0.999, 0, 0, 0.045]], dtype=np.float32)

    assert chosen(ground, mixed, 4) == [2]
