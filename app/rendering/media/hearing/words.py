"""Words of a text as they are compared: in small letters, without marks, numbers in digits."""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.catalog.model import Avatar
from app.catalog.spoken.form import SpokenForm, without_phonemes
from app.rendering.media.hearing.number_words import is_figure, with_figures
from app.rendering.media.hearing.vocabulary import VOCABULARIES

_TOKEN = re.compile(r"\d+[.,]\d+|\w+")
_APOSTROPHES = str.maketrans("’‘`´", "''''")


@dataclass(frozen=True, slots=True)
class Word:
    """Word to compare; `is_name` is heard in many ways, `in_fact` belongs to a fact of the catalog."""

    text: str
    is_name: bool = False
    in_fact: bool = False

    @property
    def is_figure(self) -> bool:
        """True for a number."""
        return is_figure(self.text)


def heard_words(text: str, language: str, read: Callable[[str], str]) -> tuple[Word, ...]:
    """Return what was heard as words; `read` turns written figures to words."""
    return tuple(map(Word, _canonical(read(text), language)))


def said_words(
    text: str, language: str, *, form: SpokenForm | None, read: Callable[[str], str], names: Collection[str] = ()
) -> tuple[Word, ...]:
    """Return what is to be said as words; `form` is its reading, `names` are words with a pronunciation of their own.

    A respelled name is compared as it is written, as a recogniser writes it; it, and words with a capital inside a
    sentence, are names. German writes all nouns so: there only those of the catalog's pronunciations are.
    """
    said = text if form is None else " ".join(_sayable(piece.written, piece.spoken, language) for piece in form.pieces)
    named = {one for name in names for one in _canonical(name, language)}
    if language != "de":
        named |= {one for name in _capitals(said) for one in _canonical(name, language)}
    known = VOCABULARIES[language].dates
    return tuple(
        Word(one, is_name=one in named and one not in known and not is_figure(one))
        for one in _canonical(read(said), language)
    )


def with_facts(words: Sequence[Word], facts: Collection[Sequence[Word]]) -> tuple[Word, ...]:
    """Return the words with those marked that are, one after the other, the words of a fact."""
    marked = list(words)
    for fact in facts:
        wanted = [word.text for word in fact]
        for start in range(len(words) - len(wanted) + 1) if wanted else ():
            if [word.text for word in words[start : start + len(wanted)]] == wanted:
                for at in range(start, start + len(wanted)):
                    marked[at] = replace(marked[at], in_fact=True)
    return tuple(marked)


def pronounced(avatar: Avatar) -> frozenset[str]:
    """Return the words that the catalog says how to pronounce."""
    return frozenset(written for table in avatar.pronounce.values() for written in table)


def _sayable(written: str, spoken: str, language: str) -> str:
    """Return a piece's reading where it says a number, else what is written: a respelling is heard as the name."""
    said = without_phonemes(spoken)
    has_figures = any(map(is_figure, _canonical(said, language)))
    return said if has_figures or any(character.isdigit() for character in written) else _symbols(written, said)


def _symbols(written: str, said: str) -> str:
    """Return the reading of what is no word as it is written, such as an address or an abbreviation."""
    return written if re.fullmatch(r"[\w'’-]+[.,;:!?]*", written) and not written.endswith(".") else said


def _capitals(text: str) -> set[str]:
    """Return words with a capital inside a sentence."""
    words = re.findall(r"[\w'’-]+|[.!?:]+", text)
    return {word for before, word in pairwise(words) if word[:1].isupper() and word != "I" and before[0] not in ".!?:"}


def _canonical(text: str, language: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFC", text).lower().translate(_APOSTROPHES)
    for pattern, form in VOCABULARIES[language].forms:
        plain = pattern.sub(form, plain)
    tokens = [token.replace(",", ".") for token in _TOKEN.findall(plain.replace("_", " "))]
    return with_figures(tokens, language)
