"""The trials that a policy is fitted on: what heads say about examples that neither they nor their encoder saw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.matching.folds import Unseen
from app.matching.head import FOLDS, Examples, Material, Round, Rows, Trial, hold_out, thinned, try_out
from app.matching.ports import Vectors
from app.matching.prepared import Prepared
from app.matching.spelling import features


def held_out(prepared: Prepared, material: Material) -> Trial:
    """The trial of a catalog: on the folds' vectors when its encoder was tuned on it."""
    if prepared.unseen is None:
        return hold_out(material)
    rows = thinned(material)[0]
    rows = rows[prepared.unseen.known(prepared.index.phrases)[rows]]
    return try_out(_rounds(prepared, prepared.unseen, material, rows=rows), rows, prepared.index.owners[rows])


def _rounds(prepared: Prepared, unseen: Unseen, whole: Material, *, rows: Rows) -> Iterator[Round]:
    index, deal = prepared.index, unseen.deal
    phrases = [index.phrases[row] for row in rows]
    parts = np.array([deal.phrases[one.intent, one.text] for one in phrases], dtype=np.intp)
    beside = np.array([deal.background.get(text, at % FOLDS) for at, text in enumerate(prepared.background)])
    barred = np.arange(len(prepared.barred.phrases)) % FOLDS
    away = np.array([deal.intents.get(intent, -1) for intent in index.intents])
    at = {text: row for row, text in enumerate(unseen.texts)}
    titles = [(text, owner) for text, owner in zip(prepared.titles, whole.titles.owners, strict=True) if text in at]
    for fold, vectors in enumerate(unseen.vectors):
        look = _Look(at, vectors.astype(np.float32))
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
class _Look:
    """How one fold sees texts."""

    at: Mapping[str, int]
    vectors: Vectors

    def of(self, texts: Sequence[str], otherwise: Vectors | None = None) -> Vectors:
        """What a head reads; a text written since the tuning is seen as `otherwise` has it."""
        rows = np.array([self.at.get(text, -1) for text in texts], dtype=np.intp)
        seen = features(texts, self.vectors[rows])
        return seen if otherwise is None or (rows >= 0).all() else np.where(rows[:, None] < 0, otherwise, seen)
