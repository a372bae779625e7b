"""Frontier of a catalog: what the next dollars buy, in helped questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from app.learning.forecast.coverage import DRAWS, held_out_curves
from app.matching.wilson_interval import Share, wilson

_STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_USUAL_RATE: Final = 0.7
"""Helped share of an intent's own questions where a log has too few to tell: a young catalog's, on the safe side."""
_ENOUGH: Final = 30
_TELLING: Final = 3


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """Group of questions of one meaning, and how the catalog answers them today.

    `price` is what an intent for it would cost to render, for an answer of the catalog's usual length.
    """

    question: str
    locale: str
    asked: int
    wordings: int
    played: int
    chips: int
    intent: str | None
    seconds: float
    price: Decimal
    examples: tuple[str, ...] = ()

    @property
    def helped(self) -> int:
        """Questions that a clip or the right chips answer, as far as the promise holds."""
        return self.played + self.chips

    @property
    def is_missed(self) -> bool:
        """Return whether most of its questions get nothing."""
        return self.helped * 2 < self.asked


@dataclass(frozen=True, slots=True)
class FrontierStep:
    """Step of the frontier: the first `groups` missed groups as new intents, and what is helped then."""

    groups: int
    price: Decimal
    seconds: float
    helped: float
    low: float
    high: float
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frontier:
    """Frontier: today's share, and the steps. `rate` is the share of an intent's own questions that are helped."""

    today: Share
    rate: float
    rate_is_measured: bool
    missed: int
    steps: tuple[FrontierStep, ...]


def frontier(groups: Sequence[AskedGroup], *, budget: Decimal | None = None, draws: int = DRAWS) -> Frontier:
    """Return what new intents for the missed groups bring, the most asked for their price first.

    The gain is counted on questions that did not choose the groups (see `coverage.py`), times the share of its own
    questions that an intent of this catalog gets today.
    """
    total = sum(group.asked for group in groups)
    today = wilson(sum(group.helped for group in groups), total)
    missed = sorted((group for group in groups if group.is_missed), key=_worth)
    rate, measured = _rate(groups)
    numbers = _numbers(missed, budget)
    gains = _gains(missed, total, draws) if missed else np.zeros((draws, 0))
    steps = []
    for number in numbers:
        gain = np.percentile(gains[:, number - 1] * rate, (5, 50, 95))
        chosen = missed[:number]
        steps.append(
            FrontierStep(
                groups=number,
                price=sum((group.price for group in chosen), Decimal(0)),
                seconds=round(sum(group.seconds for group in chosen), 1),
                helped=round(min(1.0, today.value + float(gain[1])), 4),
                low=round(min(1.0, today.low + float(gain[0])), 4),
                high=round(min(1.0, today.high + float(gain[2])), 4),
                questions=tuple(group.question for group in chosen[:20]),
            )
        )
    return Frontier(today, round(rate, 4), measured, len(missed), tuple(steps))


def _worth(group: AskedGroup) -> tuple[float, str]:
    """Sort by questions a dollar; what is free comes by questions alone."""
    return -(group.asked - group.helped) / float(max(group.price, Decimal("0.01"))), group.question


def _rate(groups: Sequence[AskedGroup]) -> tuple[float, bool]:
    """Return the helped share of the groups in which an intent plays.

    A group of one or two wordings is left out: that it plays is why it is looked at.
    """
    known = [group for group in groups if group.intent is not None and group.wordings >= _TELLING]
    asked = sum(group.asked for group in known)
    if asked < _ENOUGH:
        return _USUAL_RATE, False
    return sum(group.helped for group in known) / asked, True


def _gains(missed: Sequence[AskedGroup], total: int, draws: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return for each draw what the first so many missed groups add, in the order of their worth by the first half."""
    worth = np.array([group.asked - group.helped for group in missed], dtype=np.int64)
    asked = worth.copy()
    asked[0] += total - int(worth.sum())  # the other questions count in the whole, in whatever group
    return held_out_curves(asked, worth, draws=draws, seed=2)


def _numbers(missed: Sequence[AskedGroup], budget: Decimal | None) -> tuple[int, ...]:
    """Return how many groups each step takes: round numbers and all, or what the budget buys."""
    if not missed:
        return ()
    if budget is None:
        return (*(step for step in _STEPS if step < len(missed)), len(missed))
    spent, count = Decimal(0), 0
    for group in missed:
        if spent + group.price > budget:
            break
        spent, count = spent + group.price, count + 1
    return (count,) if count else ()
