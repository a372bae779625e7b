"""Classifier of a catalog's intents: multinomial logistic regression on the vectors of phrases and titles.

One column per intent and one for "none of them", which learns from the background and from near misses. Fits
without some phrases and without some intents estimate its scores for questions that it has not seen.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from app.matching.index import Scores
from app.matching.lbfgs import Matrix, minimise
from app.matching.ports import Vectors

RIDGE = 1e-5
"""Weight of the squared coefficients in the mean loss; accuracy is flat from 3e-6 to 3e-5 (5 to 15
examples)."""

BACKGROUND_WEIGHT = 0.2
"""Weight of a background question; a phrase has 1. More crowds out intents that have few examples."""

FOLDS = 5
"""Number of folds; each is held out once."""

STEPS = 40
"""Steps of the solver: 100 and 600 give the same answers (5 and 10 examples an intent, and the sample
catalog). 25 are too few: probabilities are less sharp then, and a wrong clip passes. A new catalog is solved
eleven times."""

MAX_CELLS = 1_500_000
"""Most rows times columns of one held-out fit (about 4 s); larger catalogs use fewer folds and phrases."""

_FEW_FOLDS = 2

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Examples:
    """Vectors and, for each, the column of the intent it belongs to or must not reach."""

    vectors: Vectors
    owners: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Training data of a classifier; columns run from 0 to the number of intents - 1."""

    phrases: Examples
    titles: Examples
    barred: Examples
    """Near misses: not the intent they name; their own intent is unknown."""
    background: Vectors

    @property
    def columns(self) -> int:
        """Number of intents."""
        return int(self.phrases.owners.max()) + 1


@dataclass(frozen=True, slots=True)
class Classifier:
    """Solved weights: `scores(question)` is a probability per intent; the rest to 1 is "none of them"."""

    weights: Matrix

    def scores(self, questions: Vectors) -> Scores:
        """Return one row per question, one column per intent."""
        return _softmax(questions @ self.weights[:-1] + self.weights[-1]).astype(np.float64)[:, :-1]

    def reads(self, material: Material) -> bool:
        """Return whether it fits this material: the same length of vectors and number of intents."""
        return self.weights.shape == (material.phrases.vectors.shape[1] + 1, material.columns + 1)


@dataclass(frozen=True, slots=True)
class Trial:
    """Scores of held-out examples."""

    rows: Rows
    """Rows of the phrases that took part; all of them up to `MAX_CELLS`."""
    owners: Rows
    """The intent of each of them."""
    phrase_out: Scores
    """Each of these phrases, scored without itself."""
    intent_out: Scores
    """Each of these phrases, scored without any example of its intent."""
    background_out: Scores
    barred_out: Scores
    """Each near miss, scored without itself."""

    @classmethod
    def empty(cls, rows: Rows, owners: Rows, *, counts: tuple[int, int, int]) -> Self:
        """Return scores of 0; `counts` of intents, background questions and near misses."""
        columns, beside, barred = counts
        shapes = (len(rows), len(rows), beside, barred)
        return cls(rows, owners, *(np.zeros((count, columns)) for count in shapes))


def solve(material: Material) -> Classifier:
    """Fit the classifier to all examples; the same on every number of cores."""
    with one_thread():
        return _fit(material, np.ones(material.columns, dtype=np.bool_))


def one_thread() -> AbstractContextManager[None]:
    """Return a context with one BLAS thread: how many share a sum changes it, and a fit enlarges the difference."""
    limits: AbstractContextManager[None] = threadpool_limits(1, "blas")
    return limits


@dataclass(frozen=True, slots=True)
class Round:
    """One fold: the held-out parts of phrases, near misses and background; and, apart from them, intents."""

    material: Material
    outs: tuple[Mask, Mask, Mask]
    away: Mask


def hold_out(material: Material) -> Trial:
    """Fit classifiers without parts of the material, and let them score the held-out parts."""
    rows, folds = thinned(material)
    own = Examples(material.phrases.vectors[rows], material.phrases.owners[rows])
    tried = Material(phrases=own, titles=material.titles, barred=material.barred, background=material.background)
    parts = (_dealt(own.owners, folds), _counted(material.barred.owners, folds), _counted(material.background, folds))
    columns = np.arange(material.columns)
    rounds = (
        Round(tried, (parts[0] == fold, parts[1] == fold, parts[2] == fold), columns % folds == fold)
        for fold in range(folds)
    )
    return try_out(rounds, rows, own.owners)


def try_out(rounds: Iterable[Round], rows: Rows, owners: Rows) -> Trial:
    """Fit and score fold by fold: together they hold out each example once. Columns: as in `Round.away`.

    Folds are independent and run in parallel, one per core: numpy releases the interpreter lock.
    """
    trial: Trial | None = None
    workers = min(FOLDS, os.cpu_count() or 1)
    with one_thread(), ThreadPoolExecutor(workers, thread_name_prefix="hold out") as pool:
        under_way = []
        for one in rounds:
            counts = (len(one.away), len(one.material.background), len(one.material.barred.owners))
            trial = trial or Trial.empty(rows, owners, counts=counts)
            under_way += [pool.submit(_without_parts, one, trial), pool.submit(_without_intents, one, trial)]
        for each in under_way:
            each.result()
    assert trial is not None  # noqa: S101 - there are at least two rounds
    return trial


