"""Refit: the policy for the traffic that a site has, within bounds, and what its promise rests on then."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.catalog.model import Matching
from app.matching.calibration import Calibration
from app.matching.decision import Value
from app.matching.fit.thresholds import FLOOR
from app.matching.mix.labels import Correction, PlayLabel
from app.matching.mix.limits import play_limits
from app.matching.mix.trials import Mask, MixTrials, Pair, TrafficEstimate, estimate
from app.matching.policy import Fitted
from app.matching.second_look import GreyZone
from app.matching.wilson_interval import Share, wilson

ALARMING = 1.25
"""Expected share of wrong clips, in promises, from which the thresholds follow the traffic."""

FEW_LABELS, ENOUGH_LABELS = 30, 60
"""Author's labels from which thresholds follow them, and from which their word ends an alarm; 150 settle it."""

FEW_RATINGS = 20
"""Labels from visitors from which they may raise a threshold."""

STILL_PLAYS = 0.75
"""Share of the plays that visitors' labels cannot silence, however many strangers say no: an author's can."""

LABELLED_FROM = 0.5
"""Lowest probability of a likely play. Below nothing is labelled, so nothing plays."""


RestsOn = Literal["phrases", "traffic", "labels"]


class MixReport(Value):
    """Report on a refit: what the promise rests on, and what was estimated and changed."""

    rests_on: RestsOn
    questions: int
    """Questions that reached the meaning stage, of those looked at."""
    answerable: Share | None
    """Estimated share of them that has an answer; None from too few."""
    labels: int
    """Likely plays that an author has judged."""
    ratings: int
    """Labels from visitors: thumbs, chips chosen, chips ignored."""
    threshold_before: float
    threshold: float
    expected_before: float
    """Expected share of wrong clips with the limits fitted to the phrases, as the traffic looks; 0 if unknown."""
    expected_wrong: float
    """The same with the limits in use."""
    alarm: str
    """Reason not to trust the estimate, and what to do; empty if there is none."""


@dataclass(frozen=True, slots=True)
class SiteTraffic:
    """Traffic of a site: the scores of its questions, which of them a guard stopped, and its labels."""

    pair: Pair
    stopped: Mask
    labels: tuple[PlayLabel, ...] = ()

    @property
    def judged(self) -> tuple[PlayLabel, ...]:
        """Labels of an author."""
        return tuple(one for one in self.labels if one.source == "author")


@dataclass(frozen=True, slots=True)
class Followed:
    """Policy that follows the traffic, and the report on it."""

    fitted: Fitted
    report: MixReport


@dataclass(frozen=True, slots=True)
class _Finding:
    """Finding about a traffic, beside its estimate."""

    rests_on: RestsOn = "phrases"
    expected_before: float = 0.0
    alarm: str = ""


def follow(fitted: Fitted, trials: MixTrials | None, traffic: SiteTraffic, matching: Matching) -> Followed:
    """Refit the policy to the traffic; milliseconds. It stays as it is where the promise seems to hold.

    `trials` may be left out while there are fewer than `ENOUGH_QUESTIONS`: nothing is estimated from so few.
    """
    guess = estimate(trials, fitted.gate, traffic.pair) if trials else None
    if trials is None or guess is None or matching.threshold is not None or not matching.follow_traffic:
        return Followed(fitted, _report(fitted, fitted, traffic, guess, _Finding()))
    gate = trials.gate(trials.weights(guess.answerable.value))
    before = _expected_wrong(traffic, fitted, gate)
    unlike = before > ALARMING * matching.max_false_hit_rate
    rests: RestsOn = "traffic" if unlike else "phrases"
    if len(traffic.judged) >= FEW_LABELS:
        moved, rests = _by_labels(fitted, gate, traffic, matching), "labels"
    else:
        moved = _by_traffic(fitted, gate, trials, guess, matching) if unlike else fitted
        moved = _raised(moved, traffic, matching)
    finding = _Finding(rests, before, _alarm(moved, traffic, matching, before=before if unlike else 0.0))
    report = _report(fitted, moved, traffic, guess, finding)
    return Followed(_named(moved, report) if moved is not fitted else fitted, report)


def _by_traffic(
    fitted: Fitted, gate: Calibration, trials: MixTrials, guess: TrafficEstimate, matching: Matching
) -> Fitted:
    """Fit the thresholds to the trials, weighed as the traffic seems to be."""
    weights = trials.weights(guess.answerable.value)
    shares = weights * trials.right, weights * (1 - trials.right)
    return _moved(fitted, gate, play_limits(trials.chance(gate), *shares, floor=FLOOR, matching=matching))


def _by_labels(fitted: Fitted, gate: Calibration, traffic: SiteTraffic, matching: Matching) -> Fitted:
    """Fit the thresholds to the traffic, with what the labels teach; visitors' labels may only raise them."""
    learnt = Correction.fit(gate, traffic.judged)
    limits = _labelled(learnt, gate, traffic, matching)
    if len(traffic.labels) >= len(traffic.judged) + FEW_RATINGS:
        both = _labelled(Correction.fit(gate, traffic.labels), gate, traffic, matching)
        limits = _bounded(both, limits.answer, gate, traffic) if both.answer > limits.answer else limits
    edges = np.array([limits.answer, limits.answer if limits.low is None else limits.low])
    answer, low = learnt.chance(edges).tolist()
    zone = GreyZone(answer if limits.answer < 1 else 1.0, None if limits.low is None else low)
    return _moved(fitted, learnt.gate(gate), zone)


