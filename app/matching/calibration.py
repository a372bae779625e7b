"""Calibration: a small logistic model of the probability that the classifier's first choice is right."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.matching.decision import Value
from app.matching.index import Scores

Targets = NDArray[np.float64]


class Calibration(Value):
    """Logistic model that never falls as the first score rises.

    `log odds = bias + score * logit(first) + margin * log(first / second)`
    """

    bias: float
    score: float
    margin: float

    def probability(self, first: Scores, second: Scores) -> Scores:
        """Return the probability that the first choice is right, given its score and the runner-up's."""
        log_odds = _design(first, second) @ np.array([self.bias, self.score, self.margin])
        chance: Scores = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30)))
        return chance


CAUTIOUS = Calibration(bias=-1.0, score=0.8, margin=0.5)
"""Start of the fit, and the result for a catalog that is too small to fit one."""

_LEAST = 1e-3
"""Distance from 0 and 1 to which scores are clipped: anything nearer is noise."""

_PULL = 0.01
"""Weight of the prior `CAUTIOUS`, per unit of total weight: stabilises tiny catalogs, has no effect on larger
ones."""


class Top(NamedTuple):
    """Best column of each row, its score, the runner-up's score (0 if there is no other)."""

    column: NDArray[np.intp]
    first: Scores
    second: Scores


def top_two(scores: Scores) -> Top:
    """Return the two best columns of each row; ties go to the column that comes first."""
    rows = np.arange(len(scores))
    column = scores.argmax(axis=1)
    rest = scores.copy()
    rest[rows, column] = -np.inf
    second = np.maximum(rest.max(axis=1), 0.0)
    return Top(column, scores[rows, column], second)


def fit_calibration(top: Top, right: Targets, weights: Targets) -> Calibration:
    """Fit by weighted maximum likelihood, prior `CAUTIOUS`; `right` is 1 if the first choice is right.

    Newton's method; slopes are clipped at zero, so that a better score never lowers the probability.
    """
    design = _design(top.first, top.second)
    prior = np.array([CAUTIOUS.bias, CAUTIOUS.score, CAUTIOUS.margin])
    share = weights / weights.sum()
    theta: Targets = prior.copy()
    for _ in range(50):
        step = _newton_step(design, right, share, theta=theta, prior=prior)
        theta = np.maximum(theta - step, [-np.inf, 0.0, 0.0]).astype(np.float64)
        if np.abs(step).max() < 1e-10:
            break
    return Calibration(bias=float(theta[0]), score=float(theta[1]), margin=float(theta[2]))


def _design(first: Scores, second: Scores) -> Scores:
    best, next_ = np.clip(first, _LEAST, 1 - _LEAST), np.clip(second, _LEAST, 1 - _LEAST)
    columns: Scores = np.stack([np.ones(len(best)), np.log(best / (1 - best)), np.log(best / next_)], axis=1)
    return columns


def _newton_step(design: Scores, right: Targets, share: Targets, *, theta: Targets, prior: Targets) -> Targets:
    chance = 1.0 / (1.0 + np.exp(-np.clip(design @ theta, -30, 30)))
    pull = _PULL * np.diag([0.01, 0.1, 0.1])
    slope = design.T @ (share * (chance - right)) + pull @ (theta - prior)
    curve = (design * (share * chance * (1 - chance))[:, None]).T @ design + pull
    step = np.linalg.solve(curve + 1e-9 * np.eye(3), slope).astype(np.float64)
    size = float(np.abs(step).max())
    return step * min(1.0, 2.0 / size) if size > 0 else step
