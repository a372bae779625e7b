"""Grouping by meaning: the same result however many questions there are."""

from itertools import pairwise

import numpy as np

from app.learning.questions.grouping import grouped, packed, unpacked


def around(centres, each, *, spread, seed=3):
    """Vectors around so many meanings, the most asked meaning first."""
    chance = np.random.default_rng(seed)
    middles = np.linalg.qr(chance.normal(size=(64, centres)))[0].T
    noise = chance.normal(size=(centres * each, 64))
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    vectors = np.repeat(middles, each, axis=0) + spread * noise
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_each_meaning_is_one_group_named_by_its_first_question():
    labels = grouped(around(5, 4, spread=0.5))

    assert labels.tolist() == [place for place in (0, 4, 8, 12, 16) for _ in range(4)]


def test_many_questions_are_grouped_in_cells_as_well():
    labels = grouped(around(40, 125, spread=0.5))

    of_meaning = labels.reshape(40, 125)
    whole = sum((row == np.bincount(row).argmax()).sum() for row in of_meaning)
    assert whole >= 0.99 * labels.size
    assert all(len(set(row) & set(other)) == 0 for row, other in pairwise(of_meaning))


def test_a_question_like_no_other_is_a_group_of_its_own():
    vectors = np.concatenate([around(3, 3, spread=0.4), -around(1, 1, spread=0.0)])

    assert grouped(vectors)[-1] == 9
    assert grouped(vectors[:0]).tolist() == []


def test_stored_vectors_are_nearly_the_same():
    vectors = around(3, 3, spread=0.8)

    again = unpacked(packed(vectors))

    assert np.abs(np.sum(vectors * again, axis=1) - 1).max() < 0.001
    assert len(packed(vectors)[0]) == 64
