import numpy as np
import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.adapters.encoders.vector_cache import CachingEncoder


class Counting(HashingEncoder):
    """Remembers what it was asked."""

    def __init__(self, *, dimensions: int = 256) -> None:
        super().__init__(dimensions=dimensions)
        self.asked: list[str] = []

    def encode(self, texts):
        self.asked += texts
        return super().encode(texts)


TEXTS = ["where can i park", "when are you open", "where can i park", "ünïcödé"]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "vectors" / "one.npz"


def test_vectors_are_those_of_the_encoder(file):
    kept = CachingEncoder(HashingEncoder(), file)

    first, second = kept.encode(TEXTS), kept.encode(TEXTS)

    assert np.array_equal(first, HashingEncoder().encode(TEXTS))
    assert np.array_equal(second, first)


def test_only_what_is_new_is_encoded(file):
    CachingEncoder(HashingEncoder(), file).encode(TEXTS)
    encoder = Counting()

    rows = CachingEncoder(encoder, file).encode([*TEXTS, "something new"])

    assert encoder.asked == ["something new"]
    assert np.array_equal(rows, HashingEncoder().encode([*TEXTS, "something new"]))


def test_what_is_not_asked_for_any_more_is_forgotten(file):
    CachingEncoder(HashingEncoder(), file).encode(TEXTS)
    CachingEncoder(HashingEncoder(), file).encode(TEXTS[:1])
    encoder = Counting()

    CachingEncoder(encoder, file).encode(TEXTS)

    assert set(encoder.asked) == set(TEXTS[1:]) - {TEXTS[0]}


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_a_spoilt_file_costs_time_only(file, content):
    file.parent.mkdir()
    file.write_bytes(content)

    rows = CachingEncoder(HashingEncoder(), file).encode(TEXTS)

    assert np.array_equal(rows, HashingEncoder().encode(TEXTS))


def test_vectors_of_another_width_are_not_mixed_in(file):
    CachingEncoder(HashingEncoder(dimensions=64), file).encode(TEXTS)

    rows = CachingEncoder(HashingEncoder(), file).encode([*TEXTS, "new"])

    assert np.array_equal(rows, HashingEncoder().encode([*TEXTS, "new"]))


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path):
    (tmp_path / "taken").write_text("a file where a folder should be")

    rows = CachingEncoder(HashingEncoder(), tmp_path / "taken" / "one.npz").encode(TEXTS)

    assert len(rows) == len(TEXTS)


def test_nothing_is_nothing(file):
    assert len(CachingEncoder(HashingEncoder(), file).encode([])) == 0


def test_no_altered_byte_changes_a_vector_or_stops_a_start(tmp_path):
    file, texts = tmp_path / "vectors.npz", ["one", "two"]
    right = CachingEncoder(HashingEncoder(dimensions=8), file).encode(texts)
    written = file.read_bytes()

    for at in range(len(written)):
        file.write_bytes(written[:at] + bytes([written[at] ^ 0x09]) + written[at + 1 :])
        assert np.array_equal(CachingEncoder(HashingEncoder(dimensions=8), file).encode(texts), right), at
