"""The refit to a traffic: what moves the limits, in which direction, within which bounds, and what is said of it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app.catalog.model import Matching
from app.matching.calibration import CAUTIOUS
from app.matching.decision import Thresholds
from app.matching.mix.labels import Correction, PlayLabel
from app.matching.mix.limits import MIXES, mix_curve
from app.matching.mix.refit import (
    ENOUGH_LABELS,
    FEW_LABELS,
    FEW_RATINGS,
    LABELLED_FROM,
    STILL_PLAYS,
    SiteTraffic,
    follow,
    told,
)
from app.matching.mix.trials import ENOUGH_QUESTIONS, MixTrials, Pair, estimate
from app.matching.policy import Fitted
from app.matching.wilson_interval import wilson

MATCHING = Matching()
STRICT = Matching(max_false_hit_rate=0.01)
"""A promise that the limits of the fixture cannot keep for other traffic."""


def scores(logits: np.ndarray) -> Pair:
    """Scores of a head whose runner-up has half of what is left."""
    first = 1 / (1 + np.exp(-logits))
    return Pair(first, (1 - first) / 2)


def trials_of(seed: int = 1) -> MixTrials:
    """400 phrases, most of them right and sure; 400 near questions less sure; 200 off-topic ones unsure."""
    random = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], [400, 400, 200])
    logits = np.concatenate([random.normal(3, 1.5, 400), random.normal(-0.5, 1.5, 400), random.normal(-2, 1, 200)])
    right = np.where(group == 0, random.uniform(size=1000) < 1 / (1 + np.exp(-logits - 1)), 0).astype(float)
    return MixTrials(group, scores(logits), right, np.zeros(1000, dtype=bool))


def asked(answerable: float, count: int = 600, *, seed: int = 2) -> tuple[Pair, np.ndarray]:
    """Questions like the trials: answerable ones like phrases, all others near; and what is right."""
    random = np.random.default_rng(seed)
    own = random.uniform(size=count) < answerable
    logits = np.where(own, random.normal(3, 1.5, count), random.normal(-0.5, 1.5, count))
    return scores(logits), own & (random.uniform(size=count) < 1 / (1 + np.exp(-logits - 1)))


@pytest.fixture(scope="module")
def trials() -> MixTrials:
    return trials_of()


@pytest.fixture(scope="module")
def fitted(trials: MixTrials) -> Fitted:
    """The policy for the mix that a fit assumes."""
    weights = trials.assumed(intents=50)
    gate = trials.gate(weights)
    chance = trials.chance(gate)
    order = np.argsort(-chance)
    kept = np.flatnonzero(np.cumsum((weights * (1 - trials.right))[order]) <= 0.02)
    limits = Thresholds(answer=max(0.75, float(chance[order][kept[-1]])), margin=0, clarify=0.8, source="phrases")
    return Fitted(
        taught="", encoder="", gate=gate, thresholds=limits, hit_rate=wilson(0, 0), false_hit_rate=wilson(0, 0)
    )


def traffic(answerable: float, labels: tuple[PlayLabel, ...] = (), *, count: int = 600) -> SiteTraffic:
    pair, _ = asked(answerable, count)
    return SiteTraffic(pair, np.zeros(len(pair.first), dtype=bool), labels)


def judged(answerable: float, count: int) -> tuple[PlayLabel, ...]:
    """Labels of likely questions, drawn from another traffic of the same mix."""
    pair, right = asked(answerable, 3000, seed=9)
    likely = np.flatnonzero(pair.first > 0.6)[:count]
    return tuple(PlayLabel(float(pair.first[at]), float(pair.second[at]), bool(right[at])) for at in likely)


def wrong_and_right(fitted: Fitted, answerable: float) -> tuple[float, float]:
    pair, right = asked(answerable, 6000, seed=5)
    plays = pair.chance(fitted.gate) >= fitted.thresholds.answer
    return float((plays & ~right).mean()), float((plays & right).mean())


@pytest.mark.parametrize("answerable", [0.9, 0.7, 0.5, 0.3])
def test_the_estimate_falls_with_what_is_in_the_catalog(trials, fitted, answerable):
    found = estimate(trials, fitted.gate, traffic(answerable).pair)

    less = estimate(trials, fitted.gate, traffic(answerable - 0.2).pair)
    assert found.answerable.low < found.answerable.value <= found.answerable.high
    assert less.answerable.value < found.answerable.value
    assert found.questions == 600


def test_too_few_questions_move_nothing(trials, fitted):
    followed = follow(fitted, trials, traffic(0.2, count=ENOUGH_QUESTIONS - 1), MATCHING)

    assert followed.fitted is fitted
    assert (followed.report.rests_on, followed.report.answerable, followed.report.alarm) == ("phrases", None, "")
    assert "too few" in told(followed.report)[0]


def test_traffic_as_assumed_moves_nothing_and_alarms_nobody(trials, fitted):
    followed = follow(fitted, trials, traffic(0.95), MATCHING)

    assert followed.fitted is fitted
    assert (followed.report.rests_on, followed.report.alarm) == ("phrases", "")


def test_other_traffic_raises_the_limit_alarms_and_says_so(trials, fitted):
    before = wrong_and_right(fitted, 0.3)[0]

    followed = follow(fitted, trials, traffic(0.3), STRICT)

    after = wrong_and_right(followed.fitted, 0.3)[0]
    assert after < before / 1.5
    assert followed.report.rests_on == "traffic"
    assert "greenroom label" in followed.report.alarm
    assert any("more than is in the catalog" in line for line in told(followed.report))
    assert "then moved: your visitors ask" in followed.fitted.thresholds.source


@pytest.mark.parametrize("matching", [Matching(follow_traffic=False), Matching(threshold=0.8)])
def test_an_author_may_keep_the_limits(trials, fitted, matching):
    assert follow(fitted, trials, traffic(0.3, judged(0.3, 150)), matching).fitted is fitted


def test_labels_settle_it_and_end_the_alarm(trials, fitted):
    taught = follow(fitted, trials, traffic(0.3, judged(0.3, 150)), MATCHING)

    wrong, right = wrong_and_right(taught.fitted, 0.3)
    assert (taught.report.rests_on, taught.report.labels, taught.report.alarm) == ("labels", 150, "")
    assert wrong <= 0.03
    assert right >= 0.1
    assert taught.report.expected_wrong <= 0.03


def test_nothing_plays_where_nothing_was_labelled(trials, fitted):
    """All labels say right; the limit falls no lower than where they were drawn."""
    right = tuple(replace(label, right=True) for label in judged(0.9, 150))

    followed = follow(fitted, trials, traffic(0.3, right), MATCHING)

    gate = trials.gate(trials.weights(followed.report.answerable.value))
    floor = float(Correction.fit(gate, right).chance(np.array([LABELLED_FROM]))[0])
    assert followed.fitted.thresholds.answer == pytest.approx(floor)


@pytest.mark.parametrize("count", [FEW_LABELS - 1, ENOUGH_LABELS - 1, ENOUGH_LABELS])
def test_few_labels_do_not_end_the_alarm(trials, fitted, count):
    report = follow(fitted, trials, traffic(0.3, judged(0.3, count)), STRICT).report

    assert report.rests_on == ("labels" if count >= FEW_LABELS else "traffic")
    assert bool(report.alarm) == (count < ENOUGH_LABELS)


def test_visitors_labels_raise_the_limit_and_never_lower_it(trials, fitted):
    bad = tuple(replace(label, right=False, source="rating") for label in judged(0.95, 2 * FEW_RATINGS))
    good = tuple(replace(label, right=True, source="chips") for label in judged(0.95, 2 * FEW_RATINGS))

    raised = follow(fitted, trials, traffic(0.95, bad), MATCHING)
    kept = follow(fitted, trials, traffic(0.95, good), MATCHING)

    assert raised.fitted.thresholds.answer > fitted.thresholds.answer
    assert raised.report.ratings == 2 * FEW_RATINGS
    assert kept.fitted.thresholds.answer == fitted.thresholds.answer


@pytest.mark.parametrize("authors", [0, 150], ids=["no author's", "an author's"])
def test_strangers_cannot_bring_silence_about(trials, fitted, authors):
    """A thousand thumbs down on everything: three quarters of what played before still plays."""
    asked = traffic(0.95, judged(0.95, authors))
    flood = tuple(replace(label, right=False, source="rating") for label in judged(0.95, 1000))

    before = follow(fitted, trials, asked, MATCHING).fitted
    after = follow(fitted, trials, replace(asked, labels=asked.labels + flood), MATCHING).fitted

    played, still = (int((asked.pair.chance(one.gate) >= one.thresholds.answer).sum()) for one in (before, after))
    assert STILL_PLAYS * played - 1 <= still < played


def test_a_correction_without_labels_is_the_prior():
    learnt = Correction.fit(CAUTIOUS, ())

    assert (learnt.offset, learnt.slope) == pytest.approx((0.0, 1.0))
    assert learnt.chance(np.array([0.3, 0.8])) == pytest.approx([0.3, 0.8])


def test_caution_shrinks_with_every_label():
    few, many = (Correction.fit(CAUTIOUS, judged(0.5, count)) for count in (20, 400))

    chance = np.array([0.6, 0.9])
    assert (few.chance(chance) - few.cautious(chance) > many.chance(chance) - many.cautious(chance)).all()


def test_a_corrected_gate_gives_the_corrected_probabilities():
    learnt, pair = Correction.fit(CAUTIOUS, judged(0.5, 100)), scores(np.linspace(-2, 3, 7))

    assert pair.chance(learnt.gate(CAUTIOUS)) == pytest.approx(learnt.chance(pair.chance(CAUTIOUS)), abs=1e-6)


def test_the_curve_falls_as_less_is_in_the_catalog(trials, fitted):
    curve = mix_curve(fitted, trials, MATCHING)

    assert [one.answerable for one in curve] == list(MIXES)
    assert all(after.wrong > before.wrong for before, after in pairwise(curve))
    assert all(one.wrong_followed <= 0.02 for one in curve)
    assert curve[-1].wrong > 0.03


def test_trials_are_stored_whole(trials):
    read = MixTrials.from_bytes(trials.to_bytes())

    assert (read.group == trials.group).all()
    assert (read.pair.first == trials.pair.first).all()
    assert (read.right == trials.right).all()
    with pytest.raises((ValueError, EOFError)):
        MixTrials.from_bytes(b"")
