"""Policy: rules from scores to an outcome, without vectors and without a clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from app.matching.calibration import Calibration
from app.matching.decision import Outcome, Thresholds, Value
from app.matching.wilson_interval import Share

_WORTH_A_CHIP = 0.25
"""Share of the first intent's head score from which another intent is offered as a chip."""

_MOST_CHIPS = 3


@dataclass(frozen=True, slots=True)
class RankedIntent:
    """Scores of one intent for a question; a `closed` one competes but may not be answered today."""

    intent: str
    head: float
    cosine: float
    closed: bool = False


class Fitted(Value):
    """Policy fitted to one catalog with one encoder; slow to fit, so it is stored."""

    taught: str
    """Digest of the catalog's examples, as `taught` returns it."""
    encoder: str
    gate: Calibration
    """Calibration of the scores; `gate` is its name in the JSON of `greenroom eval`."""
    thresholds: Thresholds
    hit_rate: Share
    """Expected share of all questions that get their clip, from the held-out trials."""
    false_hit_rate: Share
    """Expected share of all questions that get a wrong clip; the interval counts the trials as
    independent."""
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return JSON that `from_json` reads."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; raises pydantic's ValidationError for anything else."""
        return cls.model_validate_json(text)


@dataclass(frozen=True, slots=True)
class Ruling:
    """Outcome by the scores alone."""

    outcome: Outcome
    intent: str | None
    choices: tuple[str, ...]
    probability: float
    margin: float


def ranked(standings: Sequence[RankedIntent]) -> tuple[RankedIntent, ...]:
    """Sort by head score, best first; ties by cosine, then by id, so that the order given never matters."""
    return tuple(sorted(standings, key=lambda one: (-one.head, -one.cosine, one.intent)))


def rule(standings: Sequence[RankedIntent], *, calibration: Calibration, thresholds: Thresholds) -> Ruling:
    """Answer if probability and margin reach their thresholds, else clarify or miss; expects `ranked`."""
    if not standings:
        return Ruling("miss", None, (), 0.0, 0.0)
    first, probability = standings[0], _probability(standings, 1, calibration)
    margin = first.head - _head(standings, 1)
    if probability >= thresholds.answer and margin >= thresholds.margin and not first.closed:
        return Ruling("answer", first.intent, (), probability, margin)
    return doubt(standings, calibration=calibration, thresholds=thresholds)


def doubt(standings: Sequence[RankedIntent], *, calibration: Calibration, thresholds: Thresholds) -> Ruling:
    """Clarify among two or three close intents if one of them is probably right, else miss."""
    if not standings:
        return Ruling("miss", None, (), 0.0, 0.0)
    probability, margin = _probability(standings, 1, calibration), standings[0].head - _head(standings, 1)
    close = [one for one in standings[:_MOST_CHIPS] if one.head > 0 and one.head >= _WORTH_A_CHIP * standings[0].head]
    for count in range(2, len(close) + 1):
        choices = tuple(one.intent for one in close[:count] if not one.closed)
        if len(choices) > 1 and _probability(standings, count, calibration) >= thresholds.clarify:
            return Ruling("clarify", None, choices, probability, margin)
    return Ruling("miss", None, (), probability, margin)


def _probability(standings: Sequence[RankedIntent], count: int, calibration: Calibration) -> float:
    """Return the probability that one of the first `count` is right, from their joint score."""
    together = np.array([sum(one.head for one in standings[:count])])
    return float(calibration.probability(together, np.array([_head(standings, count)]))[0])


def _head(standings: Sequence[RankedIntent], at: int) -> float:
    return max(standings[at].head, 0.0) if at < len(standings) else 0.0
