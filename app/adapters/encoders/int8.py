"""Quantised encoder: the same model in 8 bits, run by ONNX Runtime.

It takes a fifth of the time and is ready in a fraction of a second.
"""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Final

import numpy as np
import structlog

from app.adapters.encoders.onnx_export import ExportError, export
from app.adapters.encoders.sentence_transformer import SentenceEncoder
from app.matching.ports import Vectors

SAME: Final = 0.99
"""Mean cosine to the original that a quantised graph must reach; all-MiniLM-L6-v2 reaches .993."""

AGREEING: Final = 0.95
"""Share of probe texts whose nearest other probe must be the original's choice too, but for ties."""

_MOST_PROBES: Final = 64

_MANY: Final = 100
"""Number of texts from which it is a catalog, not visitors' questions.

Several threads encode it, a text each.
"""

_MOST_THREADS: Final = 4

_TIE: Final = 0.03
"""Error of 8 bits in a cosine between two texts: .011 as a rule, .030 at the 99th percentile.

Measured with all-MiniLM-L6-v2 on 150 texts. Within it, the nearest text is undecided.
"""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Verification:
    """Similarity of a quantised graph to its original."""

    cosine: float
    agreeing: float

    @property
    def passed(self) -> bool:
        """Return whether the graph may replace the original."""
        return self.cosine >= SAME and self.agreeing >= AGREEING


@dataclass(frozen=True, slots=True)
class _Graph:
    """Loaded graph; untyped: onnxruntime.InferenceSession, tokenizers.Tokenizer."""

    session: Any
    tokenizer: Any
    inputs: tuple[str, ...]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode with one forward pass a text.

        A batch would share one scale, so that a vector would depend on the other texts.
        """
        if len(texts) < _MANY:
            rows = [self._one(text) for text in texts]
            return np.stack(rows) if rows else np.zeros((0, 1), dtype=np.float32)
        with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1), thread_name_prefix="encode") as pool:
            return np.stack(list(pool.map(self._one, texts)))

    def _one(self, text: str) -> Vectors:
        tokens = self.tokenizer.encode(text)
        columns = {"input_ids": tokens.ids, "attention_mask": tokens.attention_mask, "token_type_ids": tokens.type_ids}
        feed = {name: np.array([columns[name]], dtype=np.int64) for name in self.inputs}
        row: Vectors = self.session.run(None, feed)[0][0]
        return (row / max(float(np.linalg.norm(row)), 1e-12)).astype(np.float32)


class Int8Encoder:
    """Replacement for a `SentenceEncoder` when its graph can be made, verified and stored.

    Else it delegates.
    """

    def __init__(
        self, original: SentenceEncoder, *, folder: Path, probes: Sequence[str] = (), threads: int = 1
    ) -> None:
        """Store graphs in `folder`, by the model's digest; `probes` (the catalog's texts) verify a new one.

        Nothing is loaded before the first use; the very first takes about ten seconds.
        """
        self._original = original
        self._folder = folder
        self._probes = tuple(probes)[:: max(1, len(probes) // _MOST_PROBES)]
        self._threads = threads
        self._lock = Lock()
        self._graph: _Graph | None = None
        self._opened = False

    @property
    def name(self) -> str:
        """Return the original's name, with `+int8` when the quantised graph is used.

        Their vectors are not compared.
        """
        return f"{self._original.name}+int8" if self._ready() else self._original.name

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length 1 a text, float32; the result does not depend on the other texts.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        graph = self._ready()
        return graph.encode(texts) if graph else self._original.encode(texts)

    def _ready(self) -> _Graph | None:
        with self._lock:
            if not self._opened:
                self._graph, self._opened = self._open(), True
            return self._graph

    def _open(self) -> _Graph | None:
        home = self._folder / self._original.name.replace("/", "--")
        try:
            if not (home / "verified.json").exists():
                self._make(home)
            verified = Verification(**json.loads((home / "verified.json").read_text()))
            return _load(home, self._threads) if verified.passed else None
        except (ExportError, ImportError, OSError, ValueError, TypeError) as error:
            log.warning("encoder.not_quantized", model=self._original.name, error=str(error))
            return None

    def _make(self, home: Path) -> None:
        home.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="draft-", dir=home.parent) as drafts:
            draft = Path(drafts) / home.name
            draft.mkdir()
            export(self._original.model(), draft)
            verified = self._verified(_load(draft, self._threads))
            (draft / "verified.json").write_text(json.dumps(asdict(verified)))
            if not home.exists():
                draft.rename(home)
        log.info("encoder.quantized", model=self._original.name, passed=verified.passed, cosine=verified.cosine)

    def _verified(self, graph: _Graph) -> Verification:
        texts = self._probes or _PROBES
        return verify(self._original.encode(texts), graph.encode(texts))


def verify(original: Vectors, quantized: Vectors) -> Verification:
    """Compare the vectors of the same texts."""
    cosines = (original * quantized).sum(axis=1)
    if len(original) < 2:
        return Verification(float(cosines.mean()), 1.0)
    before, after = original @ original.T, quantized @ quantized.T
    np.fill_diagonal(before, -1.0)
    np.fill_diagonal(after, -1.0)
    nearest = before[np.arange(len(before)), after.argmax(axis=1)]
    return Verification(float(cosines.mean()), float((nearest >= before.max(axis=1) - _TIE).mean()))


def _load(home: Path, threads: int) -> _Graph:
    import onnxruntime  # noqa: PLC0415 - a tenth of a second that only an encoder in use should cost
    from tokenizers import Tokenizer  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(str(home / "model.onnx"), options, providers=["CPUExecutionProvider"])
    facts = json.loads((home / "facts.json").read_text())
    tokenizer = Tokenizer.from_file(str(home / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(facts["max_tokens"])
    return _Graph(session, tokenizer, tuple(one.name for one in session.get_inputs()))


_PROBES = (
    "When are you open?",
    "What time do you close on Saturdays?",
    "How much is a ticket for two adults?",
    "May I bring my dog inside?",
    "Where can I park my car?",
    "How do I turn off the audio guide?",
    "Is there anything to eat?",
    "Who built this house?",
    "I have lost my umbrella.",
    "Thank you very much, goodbye.",
)
