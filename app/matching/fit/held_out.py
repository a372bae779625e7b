"""Held-out questions: the catalog's own phrases, each asked against a catalog without it.

Thresholds are fitted on these questions, and `greenroom eval` reports their results.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.matching.classifier import FOLDS, Examples, Material, Round, Rows, Trial, hold_out, thinned, try_out
from app.matching.embedding_stage import EmbeddingResult, EmbeddingStage
from app.matching.folds import FoldVectors
from app.matching.index import LEFT_OUT, PhraseIndex, Scores
from app.matching.lexical import LexicalPhrase
from app.matching.ports import Vectors
from app.matching.prepared_catalog import Prepared
from app.matching.spelling_features import features

Group = Literal["phrase", "near topic", "near miss", "off topic"]
"""A phrase without itself; a phrase without its intent; a `not_phrase` without itself; the shipped
background."""

Wanted = Mapping[Group, NDArray[np.bool_]]
"""Masks of the rows of each group that are asked."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One held-out question and its scores."""

    group: Group
    row: int
    """Its position in the group."""
    asked: LexicalPhrase
    cosines: Scores
    away: Scores
    """Cosines to the near misses."""
    heads: Scores

    def weighed(self, judge: EmbeddingStage) -> EmbeddingResult:
        """Return what the judge rules on it."""
        asked = self.asked
        return judge.weigh(asked.text, cosines=self.cosines, away=self.away, heads=self.heads, locale=asked.locale)


def held_questions(prepared: Prepared, trial: Trial, wanted: Wanted | None = None) -> Iterator[HeldOut]:
    """Yield every question of the trial, or the wanted ones, group by group."""
    counts: dict[Group, int] = {
        "phrase": len(trial.rows),
        "near topic": len(trial.rows) if len(prepared.index.intents) > 1 else 0,
        "near miss": len(prepared.barred.phrases),
        "off topic": len(prepared.background),
    }
    nobody = np.zeros(0, dtype=np.bool_)
    for group, count in counts.items():
        chosen = np.arange(count) if wanted is None else np.flatnonzero(wanted.get(group, nobody))
        yield from (_held(prepared, trial, group, row) for row in chosen.tolist())


def _held(prepared: Prepared, trial: Trial, group: Group, row: int) -> HeldOut:
    index, barred = prepared.index, prepared.barred
    match group:
        case "phrase" | "near topic":
            at = int(trial.rows[row])
            asked, vector = index.phrases[at], index.vectors[at]
            gone = np.array(at) if group == "phrase" else np.flatnonzero(index.owners == index.owners[at])
            heads = (trial.phrase_out if group == "phrase" else trial.intent_out)[row]
            return HeldOut(
                group, row, asked, _cosines(index, vector, asked.locale, gone), barred.cosines(vector), heads
            )
        case "near miss":
            asked, vector = barred.phrases[row], barred.vectors[row]
            away = _cosines(barred, vector, None, np.array(row))
            return HeldOut(group, row, asked, index.cosines(vector, locale=asked.locale), away, trial.barred_out[row])
        case "off topic":
            vector, text = prepared.beside[row], prepared.background[row]
            asked = LexicalPhrase(text, "", "", text)
            return HeldOut(group, row, asked, index.cosines(vector), barred.cosines(vector), trial.background_out[row])


def _cosines(index: PhraseIndex, vector: Vectors, locale: str | None, gone: NDArray[np.intp]) -> Scores:
    cosines = index.cosines(vector, locale=locale)
    cosines[gone] = LEFT_OUT
    return cosines


def held_out(prepared: Prepared, material: Material) -> Trial:
    """Run the trial of a catalog, on the folds' vectors if its encoder was tuned on it."""
    if prepared.fold_vectors is None:
        return hold_out(material)
    rows = thinned(material)[0]
    rows = rows[prepared.fold_vectors.known(prepared.index.phrases)[rows]]
    return try_out(_rounds(prepared, prepared.fold_vectors, material, rows=rows), rows, prepared.index.owners[rows])


def _rounds(prepared: Prepared, fold_vectors: FoldVectors, whole: Material, *, rows: Rows) -> Iterator[Round]:
    index, assignment = prepared.index, fold_vectors.assignment
    phrases = [index.phrases[row] for row in rows]
    parts = np.array([assignment.phrases[one.intent, one.text] for one in phrases], dtype=np.intp)
    beside = np.array([assignment.background.get(text, at % FOLDS) for at, text in enumerate(prepared.background)])
    barred = np.arange(len(prepared.barred.phrases)) % FOLDS
    away = np.array([assignment.intents.get(intent, -1) for intent in index.intents])
    at = {text: row for row, text in enumerate(fold_vectors.texts)}
    titles = [(text, owner) for text, owner in zip(prepared.titles, whole.titles.owners, strict=True) if text in at]
    for fold, vectors in enumerate(fold_vectors.vectors):
        look = _FoldView(at, vectors.astype(np.float32))
        material = Material(
            phrases=Examples(look.of([one.text for one in phrases]), index.owners[rows]),
            titles=Examples(look.of([text for text, _ in titles]), np.array([one for _, one in titles], dtype=np.intp)),
            barred=Examples(
                look.of([one.text for one in prepared.barred.phrases], whole.barred.vectors), whole.barred.owners
            ),
            background=look.of(prepared.background, whole.background),
        )
        yield Round(material, (parts == fold, barred == fold, beside == fold), away == fold)


@dataclass(frozen=True, slots=True)
class _FoldView:
    """Vectors of one fold's encoder by text."""

    at: Mapping[str, int]
    vectors: Vectors

    def of(self, texts: Sequence[str], otherwise: Vectors | None = None) -> Vectors:
        """Return the features of texts; `otherwise` has those of texts written since the tuning."""
        rows = np.array([self.at.get(text, -1) for text in texts], dtype=np.intp)
        seen = features(texts, self.vectors[rows])
        return seen if otherwise is None or (rows >= 0).all() else np.where(rows[:, None] < 0, otherwise, seen)
