"""Encoders side by side: a second one's vectors as further columns, which only the classifier reads."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from app.matching.ports import Encoder, Vectors

WEIGHT: Final = 0.5
"""Length of the second vector, where the first has 1: as much again suits broad catalogs better, narrow ones worse."""


class SideBySideEncoder:
    """Encoder of the first one's rows with the second one's at their end; cosines are the first one's.

    Costs the time of both.
    """

    def __init__(self, first: Encoder, second: Encoder, *, columns: int) -> None:
        """Put `second`, whose rows have so many columns, beside `first`."""
        self.first = first
        self.second = second
        self._columns = columns

    @property
    def name(self) -> str:
        """Return both names."""
        return f"{self.first.name}, with {self.second.name}"

    @property
    def extra(self) -> int:
        """Return the number of the second one's columns."""
        return self._columns

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row a text, float32: of length 1 without the columns at its end.

        Raises:
            EncoderUnavailableError: a model cannot be loaded.
        """
        return beside(self.first.encode(texts), self.second.encode(texts))


def beside(first: Vectors, second: Vectors) -> Vectors:
    """Return the rows of both, the second ones in their weight."""
    rows: Vectors = np.concatenate([first, np.float32(WEIGHT) * second], axis=1).astype(np.float32)
    return rows
