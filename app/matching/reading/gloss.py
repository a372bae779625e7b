"""Gloss: a text word by word in English, so that one set of word lists and forms serves several languages.

Guards, follow-ups, replies and need are told by English words and the order they stand in. A table for each language
says what its words and phrases mean in these terms; all other words stay as they are. The longest phrase counts. A
missing word costs a check or an answer, never a wrong reading of another word.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from app.matching.normalise import normalise, words
from app.matching.word_classes import MEMBERS
from app.matching.word_lists import FUNCTION_WORDS, NEGATIONS, NUMBER_WORDS, OPPOSITES
from app.text import remembers_texts

WHOLLY = frozenset({"es", "fr", "it"})
"""Languages of which the table has all that is needed; German has word lists of its own."""

_ELIDING = frozenset({"fr", "it"})
_NOTHING, _START = "-", "^"
_STOPS = re.compile(r"([.!?;:,\n\r…–—()\"“”„«»¿¡]+)")
_MOST_CHARS = 2000
"""Longest text that is read: the protocol's limit for a visitor's text."""
_ENGLISH = FUNCTION_WORDS.union(NEGATIONS, NUMBER_WORDS, MEMBERS, *(left | right for left, right in OPPOSITES))
"""Words that mean something to the guards, which a foreign word of the same letters must not."""
_ARTICLES = frozenset({"a", "the"})
"""English articles that are words of other languages too."""

_Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """Glosses of one language, by the words they stand for."""

    anywhere: Mapping[_Phrase, _Phrase]
    at_start: Mapping[_Phrase, _Phrase]
    longest: int


def language_of(locale: str) -> str:
    """Return the language of a locale's tag."""
    return locale.lower().partition("-")[0]


def glossed(text: str, locale: str) -> str:
    """Return a normalised text in English, word by word; as it is if it is English, or its language has no table."""
    return _glossed(text, language_of(locale))


def in_english(text: str, locale: str) -> str:
    """Return a normalised text as `glossed`, if its language has no word lists of its own."""
    language = language_of(locale)
    return _glossed(text, language) if language in WHOLLY else text


def clauses_in_english(text: str, locale: str) -> str:
    """Return a text as it was typed with each of its clauses `in_english`; words that are not in the table are marked.

    Marked words are none of the language that they happen to look like, nor slips of its words.
    """
    language = language_of(locale)
    if language not in WHOLLY:
        return text
    parts = _STOPS.split(text[:_MOST_CHARS])
    return "".join(part if _STOPS.fullmatch(part) else " ".join(_glosses(part, language)) for part in parts)


@remembers_texts(most=1 << 14)
def _glossed(text: str, language: str) -> str:
    table = _table(language)
    if table is None:
        return text
    told = tuple(_told(table, text, language))
    if language in WHOLLY and _is_english(told):
        return text
    return " ".join(word for said, means in told for word in ((_own(said[0], language),) if means is None else means))


def _is_english(told: Sequence[tuple[_Phrase, _Phrase | None]]) -> bool:
    """Return whether a text is in English or German, whatever its session is in: such words outweigh the table's.

    Words of both languages ("no", "me") count for the table alone where only one word speaks against it.
    """
    known = [word for said, means in told if means is not None for word in said]
    strange = sum(said[0] in _ENGLISH for said, means in told if means is None)
    shared = _ARTICLES if strange == 1 else _ENGLISH
    return strange > sum(word not in shared for word in known)


def _glosses(part: str, language: str) -> Iterator[str]:
    """Yield the words of a clause as typed: those in the table in English, the others marked."""
    table = _table(language)
    for said, means in _told(table, normalise(part), language) if table else ():
        yield from (said[0].replace("'", "") + f"_{language}",) if means is None else means


def _told(table: _Table, text: str, language: str) -> Iterator[tuple[_Phrase, _Phrase | None]]:
    """Yield the phrases of a text with their English words, and each word that the table does not have with None."""
    spoken, at = _words(text, language), 0
    while at < len(spoken):
        count, means = _longest(table, spoken, at)
        yield (spoken[at : at + count], means) if count else (spoken[at : at + 1], None)
        at += count or 1


def _longest(table: _Table, spoken: _Phrase, at: int) -> tuple[int, _Phrase]:
    for count in range(min(table.longest, len(spoken) - at), 0, -1):
        phrase = spoken[at : at + count]
        means = table.at_start.get(phrase) if at == 0 else None
        means = table.anywhere.get(phrase) if means is None else means
        if means is not None:
            return count, means
    return 0, ()


def _own(word: str, language: str) -> str:
    """Return a word that is not in the table: marked where it looks like an English one."""
    return f"{word}_{language}" if language in WHOLLY and word in _ENGLISH else word


def _words(text: str, language: str) -> _Phrase:
    return words(text.replace("'", "' ") if language in _ELIDING else text)


@cache
def _table(language: str) -> _Table | None:
    file = files("app.matching").joinpath(f"data/gloss_{language}.txt")
    if not language.isalpha() or not file.is_file():
        return None
    anywhere: dict[_Phrase, _Phrase] = {}
    at_start: dict[_Phrase, _Phrase] = {}
    for line in file.read_text("utf-8").splitlines():
        meaning, found, listed = line.partition(" = ")
        if not found or line.startswith("#"):
            continue
        means = () if meaning == _NOTHING else words(meaning)
        for each in listed.split(", "):
            phrase = _words(normalise(each.removeprefix(_START)), language)
            (at_start if each.startswith(_START) else anywhere).setdefault(phrase, means)
    for table in (anywhere, at_start):
        for phrase, means in list(table.items()):
            table.setdefault(_plain(phrase), means)  # as many type it
    return _Table(anywhere, at_start, max(map(len, (*anywhere, *at_start))))


def _plain(phrase: _Phrase) -> _Phrase:
    """Return the words without their accents."""
    return tuple(
        "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)) for word in phrase
    )
