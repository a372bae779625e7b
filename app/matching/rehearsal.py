"""The catalog's own phrases asked as questions, each held out: what would play for words nobody has written down yet.

The same trials that the thresholds are fitted on, taken through all that a question goes through: near misses, policy
and guards.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.matching.decision import Thresholds
from app.matching.fitting import FAR, NEAR, NEAR_AT, Fitted
from app.matching.head import Trial
from app.matching.index import LEFT_OUT, PhraseIndex, Scores
from app.matching.judge import Judge, Judgement
from app.matching.lexical import LexicalPhrase
from app.matching.ports import Vectors
from app.matching.prepared import Prepared
from app.matching.trying import held_out

Group = Literal["phrase", "near topic", "near miss", "off topic"]
"""A phrase without itself; a phrase without its whole intent; a `not_phrase` without itself; the shipped background."""

_ANYTHING = Thresholds(answer=0.0, margin=-1.0, clarify=1.0, source="to see what comes first")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a held-out question would get."""

    group: Group
    question: str
    meant: str | None
    """The intent it must reach; None for those that must reach nothing."""
    barred: str | None
    """The only intent that a near miss must not reach; what it is for others nobody said."""
    first: str | None
    """The intent that would play if no threshold were in the way."""
    phrase: str
    """The phrase that drew it there."""
    chance: float
    """The probability that `first` is right; 0 when a guard stops it, whatever the threshold."""
    plays: bool
    choices: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether what comes first is what was meant."""
        return self.first is not None and self.first == self.meant

    @property
    def wrong(self) -> bool:
        """Whether a clip plays that must not."""
        return self.plays and not self.right and self.barred in (None, self.first)


def rehearse(prepared: Prepared, fitted: Fitted) -> tuple[Rehearsed, ...]:
    """Hold out and ask; blocking for as long as a fit, nothing without phrases."""
    if prepared.material is None:
        return ()
    stage = _Stage(prepared, fitted)
    return tuple(stage.played(held_out(prepared, prepared.material)))


def weights(rows: tuple[Rehearsed, ...], *, intents: int) -> Scores:
    """What share of all questions each row stands for; near misses stand for none, they are counted apart."""
    near = min(NEAR, NEAR * (NEAR_AT / max(1, intents)) ** 0.5)
    shares: dict[Group, float] = {"phrase": 1 - near - FAR, "near topic": near, "off topic": FAR, "near miss": 0.0}
    counts = {group: sum(one.group == group for one in rows) for group in shares}
    return np.array([shares[one.group] / counts[one.group] for one in rows])


class _Stage:
    """One catalog's judge, with parts of what it knows covered."""

    def __init__(self, prepared: Prepared, fitted: Fitted) -> None:
        self._prepared = prepared
        self._judge = Judge(prepared=prepared, fitted=fitted, closed=frozenset())
        self._open = replace(self._judge, fitted=fitted.model_copy(update={"thresholds": _ANYTHING}))
        self._limits = fitted.thresholds

    def played(self, trial: Trial) -> Iterator[Rehearsed]:
        """Every trial, group by group."""
        index, barred = self._prepared.index, self._prepared.barred
        for at, row in enumerate(trial.rows):
            phrase, vector, owners = index.phrases[row], index.vectors[row], index.owners == index.owners[row]
            yield self._asked("phrase", phrase, vector, heads=trial.phrase_out[at], without=row)
            if len(index.intents) > 1:
                yield self._asked("near topic", phrase, vector, heads=trial.intent_out[at], without=owners)
        for row, phrase in enumerate(barred.phrases):
            yield self._asked("near miss", phrase, barred.vectors[row], heads=trial.barred_out[row], unbarred=row)
        off_topic = self._prepared.beside
        for text, vector, heads in zip(self._prepared.background, off_topic, trial.background_out, strict=True):
            yield self._asked("off topic", LexicalPhrase(text, "", "", text), vector, heads=heads)

    def _asked(
        self,
        group: Group,
        asked: LexicalPhrase,
        vector: Vectors,
        *,
        heads: Scores,
        without: int | NDArray[np.bool_] | None = None,
        unbarred: int | None = None,
    ) -> Rehearsed:
        cosines = _covered(self._prepared.index, vector, without, locale=asked.locale)
        away = _covered(self._prepared.barred, vector, unbarred)
        free = self._open.weigh(asked.text, cosines=cosines, away=away, heads=heads)
        ruled = self._judge.weigh(asked.text, cosines=cosines, away=away, heads=heads)
        first = free.candidates[0] if free.candidates else None
        return Rehearsed(
            group=group,
            question=asked.original,
            meant=asked.intent if group == "phrase" else None,
            barred=asked.intent if group == "near miss" else None,
            first=first.intent if first else None,
            phrase=first.phrase if first else "",
            chance=self._chance(free),
            plays=ruled.ruling.outcome == "answer",
            choices=ruled.ruling.choices,
        )

    def _chance(self, free: Judgement) -> float:
        clear = free.ruling.outcome == "answer" and free.ruling.margin >= self._limits.margin
        return free.ruling.probability if clear else 0.0


def _covered(
    index: PhraseIndex, vector: Vectors, without: int | NDArray[np.bool_] | None, *, locale: str | None = None
) -> Scores:
    cosines = index.cosines(vector, locale=locale)
    if without is not None:
        cosines[np.asarray(without)] = LEFT_OUT
    return cosines
