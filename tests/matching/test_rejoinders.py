"""Replies that are no question: yes, no, ok, thanks, and "could you repeat that"."""

import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.matching.normalise import normalise
from app.matching.receipt_text import explain
from app.matching.turns.previous import Previous
from app.matching.turns.rejoinders import rejoinder
from tests.support.matching import PHRASES, a_catalog, a_matcher, an_intent

SAID = {
    "repeat": (
        "Could you repeat that?; what did you just say?; again please; Pardon?; Sorry, what?; Say that again; "
        "I didn't catch that; what was that; Can you say that once more, please?; Könnten Sie das bitte wiederholen?; "
        "Was hast du gerade gesagt?; nochmal bitte; noch einmal bitte; Wie bitte?; Wiederholen Sie das"
    ),
    "thanks": (
        "thanks; Thank you very much!; ok thanks; great, thanks a lot; cheers; thx; Danke; Vielen Dank!; Danke schön; "
        "Alles klar, danke; merci"
    ),
    "ok": "ok; OK.; okay; all right; I see; got it; alles klar; gut; in Ordnung; ach so; good to know; that's all",
    "yes": "yes; Yes, please; yeah; yep; exactly; that one; sure; ja; Ja, bitte; genau; stimmt; yes yes",
    "no": "no; nope; no thanks; No, thank you; none of these; that's not what I meant; nein; nein danke; keins davon",
}
NO_REJOINDERS = (
    "Good morning; is it good; thanks, and where is the cafe; yes I would like a ticket; no parking; "
    "ok google play music; "
    "what is the right way; do you say thanks to donors; nein sagen lernen; what time; again and again; are you okay; "
    "no dogs?; yes or no questions; repeat customers discount; can you repeat the prices; wie bitte komme ich hin"
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, said in SAID.items() for text in said.split("; ")])
def test_a_reply_is_known_for_what_it_is(kind, text):
    assert rejoinder(normalise(text)) == kind


@pytest.mark.parametrize("text", NO_REJOINDERS.split("; "))
def test_a_question_with_such_words_is_none(text):
    assert rejoinder(normalise(text)) is None


@pytest.fixture(scope="module")
def matcher():
    thanks = an_intent("thanks", ["Thank you"])
    return a_matcher(a_catalog(PHRASES, intents=[thanks]), HashingEncoder())


async def test_yes_takes_the_only_chip(matcher):
    decision = await matcher.decide("Yes, please", previous=Previous("pooch", offered=("dogs",)))

    assert (decision.outcome, decision.intent, decision.receipt.stage) == ("answer", "dogs", "reply")


@pytest.mark.parametrize("locale", ["es", "fr", "it"])
@pytest.mark.parametrize(
    ("text", "reply"), [("yes", "yes"), ("nein danke", "no"), ("ok", "ok"), ("say that again", "repeat")]
)
async def test_a_reply_in_english_or_german_is_known_in_any_session(matcher, locale, text, reply):
    decision = await matcher.decide(text, locale=locale, previous=Previous("pooch", "dogs", offered=("dogs",)))

    assert decision.receipt.reply == reply


async def test_yes_to_two_chips_asks_which(matcher):
    decision = await matcher.decide("ja", previous=Previous("pooch", offered=("dogs", "parking")))

    assert (decision.outcome, decision.choices, decision.receipt.reply) == ("clarify", ("dogs", "parking"), "yes")


@pytest.mark.parametrize("reply", ["no", "nein danke", "none of these"])
async def test_no_to_chips_takes_none(matcher, reply):
    decision = await matcher.decide(reply, previous=Previous("pooch", offered=("dogs",)))

    assert (decision.outcome, decision.intent, decision.receipt.reply) == ("miss", None, "no")


async def test_an_authors_own_intent_answers_every_way_to_say_it(matcher):
    decision = await matcher.decide("ok thx", previous=Previous("When are you open?", "opening-hours"))

    assert (decision.outcome, decision.intent, decision.receipt.reply) == ("answer", "thanks", "thanks")
    assert any("says thanks" in line for line in explain(decision))


async def test_without_a_turn_before_ok_is_no_reply(matcher):
    assert (await matcher.decide("ok")).receipt.reply is None


async def test_what_was_played_is_played_again(matcher):
    decision = await matcher.decide("Could you repeat that?", previous=Previous("When?", "opening-hours"))

    assert (decision.outcome, decision.intent, decision.receipt.reply) == ("answer", "opening-hours", "repeat")
