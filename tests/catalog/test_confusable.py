from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.adapters.catalog_files.loader import load_or_raise
from app.catalog.confusable import nearest_pairs
from tests.support.catalogs import write_catalog


def by_letters(texts: Sequence[str], locale: str) -> NDArray[np.float32]:
    """A text as its letter counts, length 1."""
    counts = np.array([[text.lower().count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts])
    return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


def test_every_phrase_has_its_nearest_stranger(tmp_path: Path):
    twins = {"title": "x", "phrases": {"en": ["my dog bring I can", "zzz"]}, "answer": {"en": "x"}}
    catalog = load_or_raise(write_catalog(tmp_path, files={"visiting/twins.yaml": twins}))

    pairs = nearest_pairs(catalog, by_letters)

    assert len(pairs) == 17
    dog = next(pair for pair in pairs if pair.phrase == "Can I bring my dog?")
    assert (dog.intent, dog.at, dog.other_intent, dog.other_phrase) == ("dogs", 0, "twins", "my dog bring I can")
    assert dog.cosine > 0.999
    assert dog.own_cosine < 0.95


def test_a_phrase_alone_in_its_intent_has_no_own_cosine(tmp_path: Path):
    lone = {"title": "x", "phrases": {"en": "zzz"}, "answer": {"en": "x"}}
    catalog = load_or_raise(write_catalog(tmp_path, files={"visiting/lone.yaml": lone}))

    pairs = nearest_pairs(catalog, by_letters)

    assert next(pair.own_cosine for pair in pairs if pair.intent == "lone") == -1.0
