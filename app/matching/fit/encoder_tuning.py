"""Encoder tuning: its examples, and the verdict whether the tuned encoder is better, on held-out phrases."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from app.catalog.model import Catalog
from app.matching.calibration import top_two
from app.matching.classifier import Trial
from app.matching.decision import Value
from app.matching.fit.held_out import held_out
from app.matching.fit.thresholds import fit_trial
from app.matching.folds import FoldAssignment, FoldVectors
from app.matching.policy import Fitted
from app.matching.ports import Vectors
from app.matching.prepared_catalog import Prepared, background_questions

_Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class TuningExamples:
    """Examples for one encoder: normalised texts, each one's intent by number, and background questions."""

    texts: tuple[str, ...]
    owners: tuple[int, ...]
    background: tuple[str, ...]


class TuningVerdict(Value):
    """Share of all questions that get their clip, at the promised false-hit rate, on held-out phrases."""

    kept: bool
    plain: float
    tuned: float
    gain: float
    gain_low: float
    """Lower end of the 95 % interval of the gain, phrase by phrase; the tuned encoder is used only if it is
    above 0."""
    gain_high: float
    phrases: int
    promise: float


def examples(prepared: Prepared, assignment: FoldAssignment, *, without: int | None) -> TuningExamples:
    """Return all examples, or all but those that fold `without` holds out."""
    index = prepared.index
    taught = [
        (one.text, column)
        for one, column in zip(index.phrases, index.owners, strict=True)
        if without is None or without not in (assignment.phrases[one.intent, one.text], assignment.intents[one.intent])
    ]
    owners = prepared.material.titles.owners if prepared.material else ()
    taught += [
        (title, column)
        for title, column in zip(prepared.titles, owners, strict=True)
        if without is None or assignment.intents[index.intents[column]] != without
    ]
    beside = tuple(text for text in prepared.background if assignment.background[text] != without)
    return TuningExamples(tuple(text for text, _ in taught), tuple(int(column) for _, column in taught), beside)


def dealt(prepared: Prepared) -> FoldAssignment:
    """Assign the phrases of a catalog and the whole background to folds."""
    return FoldAssignment.of(prepared.index.phrases, background_questions())


def every_text(prepared: Prepared) -> tuple[str, ...]:
    """Return all texts that a fold's encoder must encode."""
    own = (one.text for one in (*prepared.index.phrases, *prepared.barred.phrases))
    return tuple(dict.fromkeys(chain(own, background_questions(), prepared.titles)))


def unchanged(texts: Sequence[str], vectors: Vectors, assignment: FoldAssignment, *, folds: int) -> FoldVectors:
    """Return the base encoder's vectors as those of every fold: it has not seen the catalog."""
    row = vectors.astype(np.float16)
    return FoldVectors(assignment, tuple(texts), np.broadcast_to(row, (folds, *row.shape)))


def compare(catalog: Catalog, prepared: Prepared, *, plain: FoldVectors, tuned: FoldVectors) -> TuningVerdict:
    """Fit a policy to both, on the same folds, and count the hits; blocking for as long as two fits."""
    before, after = (_hits(catalog, replace(prepared, fold_vectors=fold_vectors)) for fold_vectors in (plain, tuned))
    change = after.hits - before.hits
    share = after.in_scope
    gain, half = float(change.mean()), _Z95 * float(change.std()) / sqrt(max(1, len(change)))
    return TuningVerdict(
        kept=gain - half > 0,
        plain=before.fitted.hit_rate.value,
        tuned=after.fitted.hit_rate.value,
        gain=share * gain,
        gain_low=share * (gain - half),
        gain_high=share * (gain + half),
        phrases=len(change),
        promise=catalog.matching.max_false_hit_rate,
    )


@dataclass(frozen=True, slots=True)
class _Hits:
    """Policy and, for each held-out phrase, 1 if its clip would play."""

    fitted: Fitted
    hits: NDArray[np.float64]

    @property
    def in_scope(self) -> float:
        """Share of all questions that the phrases stand for."""
        mean = float(self.hits.mean())
        return self.fitted.hit_rate.value / mean if mean else 1.0


def _hits(catalog: Catalog, prepared: Prepared) -> _Hits:
    assert prepared.material is not None  # noqa: S101 - a catalog without phrases is not tuned
    trial = held_out(prepared, prepared.material)
    fitted = fit_trial(catalog, prepared, trial)
    return _Hits(fitted, _played(trial, fitted))


def _played(trial: Trial, fitted: Fitted) -> NDArray[np.float64]:
    top, limits = top_two(trial.phrase_out), fitted.thresholds
    plays = fitted.gate.probability(top.first, top.second) >= limits.answer
    clear = top.first - top.second >= limits.margin
    hits: NDArray[np.float64] = (plays & clear & (top.column == trial.owners)).astype(np.float64)
    return hits
