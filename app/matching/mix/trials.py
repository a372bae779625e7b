"""Trials of a mix: the held-out questions with their scores, and how the traffic's scores compare with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.matching.calibration import Calibration, Targets, Top, fit_calibration
from app.matching.embedding_stage import EmbeddingResult, EmbeddingStage
from app.matching.fit.held_out import held_out, held_questions
from app.matching.fit.thresholds import FAR, NEAR, NEAR_AT, anything
from app.matching.index import Scores
from app.matching.policy import Fitted
from app.matching.prepared_catalog import Prepared
from app.matching.wilson_interval import Z95, Share

NEAR_REST = 0.7
"""Share of the unanswerable questions that is taken to be near the topic: people ask a museum about museums."""

ENOUGH_QUESTIONS = 50
"""Fewest questions that say something; 400 say hardly more."""

LEAST_ANSWERABLE, MOST_ANSWERABLE = 0.02, 1.0
"""Bounds of the estimate."""

_GROUPS = ("phrase", "near topic", "off topic")

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pair:
    """Classifier's scores of questions: the first candidate's and the runner-up's, one entry a question."""

    first: Scores
    second: Scores

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, float]]) -> Self:
        """Return the scores of these questions."""
        read = np.array(pairs, dtype=np.float64).reshape(-1, 2)
        return cls(read[:, 0], read[:, 1])

    def chance(self, gate: Calibration) -> Scores:
        """Return the probability that each first candidate is right."""
        return gate.probability(self.first, self.second)


@dataclass(frozen=True, slots=True)
class MixTrials:
    """Held-out questions: the group of each by number, its scores, and what plays without thresholds."""

    group: NDArray[np.intp]
    pair: Pair
    right: Targets
    """1 if the first candidate is the one that is meant."""
    stopped: Mask
    """True where a guard or a near miss keeps the first candidate from playing."""

    @classmethod
    def of(cls, prepared: Prepared, fitted: Fitted) -> Self | None:
        """Ask every held-out question once more; blocking for as long as a fit. None for a catalog without phrases."""
        if prepared.material is None:
            return None
        limits = anything(fitted.thresholds.margin)
        judge = EmbeddingStage(prepared=prepared, calibration=fitted.gate, thresholds=limits, closed=frozenset())
        rows = []
        for held in held_questions(prepared, held_out(prepared, prepared.material)):
            if held.group not in _GROUPS:
                continue
            found = held.weighed(judge)
            meant = held.asked.intent if held.group == "phrase" else None
            rows.append((_GROUPS.index(held.group), *_scores(found), *_ruled(found, meant)))
        read = np.array(rows, dtype=np.float64)
        return cls(read[:, 0].astype(np.intp), Pair(read[:, 1], read[:, 2]), read[:, 3], read[:, 4] > 0)

    def to_bytes(self) -> bytes:
        """Return bytes that `from_bytes` reads."""
        content = BytesIO()
        np.save(content, np.stack([self.group, self.pair.first, self.pair.second, self.right, self.stopped]))
        return content.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote; raises ValueError or EOFError for anything else."""
        group, first, second, right, stopped = np.load(BytesIO(content), allow_pickle=False)
        return cls(group.astype(np.intp), Pair(first, second), right, stopped > 0)

    def weights(self, answerable: float) -> Scores:
        """Return each trial's share of all questions when this share of them has an answer."""
        rest = 1 - answerable
        return self._weighed((answerable, rest * NEAR_REST, rest * (1 - NEAR_REST)))

    def assumed(self, *, intents: int) -> Scores:
        """Return each trial's share in the mix that the fit assumes."""
        near = min(NEAR, NEAR * (NEAR_AT / max(1, intents)) ** 0.5)
        return self._weighed((1 - near - FAR, near, FAR))

    def gate(self, weights: Scores) -> Calibration:
        """Fit the calibration for these shares."""
        column = np.zeros(len(self.right), dtype=np.intp)
        return fit_calibration(Top(column, self.pair.first, self.pair.second), self.right, weights)

    def chance(self, gate: Calibration) -> Scores:
        """Return each trial's probability to play right; 0 if a guard stops it."""
        return np.where(self.stopped, 0.0, self.pair.chance(gate))

    def _weighed(self, shares: tuple[float, float, float]) -> Scores:
        counts = np.maximum(1, np.bincount(self.group, minlength=3))
        each: Scores = np.array(shares)[self.group] / counts[self.group]
        return each


def _scores(found: EmbeddingResult) -> tuple[float, float]:
    """Return the two best scores of a result; 0 where there is no candidate."""
    heads = [one.head or 0.0 for one in found.candidates[:2]]
    return (heads[0] if heads else 0.0), (heads[1] if len(heads) > 1 else 0.0)


def _ruled(found: EmbeddingResult, meant: str | None) -> tuple[float, float]:
    first = found.candidates[0].intent if found.candidates else None
    return float(first is not None and first == meant), float(found.ruling.outcome != "answer")


@dataclass(frozen=True, slots=True)
class TrafficEstimate:
    """Estimated share of questions that have an answer, of those that reached the meaning stage."""

    answerable: Share
    questions: int


def estimate(trials: MixTrials, gate: Calibration, traffic: Pair) -> TrafficEstimate | None:
    """Compare the traffic's mean probability with that of the held-out phrases; None from too few questions.

    Crude, and better than subtler ways that were tried: unanswerable questions lend the share some probability, real
    ones score lower than phrases do, and the two errors cancel. The interval counts the questions alone, not that.
    """
    if len(traffic.first) < ENOUGH_QUESTIONS:
        return None
    phrases = trials.pair.chance(gate)[trials.group == 0]
    asked = traffic.chance(gate)
    scale = max(float(phrases.mean()), 1e-6)
    half = Z95 * float(asked.std()) / np.sqrt(len(asked)) / scale
    share = float(asked.mean()) / scale
    low, value, high = (min(MOST_ANSWERABLE, max(LEAST_ANSWERABLE, one)) for one in (share - half, share, share + half))
    return TrafficEstimate(Share(value=value, low=low, high=high), len(asked))
