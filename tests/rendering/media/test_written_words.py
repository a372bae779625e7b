"""Times of written words: captions show what is written, timed to what is heard."""

import pytest

from app.catalog.spoken.form import Piece, Segment, SpokenForm
from app.rendering.media.written_words import written_words
from app.rendering.ports import TimedSpan

FORM = SpokenForm(
    (Piece("It", "It"), Piece("costs", "costs"), Piece("€12.50,", "twelve euros fifty cents,"), Piece("sir.", "sir."))
)


def heard(text: str) -> list[TimedSpan]:
    return [TimedSpan(word, at * 0.5, at * 0.5 + 0.4) for at, word in enumerate(text.split())]


def test_a_written_word_lasts_from_its_first_to_its_last_spoken_word():
    words = written_words(heard(FORM.spoken), FORM)
    assert words == (
        TimedSpan("It", 0.0, 0.4),
        TimedSpan("costs", 0.5, 0.9),
        TimedSpan("€12.50,", 1.0, 2.9),
        TimedSpan("sir.", 3.0, 3.4),
    )


def test_written_words_of_one_piece_share_its_time():
    form = SpokenForm((Piece("20 %", "twenty percent"), Piece("agree.", "agree.")))
    first, second, last = written_words(heard(form.spoken), form)
    assert (first.text, first.start_s, second.end_s) == ("20", 0.0, pytest.approx(0.9))
    assert first.end_s == second.start_s == pytest.approx(0.6)
    assert last == TimedSpan("agree.", 1.0, 1.4)


def test_words_that_a_voice_divides_otherwise_are_found_by_their_letters():
    spans = [
        TimedSpan(text, at * 1.0, at + 0.5)
        for at, text in enumerate(["It", "costs", "twelve", "euros", "fifty", "cents", ",", "sir", "."])
    ]
    words = written_words(spans, FORM)
    assert [word.text for word in words] == ["It", "costs", "€12.50,", "sir."]
    assert [word.start_s for word in words] == [0.0, 1.0, 2.0, 7.0]


def test_phonemes_are_not_counted_as_letters():
    form = SpokenForm.of([Segment.same("Ask "), Segment("Siobhan", "[Siobhan](/ʃəˈvɔːn/)"), Segment.same(" now.")])
    words = written_words(heard("Ask Siobhan now."), form)
    assert [(word.text, word.start_s) for word in words] == [("Ask", 0.0), ("Siobhan", 0.5), ("now.", 1.0)]


def test_no_times_give_none():
    assert written_words((), FORM) == ()
