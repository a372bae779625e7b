"""Spoken form of a text: its reading beside what is written, word by word."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

_PHONEMES = re.compile(r"\[([^\]]+)\]\(/[^/]+/\)")
"""A word with its phonemes, as Kokoro's front end writes it: `[Siobhan](/ʃəvˈɔn/)`."""

_WORD = re.compile(r"\s*\S+(?:\s+$)?|^\s+$")


def without_phonemes(text: str) -> str:
    """Return the text with the words themselves in place of `[word](/phonemes/)`."""
    return _PHONEMES.sub(r"\1", text) if "](/" in text else text


@dataclass(frozen=True, slots=True)
class Segment:
    """Stretch of a text and its reading; joined, the stretches are the text again, blanks and all."""

    written: str
    spoken: str

    @classmethod
    def same(cls, text: str) -> "Segment":
        """Return a stretch that is read as it is written."""
        return cls(text, text)


@dataclass(frozen=True, slots=True)
class Piece:
    """Written words, at least one, and the words, at least one, that they are read with."""

    written: str
    spoken: str


@dataclass(frozen=True)
class SpokenForm:
    """Text with its reading, in pieces that are whole words on both sides."""

    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, segments: Iterable[Segment]) -> "SpokenForm":
        """Return the form of a text's stretches; a piece ends where both sides have a blank."""
        return cls(tuple(_pieces(segments)))

    @cached_property
    def written(self) -> str:
        """The text as it is shown."""
        return " ".join(piece.written for piece in self.pieces)

    @cached_property
    def spoken(self) -> str:
        """The text as a voice gets it."""
        return " ".join(piece.spoken for piece in self.pieces)

    @property
    def changed(self) -> bool:
        """Return whether anything is read otherwise than it is written."""
        return any(piece.written != piece.spoken for piece in self.pieces)


def _pieces(segments: Iterable[Segment]) -> Iterable[Piece]:
    written, spoken = "", ""
    for part in (one for segment in segments for one in _words(segment)):
        ended = (written.endswith(" ") or part.written.startswith(" ")) and (
            spoken.endswith(" ") or part.spoken.startswith(" ")
        )
        if ended and written.strip() and spoken.strip() and part.written.strip() and part.spoken.strip():
            yield Piece(" ".join(written.split()), " ".join(spoken.split()))
            written, spoken = "", ""
        written, spoken = written + part.written, spoken + part.spoken
    if written.strip() or spoken.strip():
        yield Piece(" ".join(written.split()), " ".join(spoken.split()))


def _words(segment: Segment) -> Iterable[Segment]:
    """Return the words of a stretch one by one if it is read as it is written."""
    if segment.written != segment.spoken:
        return [segment]
    return [Segment.same(word) for word in _WORD.findall(segment.written)]
