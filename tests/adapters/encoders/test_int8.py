from pathlib import Path

import numpy as np
import pytest

from app.adapters.encoders import int8
from app.adapters.encoders.int8 import Int8Encoder, verify
from app.adapters.encoders.onnx_export import ExportError
from app.adapters.encoders.sentence_transformer import SentenceEncoder
from tests.support.matching import PHRASES, real_encoder

TEXTS = [text for texts in PHRASES.values() for text in texts]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("encoders")


@pytest.fixture(scope="module")
def encoder(folder):
    return Int8Encoder(real_encoder(), folder=folder, probes=TEXTS)


def test_it_is_near_the_original_and_named_apart(encoder):
    verified = verify(real_encoder().encode(TEXTS), encoder.encode(TEXTS))

    assert verified.passed
    assert encoder.name == f"{real_encoder().name}+int8"


def test_company_changes_nothing(encoder):
    alone, among = encoder.encode([TEXTS[0]])[0], encoder.encode(TEXTS)[0]

    assert np.array_equal(alone, among)
    assert np.linalg.norm(alone) == pytest.approx(1, abs=1e-5)


def test_a_whole_catalog_is_encoded_in_the_order_given(encoder):
    many = [f"{text} {at}" for at in range(4) for text in TEXTS]
    assert len(many) >= int8._MANY

    rows = encoder.encode(many)

    assert np.array_equal(rows[[0, 57, -1]], encoder.encode([many[0], many[57], many[-1]]))


def test_a_graph_made_before_is_used_without_the_original(encoder, folder):
    before = encoder.encode(TEXTS[:3])

    class Unloadable(SentenceEncoder):
        def model(self):
            raise AssertionError

    again = Int8Encoder(Unloadable(), folder=folder)

    assert np.array_equal(again.encode(TEXTS[:3]), before)


def test_no_texts_are_no_rows(encoder):
    assert len(encoder.encode([])) == 0


def test_the_original_stands_in_when_the_export_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def failing(model, folder):
        raise ExportError("no such layer")

    monkeypatch.setattr(int8, "export", failing)
    encoder = Int8Encoder(real_encoder(), folder=tmp_path)

    assert encoder.name == real_encoder().name
    assert np.allclose(encoder.encode(TEXTS[:2]), real_encoder().encode(TEXTS[:2]), atol=1e-6)
    assert not list(tmp_path.iterdir())


def test_a_graph_that_says_otherwise_is_not_used(folder, tmp_path: Path):
    original = np.eye(4, dtype=np.float32)

    assert not verify(original, np.roll(original, 1, axis=0)).passed
