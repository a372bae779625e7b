"""Which language a question is in."""

import pytest

from app.conversation.language_detection import foreign_language, language_of
from app.conversation.script import Script
from tests.support.session_world import a_catalog

SERVED = ("en", "de", "es", "fr", "zh")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("When are you open on Sundays?", "en"),
        ("Wann haben Sie am Sonntag geöffnet?", "de"),
        ("¿Cuánto cuesta la entrada para niños?", "es"),
        ("Où est le vestiaire, s'il vous plaît ?", "fr"),
        ("你们几点开门？", "zh"),
        ("What does さようなら mean?", "en"),
        ("営業時間は何時ですか", None),
        ("Во сколько вы открываетесь?", None),
        ("Ratchet?", None),
        ("", None),
        ("🦀 42", None),
    ],
)
def test_a_question_tells_its_language_or_nothing(question, language):
    assert language_of(question, SERVED) == language


def test_a_language_that_is_not_served_is_not_found():
    assert language_of("Wann haben Sie am Sonntag geöffnet?", ("en",)) is None


@pytest.mark.parametrize(
    ("question", "locale"), [("Wann ist das Museum offen?", "de"), ("When is it open?", "en"), ("Ratchet?", "en")]
)
def test_a_session_answers_in_the_catalogs_locale(question, locale):
    assert Script(a_catalog()).detected(question, "en") == locale


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [
        ("El jardín de las delicias", "en", None),
        ("¿Dónde está el jardín de las delicias?", "en", "es"),
        ("El jardín de las delicias está en la sala.", "en", "es"),
        ("Der Weg von dem Haus zu den Booten ist lang", "en", "de"),
        ("Kann ich mit dem Boot kommen?", "en", "de"),
        ("What does さようなら mean?", "en", None),
        ("営業時間は何時ですか", "en", "ja"),
        ("さようなら", "en", "ja"),
        ("営業時間は何時ですか", "ja", None),
        ("Kad je otvoreno i da li ima mesta za nas?", "sr", None),
        ("Kad je otvoreno i da li ima mesta za nas?", "sr-Latn", None),
        ("Ова књига је у музеју.", "sr", None),
        ("Ова књига је у музеју.", "sr-Latn", None),
        ("What is the way from the house to the boats?", "sr", None),
    ],
)
def test_a_text_is_of_another_language_only_if_that_is_clear(text, locale, language):
    assert foreign_language(text, locale) == language
