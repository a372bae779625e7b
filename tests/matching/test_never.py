"""Never this answer to that: what an author forbade does not play, however it is typed and whatever came before."""

from functools import cache

import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.catalog.model import Role
from app.matching.matcher import Matcher
from app.matching.turns.previous import Previous
from tests.support.matching import PHRASES, a_catalog, a_matcher, an_intent, real_encoder

NEVER = (
    "what time do you close on saturdays",
    "when do the tickets for the evening open",
    "opening the window upstairs",
)
PHRASES_ADDED_LATER = ("when do tickets for an evening open", "opening windows upstairs", *NEVER)


@cache
def matcher() -> Matcher:
    """Opening hours that have learnt, after the near misses were written, phrases as near to them as can be."""
    phrases = (*PHRASES["opening-hours"], *PHRASES_ADDED_LATER)
    hours = an_intent("opening-hours", phrases, not_phrases={"en": NEVER})
    return a_matcher(a_catalog({n: t for n, t in PHRASES.items() if n != hours.id}, intents=[hours]), real_encoder())


def slips(question):
    """Every slip of one letter inside a word of five or more: swapped, left out, typed twice, another one typed."""
    words = question.split()
    for at, word in enumerate(words):
        for i in range(1, len(word) - 1 if len(word) >= 5 else 0):
            typed = {
                word[:i] + word[i + 1] + word[i] + word[i + 2 :],
                word[:i] + word[i + 1 :],
                word[: i + 1] + word[i:],
                f"{word[:i]}q{word[i + 1 :]}",
            }
            yield from (" ".join((*words[:at], one, *words[at + 1 :])) for one in sorted(typed - {word}))


def test_the_same_words_and_every_slip_of_them_never_reach_the_intent():
    typed = [*NEVER, *(slip for question in NEVER for slip in slips(question))]

    decisions = matcher().decide_many(typed)

    reached = [
        text for text, one in zip(typed, decisions, strict=True) if "opening-hours" in (one.intent, *one.choices)
    ]
    assert len(typed) > 120
    assert reached == []


def test_the_receipt_says_so():
    (decision,) = matcher().decide_many(["When do the tikcets for the evening open?"])

    reason = decision.receipt.guards[0].reason
    assert "“when do the tickets for the evening open”, which must never reach `opening-hours`" in reason


@pytest.mark.parametrize(
    "before",
    [Previous("when are you open", "opening-hours"), Previous("hm", None, ("opening-hours",)), Previous("and sundays")],
)
@pytest.mark.parametrize("question", NEVER)
async def test_no_turn_before_it_lets_it_through(question, before):
    decision = await matcher().decide(question, previous=before)

    assert "opening-hours" not in (decision.intent, *decision.choices)


async def test_a_follow_up_that_an_author_forbade_goes_elsewhere():
    hours = an_intent("opening-hours", PHRASES["opening-hours"], not_phrases={"en": ("and on Sundays?",)})
    others = {name: texts for name, texts in PHRASES.items() if name != hours.id}
    found = a_matcher(a_catalog(others, intents=[hours]), real_encoder())

    decision = await found.decide("and on Sundays?", previous=Previous("when are you open", "opening-hours"))

    assert "opening-hours" not in (decision.intent, *decision.choices)


def test_a_phrase_that_is_a_slip_away_from_a_near_miss_still_plays():
    hire = an_intent("hire", ["Do you hire out boats?"], not_phrases={"en": ("Do you hire out boatss?",)})
    found = a_matcher(a_catalog(intents=[hire]), HashingEncoder())

    right, wrong = found.decide_many(["do you hire out boats", "do you hire out boatss"])

    assert (right.intent, wrong.intent) == ("hire", None)


def test_need_that_its_author_forbade_is_not_answered_by_that_intent():
    fire = an_intent("fire", ["There is a fire"], role=Role.URGENT, not_phrases={"en": ("there is a fire drill",)})
    catalog = a_catalog(intents=[fire]).model_copy(update={"roles": {Role.URGENT: ("fire",)}})

    (decision,) = a_matcher(catalog, HashingEncoder()).decide_many(["There is a fire drill"])

    assert decision.intent != "fire"
