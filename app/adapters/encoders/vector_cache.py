"""Vectors that are kept between starts: a catalog is encoded once, and then only the phrases that are new."""

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

from app.matching.ports import Encoder, Vectors


@dataclass(frozen=True, slots=True)
class _Kept:
    """Digests of texts in rising order, and their vectors."""

    names: NDArray[np.bytes_]
    rows: Vectors


class CachingEncoder:
    """Encodes what a catalog holds: takes from the file what it has, writes what was asked for, and no more, back.

    For the lists that come again at each start; a visitor's questions go to the encoder itself.
    """

    def __init__(self, encoder: Encoder, file: Path) -> None:
        """Keep the vectors of this encoder in `file`, which nothing but its loss of time would miss."""
        self._encoder = encoder
        self._file = file

    @property
    def name(self) -> str:
        """The encoder's."""
        return self._encoder.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 a text, float32, shape (len(texts), dimensions).

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        if not texts:
            return self._encoder.encode(texts)
        names, back = np.unique(np.array([_digest(text) for text in texts]), return_inverse=True)
        first = {int(row): text for row, text in zip(reversed(back), reversed(texts), strict=True)}
        kept = _read(self._file)
        at, known = _found(names, kept)
        missing = np.flatnonzero(~known)
        new = self._encoder.encode([first[int(row)] for row in missing]) if len(missing) else kept.rows[:0]
        rows = np.empty((len(names), new.shape[1]), dtype=np.float32)
        if known.any() and kept.rows.shape[1] != new.shape[1]:  # a file of something else
            return self._encoder.encode(texts)
        rows[known], rows[missing] = kept.rows[at[known]], new
        if len(missing) or len(names) != len(kept.names):
            _write(self._file, _Kept(names, rows))
        whole: Vectors = rows[back]
        return whole


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest().encode()


def _found(names: NDArray[np.bytes_], kept: _Kept) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where each name stands in what was kept, and whether it does."""
    if not len(kept.names):
        return np.zeros(len(names), dtype=np.intp), np.zeros(len(names), dtype=np.bool_)
    at = np.minimum(np.searchsorted(kept.names, names), len(kept.names) - 1)
    return at, kept.names[at] == names


def _read(file: Path) -> _Kept:
    nothing = _Kept(np.zeros(0, dtype="S32"), np.zeros((0, 1), dtype=np.float32))
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
            kept = _Kept(found["names"], found["rows"])
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, struct.error, zipfile.BadZipFile):
        return nothing
    whole = kept.names.shape == kept.rows.shape[:1] and kept.rows.dtype == np.float32 and kept.rows.ndim == 2
    return kept if whole else nothing


def _write(file: Path, kept: _Kept) -> None:
    """Keep them; a folder that cannot be written costs the time again, nothing else."""
    draft = file.with_suffix(f".{os.getpid()}.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(draft, names=kept.names, rows=kept.rows)
        draft.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
