"""Coverage of questions by groups of one meaning, judged on questions that did not rank the groups.

A log shows its own most asked groups at their luckiest: whoever ranks and counts with the same questions promises too
much, above all for rare ones. So each draw splits the questions in two, ranks groups by one half, and counts in the
other. A group that only the second half knows is not covered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHARES: Final = (0.5, 0.7, 0.9)
"""Shares of the questions whose number of groups is told."""

DRAWS: Final = 200
_BETWEEN: Final = (5.0, 50.0, 95.0)
"""Percentiles over the draws: a 90 % interval, and the middle."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reach:
    """Number of groups that cover a share of the questions, with a 90 % interval; None: no number of them does."""

    share: float
    groups: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class CoveredShare:
    """Share of the questions that the most asked groups cover, with a 90 % interval."""

    groups: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage of a log. `once` is the share of its questions whose meaning came once only."""

    questions: int
    groups: int
    once: float
    reaches: tuple[Reach, ...]
    curve: tuple[CoveredShare, ...]


def coverage(counts: Sequence[int], *, shares: Sequence[float] = SHARES, draws: int = DRAWS, seed: int = 1) -> Coverage:
    """Return how many groups, the most asked first, cover how much; `counts` has the questions of each group."""
    asked = np.asarray(counts, dtype=np.int64)
    total = int(asked.sum())
    if not total:
        return Coverage(0, 0, 0.0, tuple(Reach(share, None, None, None) for share in shares), ())
    curves = held_out_curves(asked, asked, draws=draws, seed=seed)
    places = _marks(len(asked))
    low, middle, high = np.percentile(curves[:, [place - 1 for place in places]], _BETWEEN, axis=0)
    return Coverage(
        questions=total,
        groups=len(asked),
        once=float((asked == 1).sum() / total),
        reaches=tuple(_reach(curves, share) for share in shares),
        curve=tuple(
            CoveredShare(groups, round(float(value), 4), round(float(least), 4), round(float(most), 4))
            for groups, value, least, most in zip(places, middle, low, high, strict=True)
        ),
    )


def held_out_curves(asked: Counts, worth: Counts, *, draws: int, seed: int) -> NDArray[np.float64]:
    """Return a curve a draw, by number of groups: the share of the second half's questions that lie in them.

    `worth` has the questions of each group that count; the share is of all `asked`.
    """
    generator = np.random.default_rng(seed)
    curves = np.empty((draws, len(asked)))
    for draw in range(draws):
        first = generator.binomial(worth, 0.5)
        second = worth - first
        order = np.lexsort((np.arange(len(worth)), -first))
        covered = np.where(first[order] > 0, second[order], 0)
        others = generator.binomial(asked - worth, 0.5)
        whole = int(second.sum() + others.sum())
        curves[draw] = covered.cumsum() / max(1, whole)
    return curves


def _reach(curves: NDArray[np.float64], share: float) -> Reach:
    """Count the groups until each draw's curve gets there; a draw that never does counts as endless."""
    reached = curves >= share
    needed = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1.0, np.inf)
    low, middle, high = np.percentile(needed, _BETWEEN, method="higher")
    return Reach(share, *(None if np.isinf(value) else int(value) for value in (middle, low, high)))


def _marks(groups: int) -> list[int]:
    """Return the numbers of groups with a point on the curve: 1, 2, 5, 10, 20, 50 and so on, and all."""
    steps = [base * 10**power for power in range(6) for base in (1, 2, 5)]
    return [step for step in steps if step < groups] + [groups]
