"""Words of a text as they are compared: in small letters, without marks, numbers in digits."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.catalog.model import Avatar
from app.catalog.spoken.form import SpokenForm, without_phonemes
from app.rendering.media.hearing.number_words import Run, is_figure, runs_of
from app.rendering.media.hearing.vocabulary import CURRENCIES, VOCABULARIES

_TOKEN = re.compile(r"\d+[.,]\d+|\w+|[,;:.!?](?=\s)")
_AMOUNT = re.compile(r"(\d+)\.(\d{1,2})")
_ALWAYS = re.compile(r"(?<![\d.,])24 ?- ?7(?![\d.,]*\d)")
_CURRENCY = "|".join(sorted(CURRENCIES, key=len, reverse=True))
_PRICE = re.compile(rf"(?<![\d.,])(\d+)\.(\d{{2}}) ?(?={_CURRENCY})", re.IGNORECASE)
_TIME = re.compile(r"(?<![\d.,€$£])(?<![€$£] )([01]?\d|2[0-3])\.([0-5]\d)(?!\d|[.,:]\d| ?[%€$£])(?= ?([^\W\d]*))")
_APOSTROPHES = str.maketrans("’‘`´", "''''")


@dataclass(frozen=True, slots=True)
class Word:
    """Word to compare; `is_name` is heard in many ways, `in_fact` belongs to a fact of the catalog.

    `numbers` are those that a figure was written together from, such as 10, 30 and 2 of `ten thirty two guides`.
    """

    text: str
    is_name: bool = False
    in_fact: bool = False
    numbers: tuple[str, ...] = ()

    @property
    def is_figure(self) -> bool:
        """True for a number."""
        return is_figure(self.text)


def heard_words(text: str, language: str, read: Callable[[str], str]) -> tuple[Word, ...]:
    """Return what was heard as words; `read` turns written figures to words."""
    return tuple(Word(run.text, numbers=run.numbers) for run in _canonical(read(_as_read(text, language)), language))


def said_words(
    text: str, language: str, *, form: SpokenForm | None, read: Callable[[str], str], names: Collection[str] = ()
) -> tuple[Word, ...]:
    """Return what is to be said as words; `form` is its reading, `names` are words with a pronunciation of their own.

    A respelled name is compared as it is written, as a recogniser writes it; it, and words with a capital inside a
    sentence, are names. German writes all nouns so: there only those of the catalog's pronunciations are.
    """
    said = text if form is None else " ".join(_sayable(piece.written, piece.spoken, language) for piece in form.pieces)
    named = {run.text for name in names for run in _canonical(name, language)}
    if language != "de":
        named |= {run.text for name in _capitals(said) for run in _canonical(name, language)}
    known = VOCABULARIES[language].dates
    return tuple(
        Word(run.text, run.text in named and run.text not in known and not is_figure(run.text), numbers=run.numbers)
        for run in _canonical(read(_as_read(said, language)), language)
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
    has_figures = any(is_figure(run.text) for run in _canonical(said, language))
    return said if has_figures or any(character.isdigit() for character in written) else _symbols(written, said)


def _symbols(written: str, said: str) -> str:
    """Return the reading of what is no word as it is written, such as an address or an abbreviation."""
    return written if re.fullmatch(r"[\w'’-]+[.,;:!?]*", written) and not written.endswith(".") else said


def _capitals(text: str) -> set[str]:
    """Return words with a capital inside a sentence."""
    words = re.findall(r"[\w'’-]+|[.!?:]+", text)
    return {word for before, word in pairwise(words) if word[:1].isupper() and word != "I" and before[0] not in ".!?:"}


def _as_read(text: str, language: str) -> str:
    """Return a text with times, prices and `24/7` as a normaliser knows them."""
    words = VOCABULARIES[language]

    def timed(found: re.Match[str]) -> str:
        following = found[3].lower()
        is_time = not following or following in words.small or following in words.dates or following in words.hours
        return f"{found[1]}:{found[2]}" if is_time else found[0]

    text = _ALWAYS.sub("24/7", text)
    if language != "en":
        text = _PRICE.sub(r"\1,\2 ", text)
    return _TIME.sub(timed, text)


def _canonical(text: str, language: str) -> tuple[Run, ...]:
    plain = unicodedata.normalize("NFC", text).lower().translate(_APOSTROPHES)
    for pattern, form in VOCABULARIES[language].forms:
        plain = pattern.sub(form, plain)
    tokens = [_point(token) for token in _TOKEN.findall(plain.replace("_", " "))]
    return tuple(_priced(runs_of(tokens, language)))


def _point(token: str) -> str:
    return token.replace(",", ".") if len(token) > 1 else token


def _priced(runs: Sequence[Run]) -> Iterator[Run]:
    """Yield the words with `12.50 euros` as `12 euros 50`, as it is said."""
    cents = ""
    for at, run in enumerate(runs):
        following = runs[at + 1].text if at + 1 < len(runs) else ""
        amount = _AMOUNT.fullmatch(run.text) if following in CURRENCIES else None
        yield Run(amount[1]) if amount else run
        if cents:
            yield Run(cents)
        cents = amount[2].ljust(2, "0") if amount else ""
