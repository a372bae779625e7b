"""Comparison of a question with an intent's phrases: selects the phrases on the same subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.matching.index import Neighbour
from app.matching.normalise import words
from app.matching.word_classes import CLASSES, MEMBERS
from app.matching.word_lists import FUNCTION_WORDS, NEGATIONS, NUMBER_WORDS, OPPOSITES, word_list

NEARBY = 0.15
"""Cosine below the nearest phrase within which other phrases of the intent are compared too: any may
vouch."""

SAME_MATTER = 0.5
"""Share of content words in common from which a phrase is on the question's subject."""

_ENDINGS = ("ing", "ed", "es", "s", "e", "n", "en")

_LIGHT = (
    NEGATIONS
    | frozenset(NUMBER_WORDS)
    | word_list(
        "on off in out up down with without before after more less fewer first last maximum most minimum least all "
        "every always above over below under until since am pm an ab ein aus auf zu mit ohne vor nach über unter"
    )
)
"""Words that texts on quite different subjects may share."""

_REVERSED = NEGATIONS.union(NUMBER_WORDS, *(left | right for left, right in OPPOSITES), *CLASSES.values())
"""Words that a reversal changes: texts that differ in them may still be on the same subject."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Question and an intent's phrases, nearest first."""

    question: str
    near: tuple[str, ...]
    """Near phrases on the same subject: the question may be the reversal of one of them."""
    kin: tuple[str, ...]
    """All phrases on the same subject, near or far, or all phrases if none is: their words are allowed."""
    every: tuple[str, ...]
    written: tuple[str, ...]
    """`near` as the author wrote it, for languages in which capitals mark names: not German."""
    questions: frozenset[str]
    """Those of `near` that the author ended with a question mark."""


def compare(question: str, phrases: Sequence[Neighbour]) -> Compared:
    """Select the phrases on the question's subject; expects at least one phrase."""
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
        questions=frozenset(phrase.text for phrase in near if phrase.original.rstrip().endswith("?")),
    )


def shared(question: str, phrase: str) -> float:
    """Return the share of common content words, of the text that has fewer; 1 if one has none.

    Words that a reversal changes (days, opposites, numbers) count if they agree, and do not count if they
    differ.
    """
    mine, theirs = _heavy(question), _heavy(phrase)
    common = mine & theirs
    least = min(len(common | content(question)), len(common | content(phrase)))
    return len(common) / least if least else 1.0


def content(text: str) -> frozenset[str]:
    """Return the stems of the words that name the subject of a text."""
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
    """Return whether the two differ in a single word."""
    return len(question) == len(phrase) and sum(a != b for a, b in zip(question, phrase, strict=True)) == 1


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """Return the word without a common ending."""
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) > 2), "")
    return word.removesuffix(ending)


def is_known(word: str) -> bool:
    """Return whether a word class contains the word."""
    return bool(MEMBERS & {word, word.removesuffix("s")})
