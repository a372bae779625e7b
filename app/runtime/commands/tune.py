"""Fine-tuning of the sentence encoder on the catalog, judged on held-out phrases."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.adapters.encoders.concatenated import paired
from app.adapters.encoders.fine_tuning import ContrastiveTuner
from app.adapters.encoders.int8 import Int8Encoder
from app.adapters.encoders.sentence_transformer import SentenceEncoder
from app.catalog.model import Catalog
from app.digest import digest_json
from app.errors import CatalogError
from app.matching.classifier import FOLDS
from app.matching.fit.encoder_tuning import (
    TuningExamples,
    TuningVerdict,
    compare,
    dealt,
    every_text,
    examples,
    unchanged,
)
from app.matching.folds import FoldAssignment, FoldVectors
from app.matching.ports import Encoder, Vectors
from app.matching.prepared_catalog import Prepared, background_questions, phrases_of, prepare
from app.runtime.settings.site import Settings
from app.runtime.wiring.store_and_encoder import original_for, plain_encoder_for
from app.runtime.wiring.tuned_encoders import TunedEncoder, TunedEncoderFolder, owned

RECIPE = 2
"""Version of the way of tuning: unfinished tunings of an older one start again."""

Watch = Callable[[str, int, int], None]
"""Progress callback: the name of the step, steps done, steps in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningSetup:
    """Parts that a tuning needs."""

    tuner: ContrastiveTuner
    base: str
    """Name of the encoder that is tuned."""
    plain: Encoder
    """That encoder as it serves now."""
    serving: Callable[[Path], Encoder]
    """Makes the encoder that would serve a tuned model's folder."""
    folder: Path
    """Folder of all tunings."""


@dataclass(frozen=True, slots=True)
class _TuningRun:
    """One tuning under way."""

    setup: TuningSetup
    catalog: Catalog
    prepared: Prepared
    assignment: FoldAssignment
    folder: Path

    def examples(self, without: int | None) -> TuningExamples:
        """Examples for the encoder of one fold, or for the one for use."""
        return examples(self.prepared, self.assignment, without=without)


def tune(
    settings: Settings, catalog: Catalog, *, watch: Watch, threads: int = 0, again: bool = False
) -> TunedEncoderFolder:
    """Tune, compare, and use the better encoder; goes on where an interrupted run stopped.

    Blocking for minutes.

    Raises:
        CatalogError: too few intents to tune on.
        EncoderUnavailableError: the model cannot be loaded.
    """
    base = original_for(settings, catalog)
    probes = [one.text for one in phrases_of(catalog)]
    setup = TuningSetup(
        tuner=ContrastiveTuner(base, threads=threads),
        base=base.name,
        plain=plain_encoder_for(settings, catalog),
        serving=lambda model: Int8Encoder(SentenceEncoder(str(model)), folder=model.parent / "graph", probes=probes),
        folder=settings.models_dir.expanduser() / "tuned",
    )
    return tune_in(setup, catalog, watch=watch, again=again)


def tune_in(setup: TuningSetup, catalog: Catalog, *, watch: Watch, again: bool = False) -> TunedEncoderFolder:
    """Tune with a given setup; see `tune`."""
    folder = setup.folder / _key(catalog, setup.base)
    if again:
        shutil.rmtree(folder, ignore_errors=True)
    if finished := TunedEncoderFolder.read(folder):
        return finished
    intents = {one.intent for one in phrases_of(catalog)}
    if len(intents) < FOLDS:
        raise CatalogError(
            f"Expected at least {FOLDS} intents with phrases to tune on, got {len(intents)}; such a small "
            "catalog needs no tuning."
        )
    started = time.monotonic()
    prepared = prepare(catalog, setup.plain)
    work = _TuningRun(setup, catalog, prepared, dealt(prepared), folder)
    fold_vectors, verdict, model = _tuned(work, watch)
    tuned = TunedEncoder(
        base=setup.base,
        encoder=SentenceEncoder(str(folder / model)).name if model else "",
        model=model,
        verdict=verdict,
        seconds=round(time.monotonic() - started, 1),
        phrases=tuple((*phrase, fold) for phrase, fold in work.assignment.phrases.items()),
        intents=dict(work.assignment.intents),
        background=dict(work.assignment.background),
        texts=fold_vectors.texts,
    )
    result = TunedEncoderFolder(folder, tuned)
    result.write(fold_vectors)
    for fold in range(FOLDS):
        shutil.rmtree(_fold(work, fold), ignore_errors=True)
    return result


def _tuned(work: _TuningRun, watch: Watch) -> tuple[FoldVectors, TuningVerdict, str]:
    """Tune all folds.

    Return their vectors, the verdict, and the name of the model's folder if it is better.
    """
    tuner = work.setup.tuner
    parts = [work.examples(fold) for fold in (*range(FOLDS), None)]
    starts = np.cumsum([0, *(tuner.steps(one) for one in parts)]).tolist()

    def progress(part: int, doing: str) -> Callable[[int], None]:
        return lambda done: watch(doing, starts[part] + done, starts[-1])

    texts = every_text(work.prepared)
    plain_rows = work.setup.plain.encode(texts)
    folds = [_fold_rows(work, fold, texts, progress(fold, f"trial {fold + 1} of {FOLDS}")) for fold in range(FOLDS)]
    fold_vectors = FoldVectors(
        work.assignment, texts, np.stack([paired(rows, plain_rows) for rows in folds]).astype(np.float16)
    )
    progress(FOLDS, "comparing")(0)
    plain = unchanged(texts, plain_rows, work.assignment, folds=FOLDS)
    verdict = compare(work.catalog, work.prepared, plain=plain, tuned=fold_vectors)
    if not verdict.kept:
        return fold_vectors, verdict, ""
    name = f"{work.setup.base.partition('@')[0].rpartition('/')[2]}-tuned"
    tuner.tune(parts[-1], work.folder / name, moved=progress(FOLDS, "the encoder itself"))
    return fold_vectors, verdict, name


def _fold_rows(work: _TuningRun, fold: int, texts: tuple[str, ...], moved: Callable[[int], None]) -> Vectors:
    """Vectors of every text by the encoder of one fold, in the form that would serve.

    Read from disk if stored.
    """
    folder, fold_examples = _fold(work, fold), work.examples(fold)
    stored = folder / "vectors.npy"
    if stored.exists():
        moved(work.setup.tuner.steps(fold_examples))
        found: Vectors = np.load(stored)
        return found
    work.setup.tuner.tune(fold_examples, folder / "model", moved=moved)
    rows = work.setup.serving(folder / "model").encode(texts)
    np.save(folder / "draft.npy", rows)
    (folder / "draft.npy").rename(stored)
    for name in ("model", "graph"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return rows


def _fold(work: _TuningRun, fold: int) -> Path:
    return work.folder / f"trial-{fold + 1}"


def _key(catalog: Catalog, base: str) -> str:
    titles = sorted((intent.id, intent.title) for intent in catalog.intents)
    taught = {"phrases": sorted(owned(catalog)), "titles": titles, "background": list(background_questions())}
    return digest_json({"recipe": RECIPE, "base": base, **taught})[:16]
