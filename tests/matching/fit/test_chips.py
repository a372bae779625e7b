import numpy as np
import pytest

from app.matching.calibration import Calibration
from app.matching.classifier import Trial, hold_out
from app.matching.fit.chips import LIKELY, chips_threshold
from app.matching.fit.thresholds import fit
from app.matching.prepared_catalog import prepare
from tests.support.matching import PHRASES, a_catalog, real_encoder

LOW = Calibration(bias=-20.0, score=0.0, margin=0.0)
"""The first is never right, so that the sums alone decide."""


def trial(*, far: list[float], near: list[float]) -> Trial:
    """A trial of three intents whose questions that nothing answers have these sums."""
    rows, nothing = np.arange(len(near)), np.zeros((0, 3))
    spread = np.array([0.5, 0.3, 0.2])
    return Trial(rows, rows % 3, nothing, np.outer(near, spread), np.outer(far, spread), nothing)


def passing(sums: list[float], limit: float) -> float:
    return sum(one >= limit for one in sums) / len(sums)


def test_the_share_of_both_kinds_is_weighed_seven_to_three():
    far, near = [at / 1000 for at in range(100)], [at / 1000 for at in range(0, 400, 4)]

    limit = chips_threshold(trial(far=far, near=near), LOW, most_needless=0.15)

    assert 0.7 * passing(far, limit) + 0.3 * passing(near, limit) == pytest.approx(0.15, abs=0.01)


def test_left_out_intents_alone_never_push_it_beyond_one_in_two():
    near = [0.9 + at / 1000 for at in range(100)]

    assert chips_threshold(trial(far=[0.1] * 100, near=near), LOW, most_needless=0.15) == LIKELY


def test_the_background_does():
    far = [0.6 + at / 1000 for at in range(100)]

    limit = chips_threshold(trial(far=far, near=far), LOW, most_needless=0.15)

    assert passing(far, limit) == pytest.approx(0.15)


def test_no_needless_chip_at_all_may_be_asked_for():
    far = [0.6, 0.7, 0.8]

    assert passing(far, chips_threshold(trial(far=far, near=[0.1]), LOW, most_needless=0.0)) == 0


def test_an_author_who_allows_more_gets_chips_sooner():
    material = prepare(a_catalog(), real_encoder()).material
    held = hold_out(material)

    limits = [chips_threshold(held, LOW, most_needless=most) for most in (0.0, 0.05, 0.15, 0.5)]

    assert limits == sorted(limits, reverse=True)
    assert limits[0] > limits[-1]


def test_the_catalogs_share_is_the_one_that_counts():
    shy, bold = (fit(a_catalog(max_needless_chips=most), real_encoder()).thresholds.clarify for most in (0.01, 0.6))

    assert shy > bold


def test_a_catalog_of_one_intent_is_judged_by_the_background():
    held = hold_out(prepare(a_catalog({"dogs": PHRASES["dogs"]}), real_encoder()).material)

    assert 0 < chips_threshold(held, LOW, most_needless=0.15) < 1
