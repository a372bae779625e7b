"""Exact search: every phrase's vector in one matrix, scored per intent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.matching.lexical import LexicalPhrase
from app.matching.ports import Vectors

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A phrase near the question and how near: cosine of -1 to 1."""

    phrase: LexicalPhrase
    cosine: float


class PhraseIndex:
    """Unit vectors of the phrases, and of the phrases that must never reach an intent.

    Phrases come in canonical order, so that those of one intent lie together.
    """

    def __init__(self, phrases: Sequence[LexicalPhrase], vectors: Vectors) -> None:
        """Keep `vectors`, one row of length 1 a phrase."""
        self.phrases = tuple(phrases)
        self.vectors = vectors
        self.intents = tuple(dict.fromkeys(phrase.intent for phrase in self.phrases))
        self.owners = self.columns([phrase.intent for phrase in self.phrases])
        self._starts = np.searchsorted(self.owners, np.arange(len(self.intents)))
        self._masks = {locale: self._mask(locale) for locale in sorted({one.locale for one in self.phrases})}

    def columns(self, intents: Sequence[str]) -> NDArray[np.intp]:
        """Where each of these intents stands in `intents`."""
        column = {intent: at for at, intent in enumerate(self.intents)}
        return np.array([column[intent] for intent in intents], dtype=np.intp)

    def cosines(self, question: Vectors, *, locale: str | None = None) -> Scores:
        """The question's cosine to every phrase; phrases of other locales count only where an intent has none of it."""
        cosines = (self.vectors @ question).astype(np.float64)
        mask = self._masks.get(locale) if locale else None
        return cosines if mask is None else np.where(mask, cosines, -1.0)

    def per_intent(self, cosines: Scores) -> Scores:
        """The best cosine of each intent, in the order of `intents`; empty without phrases."""
        return np.maximum.reduceat(cosines, self._starts) if len(self.intents) else np.zeros(0)

    def nearest(self, cosines: Scores, intent: str) -> tuple[Neighbour, ...]:
        """The intent's phrases, nearest first; empty for an intent that has none."""
        if intent not in self.intents:
            return ()
        rows = np.flatnonzero(self.owners == self.intents.index(intent))
        order = rows[np.argsort(-cosines[rows], kind="stable")]
        return tuple(Neighbour(self.phrases[row], float(cosines[row])) for row in order)

    def _mask(self, locale: str) -> NDArray[np.bool_]:
        local = np.array([phrase.locale == locale for phrase in self.phrases])
        covered = np.zeros(len(self.intents), dtype=bool)
        covered[self.owners[local]] = True
        counting: NDArray[np.bool_] = local | ~covered[self.owners]
        return counting
