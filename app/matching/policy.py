"""Policy: rules from scores to an outcome, without vectors and without a clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from app.matching.calibration import Calibration
from app.matching.decision import Outcome, Thresholds, Value
from app.matching.reading.gloss import language_of
from app.matching.wilson_interval import Share

_WORTH_A_CHIP = 0.05
"""Share of the first intent's head score from which another intent is offered as a chip: what lies below is
hardly ever the right one (none of 1,125 questions of CLINC150 that got chips), and looks silly."""

MOST_CHIPS = 3
"""Most intents that are offered as chips, and those whose head scores are added up to decide on it."""


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
    abroad: Mapping[str, Thresholds] = {}
    """Thresholds of languages that hardly any intent has phrases in."""

    def limits(self, locale: str) -> Thresholds:
        """Return the thresholds for questions in a locale."""
        return self.abroad.get(language_of(locale), self.thresholds)

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
    likely: float = 0.0
    """How likely the right intent is among the first three that may be answered: the sum of their head scores,
    or the probability of the first if that is more. Decides on chips."""


def ranked(standings: Sequence[RankedIntent]) -> tuple[RankedIntent, ...]:
    """Sort by head score, best first; ties by cosine, then by id, so that the order given never matters."""
    return tuple(sorted(standings, key=lambda one: (-one.head, -one.cosine, one.intent)))


def rule(standings: Sequence[RankedIntent], *, calibration: Calibration, thresholds: Thresholds) -> Ruling:
    """Answer if probability and margin reach their thresholds, else clarify or miss; expects `ranked`."""
    doubtful = doubt(standings, calibration=calibration, thresholds=thresholds)
    if not standings or standings[0].closed:
        return doubtful
    if doubtful.probability >= thresholds.answer and doubtful.margin >= thresholds.margin:
        return replace(doubtful, outcome="answer", intent=standings[0].intent, choices=())
    return doubtful


def doubt(
    standings: Sequence[RankedIntent], *, calibration: Calibration, thresholds: Thresholds, stopped: bool = False
) -> Ruling:
    """Clarify among the first three if one of them is likely enough the right one, else miss.

    The probability of a first choice that a guard has `stopped` says nothing any more.
    """
    if not standings:
        return Ruling("miss", None, (), 0.0, 0.0)
    first, second = standings[0].head, _head(standings, 1)
    probability = calibration.probability(np.array([first]), np.array([second]))
    open_ = [one for one in standings[:MOST_CHIPS] if not one.closed and one.head > 0]
    choices = tuple(one.intent for one in open_ if one.head >= _WORTH_A_CHIP * first)
    together = sum(one.head for one in open_)
    likely = together if stopped or standings[0].closed else max(together, float(probability[0]))
    asks = bool(choices) and thresholds.clarify < 1 and likely >= thresholds.clarify
    return Ruling(
        outcome="clarify" if asks else "miss",
        intent=None,
        choices=choices if asks else (),
        probability=float(probability[0]),
        margin=first - second,
        likely=likely,
    )


def _head(standings: Sequence[RankedIntent], at: int) -> float:
    return max(standings[at].head, 0.0) if at < len(standings) else 0.0
