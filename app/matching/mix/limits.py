"""Limits of play: the lowest that keep the promise, and what they let play in other mixes of questions."""

import numpy as np

from app.catalog.model import Matching
from app.matching.decision import Value
from app.matching.fit.thresholds import FLOOR
from app.matching.index import Scores
from app.matching.mix.trials import Mask, MixTrials
from app.matching.policy import Fitted
from app.matching.second_look import GreyZone, grey_zone

MIXES = (0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


def play_limits(chance: Scores, right: Scores, wrong: Scores, *, floor: float, matching: Matching) -> GreyZone:
    """Return the lowest limits that keep the promise."""
    if matching.second_look:
        return grey_zone(chance, right, wrong, promise=matching.max_false_hit_rate, floor=floor)
    order = np.argsort(-chance, kind="stable")
    chances, wrongs = chance[order], np.cumsum(wrong[order])
    ends = np.append(chances[1:] < chances[:-1], np.ones(min(1, len(chances)), dtype=np.bool_))
    kept = np.flatnonzero(ends & (chances >= floor) & (wrongs <= matching.max_false_hit_rate))
    return GreyZone(float(chances[kept[-1]]) if len(kept) else 1.0, None)


class MixPoint(Value):
    """Shares of all questions in one mix: with the limits in use, and with limits that follow the mix."""

    answerable: float
    right: float
    wrong: float
    threshold: float
    """Limit that follows the mix."""
    right_followed: float
    wrong_followed: float


def mix_curve(fitted: Fitted, trials: MixTrials, matching: Matching) -> tuple[MixPoint, ...]:
    """Return the points from nearly all answerable to hardly any; milliseconds."""
    return tuple(_point(fitted, trials, matching, share) for share in MIXES)


def _point(fitted: Fitted, trials: MixTrials, matching: Matching, answerable: float) -> MixPoint:
    weights = trials.weights(answerable)
    gate = trials.gate(weights)
    shares = weights * trials.right, weights * (1 - trials.right)
    limit = play_limits(trials.chance(gate), *shares, floor=FLOOR, matching=matching).answer
    right, wrong = _played(trials.chance(fitted.gate) >= fitted.thresholds.answer, shares)
    right_followed, wrong_followed = _played(trials.chance(gate) >= limit, shares)
    return MixPoint(
        answerable=answerable,
        right=right,
        wrong=wrong,
        threshold=limit,
        right_followed=right_followed,
        wrong_followed=wrong_followed,
    )


def _played(plays: Mask, shares: tuple[Scores, Scores]) -> tuple[float, float]:
    return float((plays * shares[0]).sum()), float((plays * shares[1]).sum())
