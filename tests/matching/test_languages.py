"""Other languages and scripts: German phrases, phrases by locale, a question in one language for phrases in another."""

import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from tests.support.matching import PHRASES, a_catalog, a_matcher, an_intent, real_encoder

GERMAN = {
    "oeffnungszeiten": [
        "Wann haben Sie geöffnet?",
        "Was sind Ihre Öffnungszeiten?",
        "Wann öffnet das Museum am Morgen?",
        "Bis wann ist das Museum am Abend geöffnet?",
        "Öffnungszeiten bitte",
        "Wie lange hat das Museum geöffnet?",
    ],
    "eintritt": [
        "Was kostet der Eintritt?",
        "Wie viel kostet eine Karte?",
        "Eintrittspreise bitte",
        "Was kostet eine Eintrittskarte für Erwachsene?",
        "Ist der Eintritt teuer?",
        "Wie hoch ist der Eintrittspreis?",
    ],
    "parken": [
        "Wo kann ich parken?",
        "Gibt es einen Parkplatz?",
        "Wo ist der nächste Parkplatz?",
        "Parken am Museum",
        "Gibt es Parkplätze in der Nähe?",
        "Wo stelle ich mein Auto ab?",
    ],
    "fruehstueck": [
        "Ein Zimmer mit Frühstück",
        "Ist das Zimmer mit Frühstück?",
        "Kann ich das Zimmer mit Frühstück buchen?",
        "Ich möchte das Zimmer mit Frühstück",
        "Was kostet das Zimmer mit Frühstück?",
    ],
}


MEANS = {"kann": "can", "ich": "i", "meinen": "my", "hund": "dog", "mitbringen": "bring", "wo": "where"}


class Bilingual(HashingEncoder):
    """Stands in for a multilingual model: sees German words as the English ones they mean."""

    def encode(self, texts):
        return super().encode([" ".join(MEANS.get(word, word) for word in text.split()) for text in texts])


@pytest.fixture(scope="module")
def german():
    intents = [
        an_intent(name, [], answer={"de": ("Ja.",)}).model_copy(update={"phrases": {"de": tuple(texts)}})
        for name, texts in GERMAN.items()
    ]
    catalog = a_catalog({}, intents=intents).model_copy(update={"default_locale": "de", "locales": ("de",)})
    return a_matcher(catalog, real_encoder())


@pytest.fixture(scope="module")
def english():
    return a_matcher(a_catalog(), HashingEncoder())


@pytest.mark.parametrize(
    ("question", "intent", "stage"),
    [
        ("WANN HABEN SIE GEÖFFNET", "oeffnungszeiten", "exact"),
        ("was sind ihre öffnugnszeiten", "oeffnungszeiten", "near"),
        ("wann öffnet das museum", "oeffnungszeiten", "embedding"),
        ("wo gibt es hier einen parkplatz", "parken", "embedding"),
        ("ich möchte ein zimmer mit frühstück", "fruehstueck", "embedding"),
    ],
)
async def test_german_questions_reach_german_phrases(german, question, intent, stage):
    decision = await german.decide(question)

    assert (decision.outcome, decision.intent, decision.receipt.stage) == ("answer", intent, stage)


@pytest.mark.parametrize(
    "question",
    [
        "ein zimmer ohne frühstück",
        "ich möchte das zimmer ohne frühstück",
        "und am sonntag?",
        "wer hat das spiel gewonnen",
    ],
)
async def test_german_reversals_follow_ups_and_other_topics_do_not(german, question):
    assert (await german.decide(question)).outcome != "answer"


async def test_a_question_meets_the_phrases_of_its_locale():
    here = an_intent("gift", ["Gift"]).model_copy(update={"phrases": {"en": ("Gift",), "de": ("Geschenk",)}})
    poison = an_intent("poison", []).model_copy(update={"phrases": {"en": ("Poison",), "de": ("Gift",)}})
    matcher = a_matcher(a_catalog(intents=[here, poison]), HashingEncoder())

    assert (await matcher.decide("gift", locale="en")).intent == "gift"
    assert (await matcher.decide("gift", locale="de")).intent == "poison"


async def test_with_a_multilingual_encoder_a_question_reaches_phrases_in_another_language():
    matcher = a_matcher(a_catalog(PHRASES), Bilingual())

    decision = await matcher.decide("kann ich meinen hund mitbringen")

    assert (decision.outcome, decision.intent) == ("answer", "dogs")


@pytest.mark.parametrize(
    "text",
    [
        "🐶🐶🐶",
        "can i 🐕 bring 犬 my собака",
        "متى تفتحون؟",
        "\u202eneporeht\u202c",
        "ＣＡＮ Ｉ ＢＲＩＮＧ ＭＹ ＤＯＧ",
        "когда вы открыты",
        "\u0000\ud800 lone",
        "word " * 4000,
        "?" * 4000,
        "a\u0301" * 600,
        "",
    ],
)
async def test_any_text_gets_a_decision(english, text):
    decision = await english.decide(text)

    assert decision.outcome in ("answer", "clarify", "miss")
    assert decision.model_dump_json()


async def test_full_width_forms_are_the_same_words(english):
    decision = await english.decide("ＣＡＮ Ｉ ＢＲＩＮＧ ＭＹ ＤＯＧ")

    assert (decision.intent, decision.receipt.stage) == ("dogs", "exact")
