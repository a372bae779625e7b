import pytest

from app.matching.lexical import LexicalPhrase, Lexicon
from app.matching.normalise import normalise


def a_lexicon(*phrases: tuple[str, str]) -> Lexicon:
    return Lexicon([LexicalPhrase(normalise(text), intent, "en", text) for intent, text in phrases])


LEXICON = a_lexicon(
    ("opening-hours", "What are your opening hours?"),
    ("turn-on", "How do I turn on the audio guide?"),
    ("platform", "When does the train leave from platform 4?"),
    ("lost", "Where can I find my lost umbrella?"),
    ("parking", "Is there parking by the house?"),
    ("hello", "Hello"),
)


@pytest.mark.parametrize(
    ("typed", "intent"),
    [("what are your openning hours", "opening-hours"), ("how do i turn on the audio giude", "turn-on")],
)
def test_a_slip_of_the_finger_is_near(typed, intent):
    hit = LEXICON.find(typed, locale="en")

    assert hit is not None
    assert (hit.stage, hit.phrases[0].intent) == ("near", intent)


@pytest.mark.parametrize(
    "typed",
    [
        "how do i turn off the audio guide",
        "how do i turn of the audio guide",
        "when does the train leave from platform 5",
        "where can i find my cost umbrella",
        "what aren't your opening hours",
        "is there packing by the house",
        "is there parking by the horse",
        "hallo",
    ],
)
def test_another_word_number_or_negation_is_not_near(typed):
    assert LEXICON.find(typed, locale="en") is None


def test_the_same_text_is_exact_in_every_spelling():
    hit = LEXICON.find(normalise("HELLO!!"), locale="en")

    assert hit is not None
    assert (hit.stage, hit.similarity) == ("exact", 1.0)


def test_a_shared_phrase_prefers_the_locale():
    lexicon = Lexicon(
        [LexicalPhrase("hotel", "stay", "en", "Hotel"), LexicalPhrase("hotel", "unterkunft", "de", "Hotel")]
    )

    hit = lexicon.find("hotel", locale="de")

    assert hit is not None
    assert [phrase.intent for phrase in hit.phrases] == ["unterkunft"]
