"""Confusable phrases: those nearer to another intent's phrases than to their own, by the site's encoder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.catalog.model import Catalog
from app.text import wordless

EncodeIn = Callable[[Sequence[str], str], NDArray[np.float32]]
"""Encoder function: texts in a locale to one row of length 1 each."""


@dataclass(frozen=True, slots=True)
class PhrasePair:
    """Phrase (number `at` of its intent's) with the nearest phrase of any other intent, and two cosines.

    `own_cosine` is the cosine to the nearest other phrase of its own intent; -1 where it has none.
    """

    locale: str
    intent: str
    at: int
    phrase: str
    other_intent: str
    other_phrase: str
    cosine: float
    own_cosine: float


@dataclass(frozen=True, slots=True)
class _Phrase:
    intent: str
    at: int
    text: str


def nearest_pairs(catalog: Catalog, encode: EncodeIn) -> tuple[PhrasePair, ...]:
    """Find the nearest phrase of another intent for every phrase, locale by locale.

    Memory grows with the square of a locale's phrases.
    """
    return tuple(pair for locale in catalog.locales for pair in _pairs(_phrases(catalog, locale), locale, encode))


def _phrases(catalog: Catalog, locale: str) -> list[_Phrase]:
    return [
        _Phrase(intent.id, at, text)
        for intent in catalog.intents
        for at, text in enumerate(intent.phrases.get(locale, ()))
        if not wordless(text)
    ]


def _pairs(phrases: list[_Phrase], locale: str, encode: EncodeIn) -> list[PhrasePair]:
    if len({phrase.intent for phrase in phrases}) < 2:
        return []
    vectors = encode([phrase.text for phrase in phrases], locale)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1.0)
    intents = np.array([phrase.intent for phrase in phrases])
    same = intents[:, None] == intents[None, :]
    own = np.where(same, cosines, -1.0).max(axis=1)
    others = np.where(same, -1.0, cosines)
    nearest = others.argmax(axis=1)
    return [
        PhrasePair(
            locale=locale,
            intent=phrase.intent,
            at=phrase.at,
            phrase=phrase.text,
            other_intent=phrases[nearest[row]].intent,
            other_phrase=phrases[nearest[row]].text,
            cosine=float(others[row, nearest[row]]),
            own_cosine=float(own[row]),
        )
        for row, phrase in enumerate(phrases)
    ]
