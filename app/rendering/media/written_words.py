"""Times of written words: a voice times what it was given, captions show what is written."""

from collections.abc import Sequence
from itertools import accumulate

from app.catalog.spoken.form import SpokenForm, without_phonemes
from app.rendering.ports import TimedSpan


def written_words(spoken: Sequence[TimedSpan], form: SpokenForm) -> tuple[TimedSpan, ...]:
    """Return each written word at the time at which it is heard.

    A piece of the form begins with the first and ends with the last of its spoken words; several written words that
    are read as one piece share its time by their length. Voices may divide words in other ways than blanks do, so
    that letters are counted.
    """
    if not spoken:
        return ()
    heard = list(accumulate(_letters(word.text) for word in spoken))
    read = list(accumulate(_letters(without_phonemes(piece.spoken)) for piece in form.pieces))
    scale = heard[-1] / read[-1] if read[-1] else 0.0
    starts = [0, *read[:-1]]
    spans: list[TimedSpan] = []
    for piece, begin, end in zip(form.pieces, starts, read, strict=True):
        first = _at(heard, begin * scale)
        last = max(first, _at(heard, max(begin, end - 1) * scale))
        spans += _shared(piece.written.split(), spoken[first].start_s, spoken[last].end_s)
    return tuple(spans)


def _letters(text: str) -> int:
    """Count what is heard of words; a mark alone counts as one, so that it keeps its place."""
    return sum(sum(character.isalnum() for character in word) or 1 for word in text.split())


def _at(heard: Sequence[int], letter: float) -> int:
    """Return the spoken word that has this letter."""
    return next((at for at, upto in enumerate(heard) if letter + 0.5 < upto), len(heard) - 1)


def _shared(words: Sequence[str], start_s: float, end_s: float) -> list[TimedSpan]:
    lengths = list(accumulate((len(word) for word in words), initial=0))
    step = (end_s - start_s) / lengths[-1]
    return [
        TimedSpan(word, start_s + a * step, start_s + b * step)
        for word, a, b in zip(words, lengths, lengths[1:], strict=False)
    ]
