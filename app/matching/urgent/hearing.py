"""Hearing of need: a question is cut into clauses, spelled in one way, and read by the grammar."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import DamerauLevenshtein

from app.matching.urgent.grammar import Grammar, Need, everyday_words, languages, short_forms
from app.text import remembers_texts

MOST_CHARS = 2000
"""Characters of a question that are heard: the protocol's limit for a visitor's text."""

MOST_WORDS = 60
"""Words of a clause that are read together: what has no stops is cut."""

_STOPS = re.compile(r"[.!?;:,\n\r…–—()\"“”„«»|/。！？，]+|\s-+\s")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_WORD = re.compile(r"[\w']+")
_ENDING = re.compile(r"(?:n't|'(?:s|m|re|ve|ll|d))$")

_LEAST_MENDED = 5
"""Letters from which a word is mended; in one with a letter less, two neighbours may be swapped."""

_TWO_SLIPS_FROM = 8
"""Letters from which a word may have two slips."""


@dataclass(frozen=True, slots=True)
class _Ears:
    """Grammar and words of need; made at the first question, as most commands hear none."""

    grammar: Grammar
    short_forms: Mapping[str, tuple[str, ...]]
    endings: Mapping[str, tuple[str, ...]]
    vocabulary: frozenset[str]
    everyday: frozenset[str]
    nearby: Mapping[str, Sequence[str]]


@cache
def _ears() -> _Ears:
    grammar, (short, endings) = Grammar(languages()), short_forms()
    vocabulary = grammar.vocabulary | frozenset(word for full in short.values() for word in full)
    return _Ears(grammar, short, endings, vocabulary, everyday_words(), _nearby(grammar))


@dataclass(frozen=True, slots=True)
class Clause:
    """Clause of a question: its words in one spelling, and whether an exclamation mark ends it."""

    words: str
    shouted: bool = False


def hear(said: Iterable[Clause]) -> Need | None:
    """Return the need that a question tells of, whatever else it says.

    A clause that says what is wrong goes before one that only calls for help.
    """
    heard = (_ears().grammar.hear(one.words, shouted=one.shouted) for one in said)
    return min((need for need in heard if need), key=lambda need: need.kind == "call", default=None)


def clauses(text: str, known: frozenset[str] = frozenset()) -> tuple[Clause, ...]:
    """Return the clauses of a text, in full words, slips mended; `known` words are none."""
    return tuple(_clauses(text, known))


def own_words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of a catalog's texts that are no slips, whatever they look like."""
    listed = frozenset(word for text in texts for word in _WORD.findall(_plain(text)))
    return frozenset(word for word in listed if "'" not in word and word not in _ears().short_forms)


def _clauses(text: str, known: frozenset[str]) -> Iterator[Clause]:
    plain, start = _plain(text[:MOST_CHARS]), 0
    for stop in _STOPS.finditer(plain):
        yield from _read(plain[start : stop.start()], known, shouted=not {"!", "！"}.isdisjoint(stop.group()))
        start = stop.end()
    yield from _read(plain[start:], known, shouted=False)


def _plain(text: str) -> str:
    folded = text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return folded.translate(_APOSTROPHES).translate(_UMLAUTS)


def _read(text: str, known: frozenset[str], *, shouted: bool) -> Iterator[Clause]:
    typed = _WORD.findall(text)
    spoken = _language(typed)
    words = [full for word in typed for full in ((word,) if word in known else _in_full(word, spoken))]
    for start in range(0, len(words), MOST_WORDS):
        said = " ".join(words[start : start + MOST_WORDS])
        yield Clause(said, shouted)
        if "im " in said:  # German for “in the”, or English without its apostrophe
            yield Clause(re.sub(r"\bim\b", "i am", said), shouted)


def _language(typed: Iterable[str]) -> int:
    """Return the number of the language that most of the words are of, the first one in doubt."""
    counts = [sum(word in own for word in typed) for own in _ears().grammar.vocabularies]
    return counts.index(max(counts))


@remembers_texts(most=8192)
def _in_full(word: str, spoken: int) -> tuple[str, ...]:
    """Return a word as the grammar spells it: short forms in full, slips mended, in the language that is spoken."""
    if short := _ears().short_forms.get(word):
        return short
    if "'" in word:
        ending = _ENDING.search(word)
        bare = word[: ending.start()] if ending else word.replace("'", "")
        return (*_in_full(bare, spoken), *(_ears().endings[ending.group()] if ending else ()))
    return (word if word in _ears().vocabulary or word in _ears().everyday else _mended(word, spoken),)


def _mended(word: str, spoken: int) -> str:
    """Return the word of need that was mistyped as this one, rather one of the language; any other word as it is."""
    if len(word) < _LEAST_MENDED - 1 or not word.isalpha():
        return word
    meant = {one for short in _shortened(word) for one in _ears().nearby.get(short, ())}
    own = _ears().grammar.vocabularies[spoken]
    slips = [(DamerauLevenshtein.distance(word, one), one not in own, one) for one in meant if _is_slip(word, one)]
    return min(slips, default=(0, False, word))[-1]


def _is_slip(typed: str, meant: str) -> bool:
    if typed[0] != meant[0] and typed[:2] != meant[1::-1]:
        return False
    slips, least = DamerauLevenshtein.distance(typed, meant), min(len(typed), len(meant))
    if least < _LEAST_MENDED:
        return slips == 1 and sorted(typed) == sorted(meant)
    return slips <= (1 if least < _TWO_SLIPS_FROM else 2)


def _shortened(word: str) -> set[str]:
    """Return the word without one letter, and a long one without two: what two spellings of it have in common."""
    once = {word} | _without_one(word)
    return once if len(word) < _TWO_SLIPS_FROM else once.union(*map(_without_one, once))


def _without_one(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def _nearby(grammar: Grammar) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in sorted(grammar.worth_mending):
        if len(word) >= _LEAST_MENDED - 1 and word.isalpha():
            for short in _shortened(word):
                found.setdefault(short, []).append(word)
    return found
