"""Ports of matching: the sentence encoder, and the model that takes a second look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

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


@runtime_checkable
class WideEncoder(Encoder, Protocol):
    """Sentence encoder whose rows go on after the vector of length 1, with columns for the classifier alone."""

    @property
    def extra(self) -> int:
        """Number of these columns, at the end of each row; cosines leave them out."""
        ...


def extra_columns(encoder: Encoder) -> int:
    """Return how many columns of the encoder's rows are for the classifier alone."""
    return encoder.extra if isinstance(encoder, WideEncoder) else 0


@dataclass(frozen=True, slots=True)
class LookRequest:
    """Question and the one intent that may answer it, with what a second look is shown of it."""

    question: str
    intent: str
    title: str
    phrases: tuple[str, ...]
    answer: str
    locale: str


LookVerdict = Literal["yes", "no", "unsure"]


class SecondLook(Protocol):
    """Second look: a model that says whether an answer fits a question. Costs money and time."""

    @property
    def model(self) -> str:
        """Name of the model."""
        ...

    async def verdict(self, request: LookRequest) -> LookVerdict:
        """Return what the model says, `unsure` if it says nothing that can be read.

        Raises:
            BudgetExceededError: there is no money for it; the model was not asked.
            ProviderRefusedError, ProviderUnavailableError: there is no verdict now.
        """
        ...
