"""What a tuned encoder has not seen: it must be judged on that, or it is judged by what it learned by heart.

Tuning happens once for use and once a fold for judging. A fold's encoder is kept from a part of every intent's phrases,
from some intents altogether and from a part of the background; its vectors are kept, so that a policy is fitted on them
whenever it is needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.matching.classifier import FOLDS
from app.matching.lexical import LexicalPhrase

Phrase = tuple[str, str]
"""Intent and normalised text."""


@dataclass(frozen=True, slots=True)
class FoldAssignment:
    """In which fold each thing is left out; an intent's phrases are dealt to the folds that have the intent."""

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
    """The vectors of every fold's encoder, and what each was kept from."""

    assignment: FoldAssignment
    texts: tuple[str, ...]
    vectors: NDArray[np.float16]
    """Shape (folds, texts, dimensions)."""

    def known(self, phrases: Sequence[LexicalPhrase]) -> NDArray[np.bool_]:
        """Which phrases were dealt; those written since take no part in trials."""
        return np.array([(one.intent, one.text) in self.assignment.phrases for one in phrases], dtype=np.bool_)

    def covers(self, phrases: Sequence[Phrase]) -> float:
        """The share of the catalog's phrases and of the dealt ones that are the same, whichever is less."""
        same = sum(one in self.assignment.phrases for one in phrases)
        return same / max(1, len(phrases), len(self.assignment.phrases))
