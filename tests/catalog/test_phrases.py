import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.matching.normalise import normalise
from app.text import UNSEEN, estimate_seconds, folded, wordless


@pytest.mark.parametrize(
    "text", ["  When are   you OPEN?! ", "when are you open", "“When are you open?”", "Ｗhen are you open"]
)
def test_the_same_words_are_the_same_phrase(text: str):
    assert folded(text) == "when are you open"


@pytest.mark.parametrize(
    ("one", "other"),
    [("turn it on", "turn it off"), ("do open", "don't open"), ("room 12", "room 13"), ("12.50", "1250"), ("?", "!")],
)
def test_words_and_digits_are_never_dropped(one: str, other: str):
    assert folded(one) != folded(other)


def test_one_apostrophe_is_as_good_as_another():
    assert folded("Don’t") == folded("don't")


def test_speech_takes_time_by_length_and_speed():
    assert estimate_seconds("x" * 150) == 10.0
    assert estimate_seconds("x" * 150, 2.0) == 5.0
    assert estimate_seconds("  \n ") == 0.0


@given(st.text(max_size=20) | st.text(alphabet=[*"ʼ'._-%€🙂❤½ⅳ\u0301\u200b", *sorted(UNSEEN)], max_size=4))
def test_wordless_is_what_matching_has_nothing_to_read_of(text: str):
    assert wordless(text) == (not normalise(text))
