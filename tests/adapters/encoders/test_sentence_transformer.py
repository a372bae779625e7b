from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder, SentenceEncoder
from app.errors import EncoderUnavailableError
from tests.support.matching import real_encoder


def test_the_packaged_model_gives_unit_vectors():
    rows = real_encoder().encode(["where is the museum", "how do I get to the museum", "a cake recipe"])

    assert (rows.shape, rows.dtype) == ((3, 384), np.float32)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_its_name_says_the_model_and_its_version_without_loading_it():
    label, _, digest = SentenceEncoder().name.partition("@")

    assert (label, len(digest)) == ("all-MiniLM-L6-v2", 12)


def test_no_texts_are_no_rows():
    assert len(real_encoder().encode([])) == 0


def test_threads_may_share_it():
    texts = [f"question number {at} about something" for at in range(8)]

    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda text: real_encoder().encode([text])[0], texts))

    assert np.allclose(rows, real_encoder().encode(texts), atol=1e-5)


def test_a_folder_without_a_model_says_what_to_do(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")

    with pytest.raises(EncoderUnavailableError, match=r"matching\.encoder"):
        SentenceEncoder(str(tmp_path)).encode(["x"])


def test_changed_files_are_another_encoder(tmp_path: Path):
    (tmp_path / "config.json").write_text("{}")
    before = SentenceEncoder(str(tmp_path)).name

    (tmp_path / "config.json").write_text('{"a": 1}')

    assert SentenceEncoder(str(tmp_path)).name != before


def test_the_stand_in_is_deterministic_and_near_for_shared_letters():
    rows = HashingEncoder().encode(["opening hours", "opening hour", "xyz", ""])

    assert np.array_equal(rows, HashingEncoder().encode(["opening hours", "opening hour", "xyz", ""]))
    assert rows[0] @ rows[1] > 0.8 > rows[0] @ rows[2]
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
