"""Spelling features: a text's spelling as a vector, for the classifier, beside the encoder's vector.

Words, pairs of neighbouring words and runs of four letters, hashed with a sign into a fixed number of places
(Weinberger et al., 2009): without a vocabulary, a held-out phrase leaves no trace, and any script works.
"""

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from app.matching.normalise import words
from app.matching.ports import Vectors

PLACES = 512
"""Length of the hashed vector: accuracy is flat from 256 to 1024."""

WEIGHT = 0.4
"""Norm of this vector; the encoder's is 1. Accuracy is flat from 0.3 to 0.6."""

_RUN = 4


def features(texts: Sequence[str], vectors: Vectors) -> Vectors:
    """Return the classifier's input: the encoder's vectors and the spelling; one row per normalised text."""
    spelled = np.stack([_spelled(text) for text in texts]) if len(texts) else np.zeros((0, PLACES), dtype=np.float32)
    return np.concatenate([vectors, WEIGHT * spelled], axis=1).astype(np.float32)


def _spelled(text: str) -> Vectors:
    row = np.zeros(PLACES, dtype=np.float32)
    for part in dict.fromkeys(_parts(text)):
        hashed = zlib.crc32(part.encode())
        row[(hashed >> 1) % PLACES] += 1.0 if hashed & 1 else -1.0
    length: np.float32 = np.linalg.norm(row)
    return row / max(float(length), 1e-9)


def _parts(text: str) -> Iterator[str]:
    spoken = words(text)
    yield from spoken
    yield from (f"{first} {second}" for first, second in pairwise(spoken))
    padded = f" {text} "
    yield from (f"#{padded[at : at + _RUN]}" for at in range(len(padded) - _RUN + 1))
