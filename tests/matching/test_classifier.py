import numpy as np
import pytest

from app.matching.classifier import Examples, Material, hold_out, solve

RANDOM = np.random.default_rng(7)
OWNERS = np.repeat(np.arange(5), 6)
NOBODY = Examples(np.zeros((0, 16), np.float32), np.zeros(0, np.intp))


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


CENTRES = unit(RANDOM.normal(size=(5, 16)))
PHRASES = unit(CENTRES[OWNERS] + 0.15 * RANDOM.normal(size=(30, 16)))
BACKGROUND = unit(RANDOM.normal(size=(20, 16)))


def material(*, titles: Examples = NOBODY, barred: Examples = NOBODY) -> Material:
    return Material(phrases=Examples(PHRASES, OWNERS), titles=titles, barred=barred, background=BACKGROUND)


def test_a_phrase_is_most_likely_its_own_intents():
    scores = solve(material()).scores(PHRASES)

    assert (scores.argmax(axis=1) == OWNERS).all()
    assert (scores.sum(axis=1) <= 1 + 1e-6).all()


def test_the_background_is_none_of_them():
    scores = solve(material()).scores(BACKGROUND)

    assert np.median(1 - scores.sum(axis=1)) > 0.5


def test_held_out_phrases_still_find_their_intent():
    trial = hold_out(material())

    assert (trial.phrase_out.argmax(axis=1) == OWNERS).mean() > 0.9


def test_a_left_out_intent_has_no_chance_in_its_trial():
    trial = hold_out(material())

    assert trial.intent_out[np.arange(30), OWNERS] == pytest.approx(0)


def test_a_near_miss_lowers_its_intent():
    near = unit(PHRASES[:1] * 0.9 + PHRASES[6:7] * 0.3)

    before, after = (solve(material(barred=barred)) for barred in (NOBODY, Examples(near, np.array([0]))))

    assert after.scores(near)[0, 0] < before.scores(near)[0, 0] / 2


def test_a_title_is_an_example():
    named = unit(CENTRES[:1] + RANDOM.normal(size=(1, 16)))

    without, with_ = (solve(material(titles=titles)) for titles in (NOBODY, Examples(named, np.array([0]))))

    assert with_.scores(named)[0, 0] > without.scores(named)[0, 0]
