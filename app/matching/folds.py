"""Folds of a catalog: a tuned encoder is judged on held-out examples, not on those it was tuned on.

Tuning runs once for use and once per fold. A fold's encoder is tuned without a part of every intent's
phrases, without some intents altogether and without a part of the background. Its vectors are stored, so that
a policy can be fitted on them at any time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.matching.classifier import FOLDS
from app.matching.lexical import LexicalPhrase

Phrase = tuple[str, str]
"""Intent and normalised text of a phrase."""


@dataclass(frozen=True, slots=True)
class FoldAssignment:
    """Fold that holds out each example; an intent's phrases are dealt to the folds that have the intent."""

    phrases: Mapping[Phrase, int]
    intents: Mapping[str, int]
    background: Mapping[str, int]

    @classmethod
    def of(cls, phrases: Sequence[LexicalPhrase], background: Sequence[str]) -> Self:
        """Deal a catalog's phrases, given in canonical order."""
        away = {intent: at % FOLDS for at, intent in enumerate(dict.fromkeys(one.intent for one in phrases))}
        dealt: dict[Phrase, int] = {}
        counts = dict.fromkeys(away, 0)
        for phrase in phrases:
            dealt[phrase.intent, phrase.text] = (away[phrase.intent] + 1 + counts[phrase.intent] % (FOLDS - 1)) % FOLDS
            counts[phrase.intent] += 1
        return cls(dealt, away, {text: at % FOLDS for at, text in enumerate(background)})


@dataclass(frozen=True, slots=True)
class FoldVectors:
    """Vectors of every fold's encoder, and the assignment of examples to folds."""

    assignment: FoldAssignment
    texts: tuple[str, ...]
    vectors: NDArray[np.float16]
    """Shape (folds, texts, dimensions)."""

    def known(self, phrases: Sequence[LexicalPhrase]) -> NDArray[np.bool_]:
        """Return a mask of the phrases that have a fold; phrases written since take no part in trials."""
        return np.array([(one.intent, one.text) in self.assignment.phrases for one in phrases], dtype=np.bool_)

    def covers(self, phrases: Sequence[Phrase]) -> float:
        """Return the share of common phrases of catalog and assignment, of the larger of the two."""
        same = sum(one in self.assignment.phrases for one in phrases)
        return same / max(1, len(phrases), len(self.assignment.phrases))
