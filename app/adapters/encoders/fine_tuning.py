"""Fine-tuning of a sentence-transformers model to separate a catalog's intents, on this computer's processor.

Contrastive (InfoNCE: van den Oord et al., 2018): two phrases of an intent attract each other and repel those
of other intents and of the background in the same batch. A batch is made of neighbourhoods: intents that are
easily confused. It is a plain loop over the model itself, because the library's own trainer needs two more
packages.
"""

import contextlib
import copy
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.adapters.encoders.frozen_layers import TrainableLayers
from app.adapters.encoders.sentence_transformer import SentenceEncoder
from app.errors import EncoderUnavailableError
from app.matching.fit.encoder_tuning import TuningExamples

RATE: Final = 1e-4
"""Peak learning rate; warmed up over a tenth of the steps, then falling to zero."""

SCALE: Final = 20.0
"""Factor on cosines before the softmax, as in sentence-transformers."""

PAIRS: Final = 32
"""Intents a batch, two phrases each: fewer train less; more take longer to the same result on a processor."""

BESIDE: Final = 12
"""Background questions a batch."""

EPOCHS: Final = 10
LEAST_STEPS, MOST_STEPS = 60, 600

NEIGHBOURS: Final = 3
"""Intents that join a batch with each one that is drawn, out of its twice as many nearest.

Intents that must be separated are then seen together.
"""

_CHUNK = 16
"""Texts a forward pass, of about one length: padding costs as much as words."""

