"""What is mended, and what is left alone because another meaning could come of it."""

import pytest

from app.matching.lexical import LexicalPhrase
from app.matching.normalise import normalise
from app.matching.reading.common_words import is_common
from app.matching.reading.reader import MOST_SLIPS, QuestionReader, names_in

PHRASES = (
    "What are your opening hours on Sunday?",
    "How do I schedule a visit?",
    "How do I subscribe to the newsletter?",
    "Where are the guided tours?",
    "Is the museum closed in July?",
    "Where can I leave my umbrella?",
    "How is my account activated again?",
    "Is the restaurant without stairs?",
    "Three rooms for Christmas",
    "I am a user",
)
READER = QuestionReader([LexicalPhrase(normalise(text), "it", "en", text) for text in PHRASES], ["Penrose built it"])
GERMAN = QuestionReader(
    [
        LexicalPhrase(normalise(text), "it", "de", text)
        for text in ("Wo ist der Eingang?", "Wie sind die Öffnungszeiten?", "Kann ich die Karten behalten?")
    ]
)


def read(text: str) -> str:
    return READER.read(normalise(text), locale="en", names=names_in(text, "en")).text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("oepning huors", "opening hours"),
        ("the musem", "the museum"),
        ("guided toyrs", "guided tours"),
        ("my unbrella", "my umbrella"),
        ("wjere is it", "where is it"),
        ("wht is it", "what is it"),
        ("open on sundys", "open on sundays"),
        ("the restarant", "the restaurant"),
        ("without staris", "without stairs"),
        ("doess it open", "does it open"),
    ],
)
def test_a_slip_is_mended_towards_a_word_of_the_catalog_or_a_small_one(typed, meant):
    assert read(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "how do i reschedule",
        "how do i reschedul",
        "nusubscribe",
        "is it reactivated",
        "is it deactivatd",
        "closed in juny",
        "closed in june",
        "withot stairs",
        "thre rooms",
        "room 12b",
        "penrose",
        "the house",
        "cat",
        "an uber",
        "bitte",
    ],
)
def test_nothing_is_read_as_a_word_of_another_meaning(typed):
    assert read(typed) == typed


def test_a_name_inside_a_sentence_stays():
    assert read("Does Mrs Umbrela work here?") == "does mrs umbrela work here"
    assert read("WHERE IS MY UMBRELA") == "where is my umbrella"


def test_another_language_is_left_alone():
    strange = [f"umbrel{letter}" for letter in "bcdfghj"]
    assert len(strange) > MOST_SLIPS

    assert read(" ".join(strange)) == " ".join(strange)


def test_without_a_list_of_common_words_only_a_clear_slip_is_mended():
    def german(text: str) -> str:
        return GERMAN.read(normalise(text), locale="de-AT").text

    assert german("wo ist der eingnag") == "wo ist der eingang"
    assert german("Öfnungszeiten") == normalise("Öffnungszeiten")
    assert german("die karte") == "die karte"
    assert german("warten") == "warten"


def test_the_reading_says_what_was_mended_and_what_spelled_out():
    reading = READER.read("wat r the oepning hours", locale="en")

    assert (reading.spelled, reading.text) == ("what are the oepning hours", "what are the opening hours")
    assert reading.unmended == reading.spelled
    assert READER.read("wat r the hours", locale="en").unmended == ""


@pytest.mark.parametrize("word", ["houses", "boxes", "shopping", "hoping", "opened", "taller", "quickly", "tony's"])
def test_a_common_word_may_have_a_regular_ending(word):
    assert is_common(word, "en")


@pytest.mark.parametrize("word", ["pleaes", "doess", "thiss", "associateed", "shoping", "parkking", "wantted"])
def test_an_ending_that_no_rule_gives_is_a_slip(word):
    assert not is_common(word, "en")
