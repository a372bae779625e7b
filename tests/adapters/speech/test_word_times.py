from itertools import pairwise

import pytest

from app.adapters.speech.word_times import words_as_listed, words_of_characters, words_spread
from app.rendering.ports import TimedSpan


def test_characters_become_words():
    alignment = {
        "characters": list("Hi, you "),
        "character_start_times_seconds": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
        "character_end_times_seconds": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
    }

    assert words_of_characters(alignment) == (TimedSpan("Hi,", 0.0, 0.3), TimedSpan("you", 0.4, 0.7))


@pytest.mark.parametrize("alignment", [{}, {"characters": ["a"]}, {"characters": None}])
def test_lists_that_do_not_fit_give_no_words(alignment):
    assert words_of_characters(alignment) == ()


def test_a_mark_joins_the_word_before_it():
    listed = [
        {"word": "Well", "start_time": 0.0, "end_time": 0.4},
        {"word": ",", "start_time": 0.4, "end_time": 0.5},
        {"word": "yes", "start_time": 0.6, "end_time": 0.9},
    ]

    assert words_as_listed(listed) == (TimedSpan("Well,", 0.0, 0.5), TimedSpan("yes", 0.6, 0.9))


def test_spread_words_follow_each_other_within_the_sound():
    words = words_spread("one three seventeen", 3.0)

    assert [word.text for word in words] == ["one", "three", "seventeen"]
    assert words[0].start_s == 0
    assert all(before.end_s <= after.start_s for before, after in pairwise(words))
    assert words[-1].end_s <= 3.0
    assert words_spread("", 1.0) == ()
