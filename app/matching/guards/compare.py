"""Which phrases of an intent a question is held against: those that are otherwise about the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.matching.index import Neighbour
from app.matching.normalise import words
from app.matching.word_classes import CLASSES, MEMBERS
from app.matching.word_lists import FUNCTION_WORDS, NEGATIONS, NUMBER_WORDS, OPPOSITES, word_list

NEARBY = 0.15
"""Phrases of the intent within this cosine of its nearest one are compared too: any of them may vouch."""

SAME_MATTER = 0.5
"""A phrase that shares this part of its content words with the question is about the same."""

_ENDINGS = ("ing", "ed", "es", "s", "e", "n", "en")

_LIGHT = (
    NEGATIONS
    | frozenset(NUMBER_WORDS)
    | word_list(
        "on off in out up down with without before after more less fewer first last maximum most minimum least all "
        "every always above over below under until since am pm an ab ein aus auf zu mit ohne vor nach über unter"
    )
)
"""Words that two texts may share and be about quite different things."""

_REVERSED = NEGATIONS.union(NUMBER_WORDS, *(left | right for left, right in OPPOSITES), *CLASSES.values())
"""Words that a minimal change turns: where two texts differ in them, they may still be about the same."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A question beside an intent's phrases, nearest first."""

    question: str
    near: tuple[str, ...]
    """Phrases near by that are about the same: the question may be one of them, turned."""
    kin: tuple[str, ...]
    """All phrases that are about the same, however far, or all there are when none is: what they say is allowed."""
    every: tuple[str, ...]
    written: tuple[str, ...]
    """`near` as the author wrote it, where capitals mean a name: not in German."""


def compare(question: str, phrases: Sequence[Neighbour]) -> Compared:
    """Choose the phrases that are about the same as the question; expects at least one."""
    close = [one.phrase for one in phrases if one.cosine >= phrases[0].cosine - NEARBY]
    near = [
        phrase
        for phrase in close
        if shared(question, phrase.text) >= SAME_MATTER or _but_one(words(question), words(phrase.text))
    ]
    texts = {phrase.text for phrase in near}
    every = tuple(one.phrase.text for one in phrases)
    return Compared(
        question,
        near=tuple(phrase.text for phrase in near),
        kin=tuple(text for text in every if text in texts or _related(question, text)) or every,
        every=every,
        written=tuple(phrase.original for phrase in near if not phrase.locale.startswith("de")),
    )


def shared(question: str, phrase: str) -> float:
    """The share of content words that two texts have in common, of the text that has fewer; 1 where one has none.

    Words that a minimal change turns (days, opposites, numbers) count where they agree, and not where they differ.
    """
    mine, theirs = _heavy(question), _heavy(phrase)
    common = mine & theirs
    least = min(len(common | content(question)), len(common | content(phrase)))
    return len(common) / least if least else 1.0


def content(text: str) -> frozenset[str]:
    """The stems of the words that say what a text is about, whatever it says about it."""
    return frozenset(stem(word) for word in _telling(text) if not _REVERSED & {word, word.removesuffix("s")})


def _heavy(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in _telling(text) if word not in _LIGHT)


def _telling(text: str) -> list[str]:
    spoken = (word for word in words(text) if word not in FUNCTION_WORDS)
    return [word for word in spoken if word.isalpha() or not any(char.isdigit() for char in word)]


def _related(question: str, phrase: str) -> bool:
    mine, theirs = content(question), content(phrase)
    common = mine & theirs if mine and theirs else _heavy(question) & _heavy(phrase)
    return bool(common) and shared(question, phrase) >= SAME_MATTER


def _but_one(question: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether a single word stands where the phrase has another."""
    return len(question) == len(phrase) and sum(a != b for a, b in zip(question, phrase, strict=True)) == 1


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """The word without a common ending."""
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) > 2), "")
    return word.removesuffix(ending)


def is_known(word: str) -> bool:
    """Whether a closed set lists the word."""
    return bool(MEMBERS & {word, word.removesuffix("s")})
