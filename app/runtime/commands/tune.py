"""Tuning the sentence encoder on the catalog, judged on what it was kept from."""

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
"""Raised when the way of tuning changes: what an older one left unfinished is begun again."""

Watch = Callable[[str, int, int], None]
"""What is being done, steps done, steps in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningSetup:
    """What a tuning needs."""

    tuner: ContrastiveTuner
    base: str
    """The name of the encoder that is tuned."""
    plain: Encoder
    """It, as it serves now."""
    serving: Callable[[Path], Encoder]
    """A tuned model's folder as an encoder that would serve it."""
    folder: Path
    """Where tunings are kept."""


@dataclass(frozen=True, slots=True)
class _TuningRun:
    """One tuning under way."""

    shop: TuningSetup
    catalog: Catalog
    prepared: Prepared
    assignment: FoldAssignment
    folder: Path

    def examples(self, without: int | None) -> TuningExamples:
        """What the encoder of one fold, or the one for use, is taught."""
        return examples(self.prepared, self.assignment, without=without)


def tune(
    settings: Settings, catalog: Catalog, *, watch: Watch, threads: int = 0, again: bool = False
) -> TunedEncoderFolder:
    """Tune, compare, keep what is better; goes on where an interrupted run stopped. Blocking for minutes.

    Raises:
        CatalogError: too few intents to tune on.
        EncoderUnavailableError: the model cannot be loaded.
    """
    base = original_for(settings, catalog)
    probes = [one.text for one in phrases_of(catalog)]
    shop = TuningSetup(
        tuner=ContrastiveTuner(base, threads=threads),
        base=base.name,
        plain=plain_encoder_for(settings, catalog),
        serving=lambda model: Int8Encoder(SentenceEncoder(str(model)), folder=model.parent / "graph", probes=probes),
        folder=settings.models_dir.expanduser() / "tuned",
    )
    return tune_in(shop, catalog, watch=watch, again=again)


def tune_in(shop: TuningSetup, catalog: Catalog, *, watch: Watch, again: bool = False) -> TunedEncoderFolder:
    """The same, in a given workshop."""
    folder = shop.folder / _key(catalog, shop.base)
    if again:
        shutil.rmtree(folder, ignore_errors=True)
    if home := TunedEncoderFolder.read(folder):
        return home
    intents = {one.intent for one in phrases_of(catalog)}
    if len(intents) < FOLDS:
        raise CatalogError(
            f"Expected at least {FOLDS} intents with phrases to tune on, got {len(intents)}; a catalog as small as "
            "this needs no tuning."
        )
    started = time.monotonic()
    prepared = prepare(catalog, shop.plain)
    work = _TuningRun(shop, catalog, prepared, dealt(prepared), folder)
    fold_vectors, verdict, model = _tuned(work, watch)
    tuned = TunedEncoder(
        base=shop.base,
        encoder=SentenceEncoder(str(folder / model)).name if model else "",
        model=model,
        verdict=verdict,
        seconds=round(time.monotonic() - started, 1),
        phrases=tuple((*phrase, fold) for phrase, fold in work.assignment.phrases.items()),
        intents=dict(work.assignment.intents),
        background=dict(work.assignment.background),
        texts=fold_vectors.texts,
    )
    home = TunedEncoderFolder(folder, tuned)
    home.write(fold_vectors)
    for fold in range(FOLDS):
        shutil.rmtree(_fold(work, fold), ignore_errors=True)
    return home


def _tuned(work: _TuningRun, watch: Watch) -> tuple[FoldVectors, TuningVerdict, str]:
    """The folds' vectors, the verdict, and the name of the model's folder if it was worth making."""
    tuner = work.shop.tuner
    lessons = [work.examples(fold) for fold in (*range(FOLDS), None)]
    starts = np.cumsum([0, *(tuner.steps(one) for one in lessons)]).tolist()

    def moved(part: int, doing: str) -> Callable[[int], None]:
        return lambda done: watch(doing, starts[part] + done, starts[-1])

    texts = every_text(work.prepared)
    beside = work.shop.plain.encode(texts)
    folds = [_seen(work, fold, texts, moved(fold, f"trial {fold + 1} of {FOLDS}")) for fold in range(FOLDS)]
    fold_vectors = FoldVectors(
        work.assignment, texts, np.stack([paired(rows, beside) for rows in folds]).astype(np.float16)
    )
    moved(FOLDS, "comparing")(0)
    plain = unchanged(texts, beside, work.assignment, folds=FOLDS)
    verdict = compare(work.catalog, work.prepared, plain=plain, tuned=fold_vectors)
    if not verdict.kept:
        return fold_vectors, verdict, ""
    name = f"{work.shop.base.partition('@')[0].rpartition('/')[2]}-tuned"
    tuner.tune(lessons[-1], work.folder / name, moved=moved(FOLDS, "the encoder itself"))
    return fold_vectors, verdict, name


def _seen(work: _TuningRun, fold: int, texts: tuple[str, ...], moved: Callable[[int], None]) -> Vectors:
    """How the encoder of one fold sees every text, as it would serve."""
    folder, taught = _fold(work, fold), work.examples(fold)
    kept = folder / "vectors.npy"
    if kept.exists():
        moved(work.shop.tuner.steps(taught))
        found: Vectors = np.load(kept)
        return found
    work.shop.tuner.tune(taught, folder / "model", moved=moved)
    rows = work.shop.serving(folder / "model").encode(texts)
    np.save(folder / "draft.npy", rows)
    (folder / "draft.npy").rename(kept)
    for name in ("model", "graph"):
        shutil.rmtree(folder / name, ignore_errors=True)
    return rows


def _fold(work: _TuningRun, fold: int) -> Path:
    return work.folder / f"trial-{fold + 1}"


def _key(catalog: Catalog, base: str) -> str:
    titles = sorted((intent.id, intent.title) for intent in catalog.intents)
    taught = {"phrases": sorted(owned(catalog)), "titles": titles, "background": list(background_questions())}
    return digest_json({"recipe": RECIPE, "base": base, **taught})[:16]
