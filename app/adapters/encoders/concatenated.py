"""Concatenated encoder: the vectors of a fine-tuned model beside those of its base."""

from collections.abc import Sequence

import numpy as np

from app.matching.ports import Encoder, Vectors


class ConcatenatedEncoder:
    """Encoder with a vector of both halves, so that a cosine is the mean of both cosines.

    Costs the time of both.
    """

    def __init__(self, tuned: Encoder, base: Encoder) -> None:
        """Put `base` beside the encoder that was tuned from it."""
        self._tuned = tuned
        self._base = base

    @property
    def name(self) -> str:
        """Return the tuned encoder's name, which is the digest of all it was made from."""
        return f"{self._tuned.name}, beside its base"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 a text, float32; the result does not depend on the other texts.

        Raises:
            EncoderUnavailableError: a model cannot be loaded.
        """
        return paired(self._tuned.encode(texts), self._base.encode(texts))


def paired(tuned: Vectors, base: Vectors) -> Vectors:
    """Return the rows of both, side by side, of length 1."""
    rows: Vectors = (np.concatenate([tuned, base], axis=1) / np.sqrt(np.float32(2.0))).astype(np.float32)
    return rows
