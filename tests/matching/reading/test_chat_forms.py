import pytest

from app.matching.reading.chat_forms import spelled_out

NOTHING = frozenset[str]()


@pytest.mark.parametrize(
    ("typed", "language", "read"),
    [
        ("wat time u close", "en", "what time you close"),
        ("r u open 2day pls", "en", "are you open today please"),
        ("thx 4 ur help", "en", "thanks for your help"),
        ("12 mins", "en", "12 minutes"),
        ("gibts pls nen parkplatz", "de", "gibt es bitte einen parkplatz"),
        ("wat time u close", "fr", "wat time u close"),
    ],
)
def test_chat_forms_are_spelled_out_in_their_language(typed, language, read):
    assert spelled_out(typed, language=language, own=NOTHING) == read


def test_a_number_stays_a_number():
    assert spelled_out("a table 4 2", language="en", own=NOTHING) == "a table 4 2"
    assert spelled_out("line u 3", language="en", own=NOTHING) == "line u 3"


def test_the_catalog_knows_its_own_words_best():
    assert spelled_out("do you teach r", language="en", own=frozenset({"r"})) == "do you teach r"