def _without_parts(one: Round, trial: Trial) -> None:
    own, barred, beside = one.material.phrases, one.material.barred, one.material.background
    head = _fit(_without(one.material, one.outs), np.ones(len(one.away), dtype=np.bool_))
    trial.phrase_out[one.outs[0]] = head.scores(own.vectors[one.outs[0]])
    trial.barred_out[one.outs[1]] = head.scores(barred.vectors[one.outs[1]])
    trial.background_out[one.outs[2]] = head.scores(beside[one.outs[2]])


def _without_intents(one: Round, trial: Trial) -> None:
    if one.away.any() and not one.away.all():
        gone = one.away[one.material.phrases.owners]
        trial.intent_out[gone] = _fit(one.material, ~one.away).scores(one.material.phrases.vectors[gone])


def _without(material: Material, outs: Sequence[Mask]) -> Material:
    phrases, barred = material.phrases, material.barred
    return Material(
        phrases=Examples(phrases.vectors[~outs[0]], phrases.owners[~outs[0]]),
        titles=material.titles,
        barred=Examples(barred.vectors[~outs[1]], barred.owners[~outs[1]]),
        background=material.background[~outs[2]],
    )


def _fit(material: Material, active: Mask) -> Classifier:
    """Fit to the examples of the active intents; the others get probability 0."""
    columns = np.flatnonzero(active)
    place = np.full(len(active) + 1, -1, dtype=np.intp)
    place[columns] = np.arange(len(columns))
    sets = [material.phrases, material.titles]
    rows = [one.vectors[active[one.owners]] for one in sets]
    owners = [place[one.owners[active[one.owners]]] for one in sets]
    near = active[material.barred.owners]
    vectors = np.concatenate([*rows, material.background, material.barred.vectors[near]])
    targets = np.concatenate([*owners, np.full(len(material.background), len(columns))]).astype(np.intp)
    weights = np.ones(len(vectors), dtype=np.float32)
    weights[sum(map(len, rows)) : len(targets)] = BACKGROUND_WEIGHT
    objective = _Loss(_with_constant(vectors), targets, place[material.barred.owners[near]], weights / weights.sum())
    start = np.zeros((vectors.shape[1] + 1, len(columns) + 1), dtype=np.float32)
    solved = minimise(objective, start, steps=STEPS)
    whole = np.zeros((len(solved), len(active) + 1), dtype=np.float32)
    whole[-1, :-1] = np.where(active, 0.0, -np.inf)
    whole[:, [*columns, len(active)]] = solved
    return Classifier(whole)


class _Loss:
    """Mean cross-entropy with a ridge; a near miss costs -log(1 - probability of its barred intent)."""

    def __init__(self, rows: Matrix, targets: Rows, barred: Rows, shares: Matrix) -> None:
        self._rows, self._targets, self._barred, self._shares = rows, targets, barred, shares
        self._known = np.arange(len(targets))
        self._near = np.arange(len(targets), len(rows))

    def __call__(self, weights: Matrix) -> tuple[float, Matrix]:
        chances = _softmax(self._rows @ weights)
        left = np.maximum(1.0 - chances[self._near, self._barred], 1e-6)
        right = np.concatenate([chances[self._known, self._targets], left])
        wanted = np.zeros_like(chances)
        wanted[self._known, self._targets] = 1.0
        wanted[self._near] = chances[self._near] / left[:, None]
        wanted[self._near, self._barred] = 0.0
        slopes = weights.copy()
        slopes[-1] = 0.0
        value = -float(self._shares @ np.log(np.maximum(right, 1e-30))) + RIDGE / 2 * float((slopes * slopes).sum())
        gradient = self._rows.T @ ((chances - wanted) * self._shares[:, None]) + RIDGE * slopes
        return value, gradient.astype(np.float32)


def _softmax(scores: Matrix) -> Matrix:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return chances


def _with_constant(vectors: Vectors) -> Matrix:
    return np.concatenate([vectors, np.ones((len(vectors), 1), dtype=np.float32)], axis=1)


def _dealt(owners: Rows, folds: int) -> Rows:
    """Return the fold of each phrase: those of one intent are spread over the folds as evenly as possible."""
    starts = np.searchsorted(owners, np.arange(int(owners.max()) + 1))
    dealt: Rows = (np.arange(len(owners)) - starts[owners] + 3 * owners) % folds
    return dealt


def _counted(things: NDArray[np.generic], folds: int) -> Rows:
    return np.arange(len(things)) % folds


def thinned(material: Material) -> tuple[Rows, int]:
    """Return the rows of the phrases that take part in a trial, and the number of folds."""
    owners, room = material.phrases.owners, MAX_CELLS // material.columns
    if len(owners) <= room:
        return np.arange(len(owners)), FOLDS
    share = max(2, room // material.columns)
    picked = [_spaced(np.flatnonzero(owners == column), share) for column in range(material.columns)]
    return np.sort(np.concatenate(picked)), _FEW_FOLDS


def _spaced(rows: Rows, count: int) -> Rows:
    return rows if len(rows) <= count else rows[np.linspace(0, len(rows) - 1, count).astype(np.intp)]
