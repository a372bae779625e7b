"""What matching needs from the world."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Sentences to unit vectors; blocking, called off the event loop."""

    @property
    def name(self) -> str:
        """The model's name and version: vectors of two names are never compared."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 a text, float32, shape (len(texts), dimensions).

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        ...
