"""Which language a question is in."""

import pytest

from app.conversation.language_detection import language_of
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
