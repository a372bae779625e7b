"""Labels: plays that somebody judged, and the correction of the probabilities that they teach, with caution."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from app.matching.calibration import Calibration, Targets
from app.matching.index import Scores
from app.matching.mix.trials import Pair

LabelSource = Literal["author", "rating", "chips"]
"""Author's yes or no to a play drawn at random; visitor's thumb; chip that was chosen, or chips that were ignored."""

CAUTION = 1.4
"""Standard deviations taken off the log odds, by the correction's own covariance. With 1.2, 2 of 320 runs of the
benchmark played over 3 % wrong at a promise of 2 %, at 91 % of hindsight's right clips; with 1.4 one did (3.1 %), at
89 %; with 1.5 none, at 87 %."""

_PRIOR = np.array([0.0, 1.0])
_STRENGTH = np.diag([0.5, 5.0])
"""Prior of offset and slope (probabilities as they are), and its weight in labels."""

_LEAST_SLOPE = 0.2


@dataclass(frozen=True, slots=True)
class PlayLabel:
    """One judged first candidate: the classifier's two best scores, and whether it was right."""

    first: float
    second: float
    right: bool
    source: LabelSource = "author"


@dataclass(frozen=True, slots=True)
class Correction:
    """Offset and slope of the log odds, with their covariance."""

    offset: float
    slope: float
    covariance: Targets

    @classmethod
    def fit(cls, gate: Calibration, labels: Sequence[PlayLabel]) -> Self:
        """Fit by damped Newton steps to what was right and wrong, with a prior."""
        pairs = Pair.of([(one.first, one.second) for one in labels])
        design, right = _design(pairs.chance(gate)), np.array([one.right for one in labels], dtype=np.float64)
        theta: Targets = _PRIOR.copy()
        for _ in range(100):
            chance = _odds_to_chance(design @ theta)
            slope = design.T @ (chance - right) + _STRENGTH @ (theta - _PRIOR)
            step = np.linalg.solve(_curvature(design, chance), slope)
            size = float(np.abs(step).max())
            theta = np.maximum(theta - step * min(1.0, 1.0 / max(size, 1e-12)), [-np.inf, _LEAST_SLOPE])
            if size < 1e-9:
                break
        covariance = np.linalg.inv(_curvature(design, _odds_to_chance(design @ theta)))
        return cls(float(theta[0]), float(theta[1]), covariance.astype(np.float64))

    def cautious(self, chance: Scores) -> Scores:
        """Return corrected probabilities, `CAUTION` standard deviations lower than they seem."""
        design = _design(chance)
        spread = np.sqrt(np.einsum("ij,jk,ik->i", design, self.covariance, design))
        return _odds_to_chance(design @ np.array([self.offset, self.slope]) - CAUTION * spread)

    def gate(self, gate: Calibration) -> Calibration:
        """Return a calibration with the correction in it, without the caution."""
        return Calibration(
            bias=self.offset + self.slope * gate.bias, score=self.slope * gate.score, margin=self.slope * gate.margin
        )

    def chance(self, chance: Scores) -> Scores:
        """Return corrected probabilities."""
        return _odds_to_chance(_design(chance) @ np.array([self.offset, self.slope]))


def _design(chance: Scores) -> Scores:
    inside = np.clip(chance, 1e-6, 1 - 1e-6)
    columns: Scores = np.stack([np.ones(len(inside)), np.log(inside / (1 - inside))], axis=1)
    return columns


def _odds_to_chance(log_odds: Scores) -> Scores:
    chance: Scores = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30)))
    return chance


def _curvature(design: Scores, chance: Scores) -> Targets:
    curve: Targets = (design * (chance * (1 - chance))[:, None]).T @ design + _STRENGTH
    return curve
