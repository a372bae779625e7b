"""Dry run: every phrase of the catalog, held out, asked as a question: an estimate for other words.

The trials are those that the thresholds are fitted on; here they go through near misses, policy and guards.
"""

from dataclasses import dataclass, replace

import numpy as np

from app.matching.embedding_stage import EmbeddingResult, EmbeddingStage
from app.matching.fit.held_out import Group, HeldOut, held_out, held_questions
from app.matching.fit.thresholds import FAR, NEAR, NEAR_AT, anything
from app.matching.index import Scores
from app.matching.policy import Fitted
from app.matching.prepared_catalog import Prepared


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """Result of one held-out question."""

    group: Group
    question: str
    meant: str | None
    """The intent it must reach; None for those that must reach nothing."""
    barred: str | None
    """The only intent that a near miss must not reach; None for other questions."""
    first: str | None
    """The intent that would play without thresholds."""
    phrase: str
    """The nearest phrase of that intent."""
    chance: float
    """The probability that `first` is right; 0 if a guard stops it, whatever the threshold."""
    plays: bool
    choices: tuple[str, ...]

    @property
    def right(self) -> bool:
        """True if the first intent is the meant one."""
        return self.first is not None and self.first == self.meant

    @property
    def wrong(self) -> bool:
        """True if a clip plays that must not."""
        return self.plays and not self.right and self.barred in (None, self.first)


def rehearse(prepared: Prepared, fitted: Fitted) -> tuple[DryRunResult, ...]:
    """Ask every held-out question; blocking for as long as a fit. Empty without phrases."""
    if prepared.material is None:
        return ()
    limits = fitted.thresholds
    judge = EmbeddingStage(prepared=prepared, calibration=fitted.gate, thresholds=limits, closed=frozenset())
    open_ = replace(judge, thresholds=anything(limits.margin))
    asked = held_questions(prepared, held_out(prepared, prepared.material))
    return tuple(_rehearsed(held, _weighed(open_, held), _weighed(judge, held)) for held in asked)


def weights(rows: tuple[DryRunResult, ...], *, intents: int) -> Scores:
    """Return each row's share of all questions; 0 for near misses, which are counted apart."""
    near = min(NEAR, NEAR * (NEAR_AT / max(1, intents)) ** 0.5)
    shares: dict[Group, float] = {"phrase": 1 - near - FAR, "near topic": near, "off topic": FAR, "near miss": 0.0}
    counts = {group: sum(one.group == group for one in rows) for group in shares}
    return np.array([shares[one.group] / counts[one.group] for one in rows])


def _rehearsed(held: HeldOut, free: EmbeddingResult, ruled: EmbeddingResult) -> DryRunResult:
    first = free.candidates[0] if free.candidates else None
    return DryRunResult(
        group=held.group,
        question=held.asked.original,
        meant=held.asked.intent if held.group == "phrase" else None,
        barred=held.asked.intent if held.group == "near miss" else None,
        first=first.intent if first else None,
        phrase=first.phrase if first else "",
        chance=free.ruling.probability if free.ruling.outcome == "answer" else 0.0,
        plays=ruled.ruling.outcome == "answer",
        choices=ruled.ruling.choices,
    )


def _weighed(judge: EmbeddingStage, held: HeldOut) -> EmbeddingResult:
    return held.weighed(judge)
