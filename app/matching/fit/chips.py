"""Threshold of the chips, fitted to a promise of its own on the held-out questions that nothing answers."""

import numpy as np

from app.matching.calibration import Calibration, Targets, top_two
from app.matching.classifier import Trial
from app.matching.index import Scores
from app.matching.policy import MOST_CHIPS

FAR_SHARE = 0.7
"""Share of the background among the held-out questions that nothing answers; the rest are phrases of left-out
intents. Background alone is too soft for real traffic, left-out intents alone are too shy."""

LIKELY = 0.5
"""Threshold above which left-out intents do not raise it: the right intent is as likely as not among the
chips. Where siblings are near they would silence chips that a tenth of the visitors can use (CLINC150)."""

_NEVER = 1.0


def chips_threshold(trial: Trial, calibration: Calibration, *, most_needless: float, likely: float = LIKELY) -> float:
    """Return how likely the right intent must be among the first three, so that they are offered.

    At most `most_needless` of the questions that nothing answers reach it: background and left-out intents
    together or, above `likely`, background alone.
    """
    far = _likely(trial.background_out, calibration)
    near = _likely(trial.intent_out, calibration) if trial.intent_out.shape[1] > 1 else far[:0]
    both = _least(np.concatenate([far, near]), needless_weights(len(far), len(near)), most_needless)
    return min(both, max(likely, _least(far, needless_weights(len(far), 0), most_needless)))


def needless_weights(far: int, near: int) -> Targets:
    """Return a weight for each question that nothing answers: the background first, then left-out intents."""
    share = FAR_SHARE if near else 1.0
    return np.concatenate([np.full(far, share / max(1, far)), np.full(near, (1 - share) / max(1, near))])


def _likely(scores: Scores, calibration: Calibration) -> Scores:
    top = top_two(scores)
    together = np.maximum(-np.sort(-scores, axis=1)[:, :MOST_CHIPS], 0.0).sum(axis=1)
    likely: Scores = np.maximum(together, calibration.probability(top.first, top.second))
    return likely


def _least(likely: Scores, weights: Targets, most: float) -> float:
    """Return the least threshold that at most this share of the weight reaches."""
    order = np.argsort(-likely, kind="stable")
    over = np.flatnonzero(np.cumsum(weights[order]) > most)
    return float(np.nextafter(likely[order[over[0]]], _NEVER)) if len(over) else 0.0
