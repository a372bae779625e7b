import numpy as np
import pytest

from app.matching.head import Examples, solve

RANDOM = np.random.default_rng(7)
OWNERS = np.repeat(np.arange(4), 5)


def unit_rows(count: int):
    rows = RANDOM.normal(size=(count, 16)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


PHRASES, BACKGROUND = unit_rows(20), unit_rows(6)
NO_NEAR_MISS = Examples(np.zeros((0, 16), np.float32), np.zeros(0, np.intp))


@pytest.mark.parametrize("row", [0, 7, 19])
def test_the_held_out_score_is_that_of_a_head_fitted_without_the_phrase(row):
    trial = solve(Examples(PHRASES, OWNERS), NO_NEAR_MISS, BACKGROUND)
    rest = np.arange(20) != row

    without = solve(Examples(PHRASES[rest], OWNERS[rest]), NO_NEAR_MISS, BACKGROUND)

    assert trial.phrase_out[row] == pytest.approx(without.head.scores(PHRASES[row : row + 1])[0], abs=1e-5)


def test_leaving_an_intent_out_is_that_of_a_head_fitted_without_it():
    trial = solve(Examples(PHRASES, OWNERS), NO_NEAR_MISS, BACKGROUND)
    rest = OWNERS != 3

    without = solve(Examples(PHRASES[rest], OWNERS[rest]), NO_NEAR_MISS, BACKGROUND)

    assert trial.intent_out[~rest][:, :3] == pytest.approx(without.head.scores(PHRASES[~rest]), abs=1e-5)


def test_a_near_miss_lowers_its_intent():
    near = PHRASES[:1] * 0.9 + PHRASES[1:2] * 0.3
    near = (near / np.linalg.norm(near)).astype(np.float32)
    before = solve(Examples(PHRASES, OWNERS), NO_NEAR_MISS, BACKGROUND)

    after = solve(Examples(PHRASES, OWNERS), Examples(near, np.array([0])), BACKGROUND)

    assert after.head.scores(near)[0, 0] < before.head.scores(near)[0, 0]
