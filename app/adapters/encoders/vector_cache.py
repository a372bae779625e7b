"""Vector cache: a catalog's vectors are stored between starts, and only new phrases are encoded."""

import contextlib
import hashlib
import os
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.matching.ports import Encoder, Vectors, extra_columns


@dataclass(frozen=True, slots=True)
class _Vectors:
    """Digests of texts in rising order, and their vectors."""

    names: NDArray[np.bytes_]
    rows: Vectors


class CachingEncoder:
    """Encoder of a catalog's texts with a cache file; the file then holds exactly the vectors last asked for.

    It is for lists that recur at each start; a visitor's questions go to the encoder itself.
    """

    def __init__(self, encoder: Encoder, file: Path) -> None:
        """Cache the vectors of this encoder in `file`; losing it costs time only."""
        self._encoder = encoder
        self._file = file

    @property
    def name(self) -> str:
        """Return the encoder's name."""
        return self._encoder.name

    @property
    def extra(self) -> int:
        """Return the encoder's number of columns for the classifier alone."""
        return extra_columns(self._encoder)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 a text, float32, shape (len(texts), dimensions).

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        if not texts:
            return self._encoder.encode(texts)
        names, back = np.unique(np.array([_digest(text) for text in texts]), return_inverse=True)
        first = {int(row): text for row, text in zip(reversed(back), reversed(texts), strict=True)}
        cached = _read(self._file)
        at, known = _found(names, cached)
        missing = np.flatnonzero(~known)
        new = self._encoder.encode([first[int(row)] for row in missing]) if len(missing) else cached.rows[:0]
        rows = np.empty((len(names), new.shape[1]), dtype=np.float32)
        if known.any() and cached.rows.shape[1] != new.shape[1]:  # a file of another encoder
            return self._encoder.encode(texts)
        rows[known], rows[missing] = cached.rows[at[known]], new
        if len(missing) or len(names) != len(cached.names):
            _write(self._file, _Vectors(names, rows))
        whole: Vectors = rows[back]
        return whole


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest().encode()


def _found(names: NDArray[np.bytes_], cached: _Vectors) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return each name's position in the cache, and a mask of those that are there."""
    if not len(cached.names):
        return np.zeros(len(names), dtype=np.intp), np.zeros(len(names), dtype=np.bool_)
    at = np.minimum(np.searchsorted(cached.names, names), len(cached.names) - 1)
    return at, cached.names[at] == names


def _read(file: Path) -> _Vectors:
    nothing = _Vectors(np.zeros(0, dtype="S32"), np.zeros((0, 1), dtype=np.float32))
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
            cached = _Vectors(found["names"], found["rows"])
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, struct.error, zipfile.BadZipFile):
        return nothing
    whole = cached.names.shape == cached.rows.shape[:1] and cached.rows.dtype == np.float32 and cached.rows.ndim == 2
    return cached if whole else nothing


def _write(file: Path, cached: _Vectors) -> None:
    """Write the cache; a folder that cannot be written only costs the time again."""
    draft = file.with_suffix(f".{os.getpid()}.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(draft, names=cached.names, rows=cached.rows)
        draft.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
