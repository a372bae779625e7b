"""Port of matching: the sentence encoder."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Sentence encoder: texts to unit vectors. Blocking, called off the event loop."""

    @property
    def name(self) -> str:
        """Name and version of the model: vectors of two names are never compared."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 per text, float32, shape (len(texts), dimensions).

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        ...
