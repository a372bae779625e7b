from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.catalog.model import Role
from app.catalog.terms import Validity
from app.matching.fit.thresholds import ready_catalog
from app.matching.prepared_catalog import prepare, taught
from app.matching.receipt_text import explain
from tests.support.matching import PHRASES, a_catalog, a_matcher, an_intent, real_encoder


class CountingEncoder(HashingEncoder):
    """Counts how often it is asked."""

    calls = 0

    def encode(self, texts):
        self.calls += 1
        return super().encode(texts)


@pytest.fixture(scope="module")
def matcher():
    return a_matcher(a_catalog(), real_encoder())


@pytest.mark.parametrize("intent", PHRASES)
async def test_an_exact_phrase_always_reaches_its_intent(matcher, intent):
    for phrase in PHRASES[intent]:
        decision = await matcher.decide(f"  {phrase.upper()}!!")

        assert (decision.outcome, decision.intent, decision.receipt.stage) == ("answer", intent, "exact")


async def test_an_exact_phrase_never_touches_the_encoder():
    encoder = CountingEncoder()
    matcher = a_matcher(a_catalog(), encoder)
    before = encoder.calls

    await matcher.decide("where can i park")

    assert encoder.calls == before


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("may I take my dog inside with me", "dogs"),
        ("what's the price of a ticket for grown-ups", "ticket-prices"),
        ("at what time do you open on a saturday", "opening-hours"),
    ],
)
async def test_a_paraphrase_is_answered_by_meaning(matcher, question, intent):
    decision = await matcher.decide(question)

    assert (decision.outcome, decision.intent, decision.receipt.stage) == ("answer", intent, "embedding")
    assert decision.receipt.probability >= decision.receipt.thresholds.answer


@pytest.mark.parametrize("question", ["who won the cup final", "bake me a cake", "asdf", "what is 12 times 9"])
async def test_off_topic_is_a_miss(matcher, question):
    assert (await matcher.decide(question)).outcome == "miss"


async def test_reversed_meaning_is_not_answered(matcher):
    decision = await matcher.decide("how do I turn off the audio guide")

    assert decision.outcome != "answer"
    assert any(not verdict.passed for verdict in decision.receipt.guards)


@pytest.mark.parametrize("text", ["", "   ", "?!", "👍"])
async def test_no_words_are_a_miss_of_their_own(matcher, text):
    decision = await matcher.decide(text)

    assert (decision.outcome, decision.receipt.stage) == ("miss", "empty")


@pytest.mark.parametrize("text", ["and on Sundays?", "how much is it?", "what about those?", "why"])
async def test_a_follow_up_never_hits_on_its_bare_words(matcher, text):
    assert (await matcher.decide(text)).outcome == "miss"


async def test_a_follow_up_is_read_with_the_question_before(matcher):
    decision = await matcher.decide("and on Sundays?", previous="what time do you open")

    assert (decision.outcome, decision.intent) == ("answer", "opening-hours")


async def test_a_shared_phrase_is_asked_about():
    matcher = a_matcher(a_catalog({"a": ["Tell me all"], "b": ["Tell me all!"]}), HashingEncoder())

    decision = await matcher.decide("tell me all")

    assert (decision.outcome, decision.choices) == ("clarify", ("a", "b"))


async def test_a_not_phrase_never_reaches_its_intent():
    question = "what time do you open on saturdays"
    hours = an_intent("opening-hours", PHRASES["opening-hours"], not_phrases={"en": (question,)})
    others = {name: texts for name, texts in PHRASES.items() if name != "opening-hours"}
    matcher = a_matcher(a_catalog(others, intents=[hours]), real_encoder())

    decision = await matcher.decide(question)

    assert decision.intent != "opening-hours"
    assert "opening-hours" not in decision.choices


async def test_an_intent_outside_its_days_is_not_answered():
    summer = an_intent("summer", ["Summer party"], valid=Validity.model_validate({"until": "2026-08-31"}))
    catalog = a_catalog(intents=[summer])

    inside, outside = (a_matcher(catalog, HashingEncoder(), today=day) for day in (date(2026, 8, 31), date(2026, 9, 1)))

    assert (await inside.decide("summer party")).outcome == "answer"
    assert (await outside.decide("summer party")).outcome == "miss"


async def test_only_answers_and_farewells_take_part():
    roles = [
        an_intent("goodbye", ["So long then"], role=Role.FAREWELL),
        an_intent("greeting", ["Good day to you"], role=Role.GREETING),
    ]
    matcher = a_matcher(a_catalog(intents=roles), HashingEncoder())

    assert (await matcher.decide("so long then")).intent == "goodbye"
    assert (await matcher.decide("good day to you")).intent is None


async def test_a_batch_decides_like_single_questions(matcher):
    questions = ["where can i park", "may I take my dog in with me", "", "why", "who won the cup final"]

    batch = matcher.decide_many(questions)

    singles = [await matcher.decide(question) for question in questions]
    assert [(one.outcome, one.intent) for one in batch] == [(one.outcome, one.intent) for one in singles]
    assert [one.receipt.score for one in batch] == pytest.approx([one.receipt.score for one in singles], abs=1e-4)


async def test_a_catalog_without_phrases_misses_everything():
    decision = await a_matcher(a_catalog({}), HashingEncoder()).decide("anything at all")

    assert decision.outcome == "miss"


async def test_a_fit_of_another_catalog_is_not_used(matcher):
    stale = matcher.fitted.model_copy(update={"taught": "other"})

    catalog = a_catalog()
    ready = ready_catalog(catalog, prepare(catalog, HashingEncoder()), stale)

    assert (ready.fitted.taught, ready.fitted.encoder) == (taught(catalog), "hashing-256")


async def test_a_decision_is_explained_in_words(matcher):
    decision = await matcher.decide("may I take my dog inside with me")

    text = "\n".join(explain(decision))

    assert "Answered with `dogs`" in text
    assert "chance that `dogs` is right" in text
    assert "held out" in text


def test_vectors_of_one_question_do_not_depend_on_its_company():
    encoder = real_encoder()

    alone, among = encoder.encode(["where"])[0], encoder.encode(["where", "a much longer question than that"])[0]

    assert np.allclose(alone, among, atol=1e-5)


async def test_an_it_is_read_with_the_question_before_or_not_answered(matcher):
    alone = await matcher.decide("does it cost much")
    after = await matcher.decide("does it cost much", previous="do I have to pay an entrance fee")

    assert alone.outcome != "answer"
    assert any(one.guard == "follow-up" and not one.passed for one in alone.receipt.guards)
    assert (after.outcome, after.intent) == ("answer", "ticket-prices")


@pytest.mark.parametrize("tag", ["es", "ES", "es-MX"])
async def test_a_tag_is_decided_by_the_catalogs_locale_of_its_language(tag):
    english = a_matcher(a_catalog().model_copy(update={"locales": ("en", "es")}), HashingEncoder())
    spanish = replace(english, release="spanish")
    whole = replace(english, others={"es": spanish})

    decided = [await whole.decide("pooch", locale=tag), *whole.decide_many(["pooch"], locale=tag)]

    assert [(one.receipt.release, one.receipt.locale) for one in decided] == [("spanish", "es")] * 2