_KEEP_EVERY_S: Final = 30.0
_STATE: Final = "state.pt"
_DONE: Final = "tuned.json"


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows of the examples: first phrases, second phrases of the same intents; rows of the background."""

    texts: tuple[int, ...]
    owners: tuple[int, ...]
    beside: tuple[int, ...]


class ContrastiveTuner:
    """Tuner of copies of one base model; the same examples give the same model, but for rounding."""

    def __init__(self, base: SentenceEncoder, *, threads: int = 0, most_steps: int = MOST_STEPS) -> None:
        """Use `threads` of the processor, 0 for all; the base is loaded at the first run."""
        self._base = base
        self._threads = threads or os.cpu_count() or 1
        self._most_steps = most_steps

    def steps(self, examples: TuningExamples) -> int:
        """Return the number of steps of a run."""
        by_examples = EPOCHS * len(examples.texts) // (2 * PAIRS)
        return min(self._most_steps, MOST_STEPS, max(LEAST_STEPS, by_examples))

    def tune(self, examples: TuningExamples, folder: Path, *, moved: Callable[[int], None]) -> None:
        """Write the tuned model into `folder`; blocking for minutes.

        An interrupted run is continued by the next call; `moved` gets the steps done.

        Raises:
            EncoderUnavailableError: the base model cannot be loaded, or is not one that can be tuned.
        """
        steps = self.steps(examples)
        if (folder / _DONE).exists():
            moved(steps)
            return
        folder.mkdir(parents=True, exist_ok=True)
        trainer = _Trainer(copy.deepcopy(self._base.model()), examples, steps, self._threads)
        trainer.resume(folder / _STATE)
        try:
            trainer.run(folder / _STATE, moved)
        except KeyboardInterrupt:
            trainer.keep(folder / _STATE)
            raise
        trainer.save(folder)
        (folder / _DONE).write_text(json.dumps({"steps": steps, "texts": len(examples.texts)}))
        (folder / _STATE).unlink(missing_ok=True)


class _Trainer:
    """Training run of one model; untyped where torch is."""

    def __init__(self, model: Any, examples: TuningExamples, steps: int, threads: int) -> None:
        import torch  # noqa: PLC0415 - seconds that only tuning should cost

        self._torch = torch
        torch.set_num_threads(threads)
        self._model, self._examples, self._steps, self._at = model, examples, steps, 0
        self._tokens = _tokenized(model, examples.texts)
        self._beside = _tokenized(model, examples.background)
        self._near = _nearest(model, examples)
        self._upper = TrainableLayers(model, [*self._tokens, *self._beside])
        for name, weights in model.named_parameters():
            weights.requires_grad = "embeddings" not in name  # a catalog has too few words to retrain these
        self._learning = {name: weights for name, weights in model.named_parameters() if weights.requires_grad}
        if not self._learning:
            raise EncoderUnavailableError("Expected a model with layers to tune, got none; name another encoder.")
        self._optimizer = torch.optim.AdamW(self._learning.values(), lr=RATE, weight_decay=0.01)

    def resume(self, state: Path) -> None:
        """Continue from a saved state; an unreadable one is started again."""
        try:
            kept = self._torch.load(state, weights_only=True)
            self._model.load_state_dict(kept["model"], strict=False)
            self._optimizer.load_state_dict(kept["optimizer"])
            self._at = int(kept["at"])
        except (OSError, ValueError, KeyError, RuntimeError, EOFError):
            self._at = 0

    def keep(self, state: Path) -> None:
        """Save the state so far."""
        draft = state.with_suffix(".draft")
        learned = {name: weights.detach() for name, weights in self._learning.items()}
        self._torch.save({"at": self._at, "model": learned, "optimizer": self._optimizer.state_dict()}, draft)
        draft.replace(state)

    def run(self, state: Path, moved: Callable[[int], None]) -> None:
        """Run all remaining steps."""
        kept_at = time.monotonic()
        self._model.train()
        for at, batch in enumerate(_batches(self._examples, self._near, self._steps)):
            if at < self._at:
                continue
            self._step(at, batch)
            self._at = at + 1
            moved(self._at)
            if time.monotonic() - kept_at > _KEEP_EVERY_S:
                self.keep(state)
                kept_at = time.monotonic()

    def save(self, folder: Path) -> None:
        """Write the model as sentence-transformers reads it."""
        self._upper.whole()
        self._model.eval()
        self._model.save(str(folder), create_model_card=False)

    def _step(self, at: int, batch: _Batch) -> None:
        self._torch.manual_seed(at)  # the same dropout after an interruption
        for group in self._optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (at + 1) / (0.1 * self._steps)) * (1 - at / self._steps)
        loss = self._loss(batch)
        loss.backward()
        self._torch.nn.utils.clip_grad_norm_(list(self._learning.values()), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()

    def _loss(self, batch: _Batch) -> Any:
        torch = self._torch
        vectors = self._encode([self._tokens[row] for row in batch.texts] + [self._beside[row] for row in batch.beside])
        count = len(batch.texts)
        owners = torch.tensor([*batch.owners, *([-1] * len(batch.beside))])
        itself = torch.zeros(count, len(owners), dtype=torch.bool)
        itself[:, :count] = torch.eye(count, dtype=torch.bool)
        scores = (SCALE * vectors[:count] @ vectors.T).masked_fill(itself, -1e9)
        same = (owners[:count, None] == owners[None]) & ~itself
        chances = scores - torch.logsumexp(scores, dim=1, keepdim=True)
        return -(chances * same).sum(dim=1).div(same.sum(dim=1)).mean()

    def _encode(self, tokens: list[list[int]]) -> Any:
        """Return unit vectors in the order given, encoded by length."""
        order = sorted(range(len(tokens)), key=lambda at: (len(tokens[at]), at))
        with _half_precision(self._torch):
            chunks = (order[start : start + _CHUNK] for start in range(0, len(order), _CHUNK))
            parts = [self._forward([tokens[at] for at in chunk]) for chunk in chunks]
        back = np.argsort(order)
        return self._torch.nn.functional.normalize(self._torch.cat(parts)[self._torch.from_numpy(back)], dim=1)

    def _forward(self, tokens: list[list[int]]) -> Any:
        padded = self._model.tokenizer.pad({"input_ids": tokens}, return_tensors="pt")
        return self._model(dict(padded))["sentence_embedding"].float()


def _tokenized(model: Any, texts: tuple[str, ...]) -> list[list[int]]:
    if not texts:
        return []
    found: list[list[int]] = model.tokenizer(list(texts), truncation=True, max_length=model.max_seq_length)["input_ids"]
    return found


def _half_precision(torch: Any) -> Any:
    """Use 16 bits where the processor multiplies them itself: half the time.

    Elsewhere it would take longer.
    """
    flags = Path("/proc/cpuinfo")
    supported = flags.exists() and "avx512_bf16" in flags.read_text(encoding="utf-8", errors="replace")
    return torch.autocast("cpu", torch.bfloat16) if supported else contextlib.nullcontext()


def _nearest(model: Any, examples: TuningExamples) -> NDArray[np.intp]:
    """Return for each intent the others, the most confusable first; shape (intents, intents - 1)."""
    vectors = model.encode(list(examples.texts), normalize_embeddings=True, show_progress_bar=False)
    owners = np.array(examples.owners)
    centres = np.stack([vectors[owners == owner].mean(axis=0) for owner in np.unique(owners)])
    cosines = centres @ centres.T
    np.fill_diagonal(cosines, np.inf)
    order: NDArray[np.intp] = np.argsort(-cosines, axis=1, kind="stable")[:, 1:]
    return order


def _batches(examples: TuningExamples, near: NDArray[np.intp], steps: int) -> Iterator[_Batch]:
    """Yield batches: every intent in turn with some neighbours, two phrases of each.

    An intent with one phrase has it twice; dropout makes the two differ.
    """
    random = np.random.default_rng(len(examples.texts))
    owners = np.array(examples.owners)
    names = np.unique(owners)
    rows = [np.flatnonzero(owners == owner) for owner in names]
    waiting: list[int] = []
    for _ in range(steps):
        if len(waiting) < PAIRS:
            waiting += random.permutation(len(rows)).tolist()
        drawn, waiting = waiting[: PAIRS // (1 + NEIGHBOURS)], waiting[PAIRS // (1 + NEIGHBOURS) :]
        beside = [random.permutation(near[one, : 2 * NEIGHBOURS + 1])[:NEIGHBOURS] for one in drawn]
        chosen = list(dict.fromkeys(int(one) for one in np.concatenate([drawn, *beside])))
        pairs = np.array([_phrase_pair(rows[one], random) for one in chosen])
        far = random.permutation(len(examples.background))[:BESIDE]
        named = tuple(int(names[one]) for one in chosen)
        yield _Batch(tuple(pairs.T.ravel().tolist()), (*named, *named), tuple(far.tolist()))


def _phrase_pair(rows: NDArray[np.intp], random: np.random.Generator) -> NDArray[np.intp]:
    return random.choice(rows, 2, replace=len(rows) < 2)