def _labelled(learnt: Correction, gate: Calibration, traffic: SiteTraffic, matching: Matching) -> GreyZone:
    """Return the limits, as probabilities of `gate`, that let play as much as the cautious correction allows."""
    chance = traffic.pair.chance(gate)
    likely = (chance >= LABELLED_FROM) & ~traffic.stopped
    right = learnt.cautious(chance)[likely] / len(chance)
    wrong = 1 / len(chance) - right
    limits = play_limits(chance[likely], right, wrong, floor=LABELLED_FROM, matching=matching)
    everything = likely.any() and limits.answer <= chance[likely].min()
    return GreyZone(LABELLED_FROM, None) if everything else limits


def _raised(fitted: Fitted, traffic: SiteTraffic, matching: Matching) -> Fitted:
    """Raise the threshold where visitors' labels say so; they come from those who choose to, so they never lower it."""
    if len(traffic.labels) < FEW_RATINGS:
        return fitted
    limits = _labelled(Correction.fit(fitted.gate, traffic.labels), fitted.gate, traffic, matching)
    if limits.answer <= fitted.thresholds.answer:
        return fitted
    return _moved(fitted, fitted.gate, _bounded(limits, fitted.thresholds.answer, fitted.gate, traffic))


def _bounded(asked: GreyZone, before: float, gate: Calibration, traffic: SiteTraffic) -> GreyZone:
    """Return limits that visitors' labels ask for, but no higher than `STILL_PLAYS` of what plays now bears."""
    chance = traffic.pair.chance(gate)
    plays = np.sort(chance[(chance >= before) & ~traffic.stopped])
    most = float(plays[int(len(plays) * (1 - STILL_PLAYS))]) if len(plays) else before
    if asked.answer <= most:
        return asked
    return GreyZone(most, None if asked.low is None else min(asked.low, most))


def _moved(fitted: Fitted, gate: Calibration, zone: GreyZone) -> Fitted:
    limits = fitted.thresholds.model_copy(update={"answer": zone.answer, "second_look": zone.low})
    return fitted.model_copy(update={"gate": gate, "thresholds": limits})


def _named(fitted: Fitted, report: MixReport) -> Fitted:
    limits = fitted.thresholds
    source = f"{limits.source}; then moved: {'; '.join(told(report))}"
    return fitted.model_copy(update={"thresholds": limits.model_copy(update={"source": source})})


def _expected_wrong(traffic: SiteTraffic, fitted: Fitted, gate: Calibration) -> float:
    """Return the share of wrong clips that the probabilities of `gate` foretell for the limits of `fitted`."""
    plays = (traffic.pair.chance(fitted.gate) >= fitted.thresholds.answer) & ~traffic.stopped
    return float((plays * (1 - traffic.pair.chance(gate))).mean())


def _alarm(fitted: Fitted, traffic: SiteTraffic, matching: Matching, *, before: float) -> str:
    """Return why the estimate cannot be trusted; `before` is the share of wrong clips that alarms, or 0."""
    promise, judged = matching.max_false_hit_rate, traffic.judged
    if before and len(judged) < ENOUGH_LABELS:
        return (
            f"your traffic is unlike your catalog: the limits of the phrases would play perhaps {before:.0%} wrong. No "
            "estimate knows which questions come; judge some likely plays with `greenroom label`"
        )
    if not judged:
        return ""
    pair = Pair.of([(one.first, one.second) for one in judged])
    played = pair.chance(fitted.gate) >= fitted.thresholds.answer
    wrong = wilson(float(np.sum(played & ~np.array([one.right for one in judged]))), float(played.sum()))
    plays = float(((traffic.pair.chance(fitted.gate) >= fitted.thresholds.answer) & ~traffic.stopped).mean())
    if plays * wrong.low > ALARMING * promise:
        return (
            f"of the plays you judged, {wrong.value:.0%} were wrong: more than any limit explains; judge more of them"
        )
    return ""


def _report(
    before: Fitted, after: Fitted, traffic: SiteTraffic, guess: TrafficEstimate | None, finding: _Finding
) -> MixReport:
    return MixReport(
        rests_on=finding.rests_on,
        questions=len(traffic.pair.first),
        answerable=guess.answerable if guess else None,
        labels=len(traffic.judged),
        ratings=len(traffic.labels) - len(traffic.judged),
        threshold_before=before.thresholds.answer,
        threshold=after.thresholds.answer,
        expected_before=finding.expected_before,
        expected_wrong=_expected_wrong(traffic, after, after.gate) if guess else 0.0,
        alarm=finding.alarm,
    )


def told(report: MixReport) -> Sequence[str]:
    """Return the report in an author's words, a sentence part each."""
    share = report.answerable
    lines = []
    if share is None:
        lines.append(f"the promise rests on the phrases alone: {report.questions} questions are too few for more")
    else:
        lines.append(
            f"your visitors ask {1 - share.value:.0%} more than is in the catalog ({1 - share.high:.0%} to "
            f"{1 - share.low:.0%} of the last {report.questions} questions)"
        )
        rests = {
            "phrases": "the promise rests on the phrases, and the traffic agrees",
            "traffic": "the promise rests on the traffic's scores",
            "labels": f"the promise rests on {report.labels} plays that an author judged",
        }
        lines.append(rests[report.rests_on])
    if report.threshold != report.threshold_before:
        lines.append(f"an answer needs {report.threshold:.0%} instead of {report.threshold_before:.0%}")
    return lines
