"""Remembering encoder: the questions that were encoded last, for those who ask about the same one again.

A question is encoded for the intents first. The documents, and whoever shares an answer, need its vector too.
"""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from app.matching.ports import Encoder, Vectors

REMEMBERED = 2048
"""Texts remembered, questions and single words: three megabytes of an encoder with 384 numbers."""

MOST_TOGETHER = 64
"""Texts encoded together from which they are no questions: a catalog's phrases, or a document."""


class RememberingEncoder:
    """Encoder that always computes, and remembers what it computed for `recalling`."""

    def __init__(self, encoder: Encoder) -> None:
        """Remember nothing yet."""
        self._encoder = encoder
        self._rows: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()
        self.recalling = RecallingEncoder(self)

    @property
    def name(self) -> str:
        """Return the encoder's own name: the vectors are its."""
        return self._encoder.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, computed now.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        vectors = self._encoder.encode(texts)
        if len(texts) < MOST_TOGETHER:
            self._remember(texts, vectors)
        return vectors

    def remembered(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the rows of those texts that are remembered."""
        with self._lock:
            found = {text: self._rows[text] for text in texts if text in self._rows}
            for text in found:
                self._rows.move_to_end(text)
        return found

    def forget(self) -> None:
        """Remember nothing any more: somebody's words are erased."""
        with self._lock:
            self._rows.clear()

    def _remember(self, texts: Sequence[str], vectors: Vectors) -> None:
        with self._lock:
            for text, row in zip(texts, vectors, strict=True):
                self._rows[text] = row.copy()  # a view would keep its whole batch
                self._rows.move_to_end(text)
            while len(self._rows) > REMEMBERED:
                self._rows.popitem(last=False)


class RecallingEncoder:
    """Encoder that computes only what a remembering one does not remember."""

    def __init__(self, encoder: RememberingEncoder) -> None:
        """Recall from this one."""
        self._encoder = encoder

    @property
    def name(self) -> str:
        """Return the name of the encoder behind it."""
        return self._encoder.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text, remembered or computed now.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        rows = self._encoder.remembered(texts)
        unknown = [text for text in dict.fromkeys(texts) if text not in rows]
        if unknown or not texts:
            computed = self._encoder.encode(unknown)
            if not texts:
                return computed
            rows.update(zip(unknown, computed, strict=True))
        return np.stack([rows[text] for text in texts])
