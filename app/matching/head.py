"""A classifier grown from the catalog: kernel ridge regression over the phrases' vectors, solved in closed form.

One target column an intent, 1 for its own phrases and 0 for all others and for the background. The same inverse gives
the prediction for a phrase as if it had been left out, and as if its whole intent had been, at no further cost
(Rifkin and Lippert, 2007, for one row; the block form of the same identity for a group).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.matching.index import Scores
from app.matching.ports import Vectors

RIDGE = 0.3
"""Regularisation: accuracy is flat from 0.1 to 1.0 with 5 and 10 examples an intent (CLINC150, development only)."""

WIDTH = 1.0
"""The Gaussian kernel is exp(-WIDTH * squared distance of unit vectors)."""

MAX_ROWS = 3000
"""Rows the dense solve takes (72 MB, about 3 s); of larger catalogs every intent gives evenly spaced phrases."""


@dataclass(frozen=True, slots=True)
class Head:
    """Solved weights: `scores(question)` is about 1 for a sure intent and about 0 for the rest."""

    rows: Vectors
    weights: Scores

    def scores(self, questions: Vectors) -> Scores:
        """One row a question, one column an intent."""
        return kernel(questions, self.rows) @ self.weights


@dataclass(frozen=True, slots=True)
class Trial:
    """The head and what it says about its own examples when it has not seen them."""

    head: Head
    kept: NDArray[np.intp]
    """Which phrases took part; all of them up to `MAX_ROWS`."""
    owners: NDArray[np.intp]
    phrase_out: Scores
    """Each kept phrase, scored without itself."""
    intent_out: Scores
    """Each kept phrase, scored without any phrase of its intent."""
    background_out: Scores
    barred_out: Scores
    """Each near miss, scored without itself."""


def kernel(left: Vectors, right: Vectors) -> Scores:
    """Similarity of every row to every row, 0 to 1."""
    cosines = (left @ right.T).astype(np.float64)
    similar: Scores = np.exp(-2.0 * WIDTH * (1.0 - cosines))
    return similar


@dataclass(frozen=True, slots=True)
class Examples:
    """Vectors and, where they have one, the column of the intent they belong to or must stay away from."""

    vectors: Vectors
    owners: NDArray[np.intp]


def solve(phrases: Examples, barred: Examples, background: Vectors) -> Trial:
    """Fit the head and its held-out scores; columns run from 0 to the number of intents - 1.

    A near miss is 0 for the intent it is barred from. What it is for the others nobody said, so it stands there as what
    the head without near misses thinks of it, which teaches them nothing.
    """
    kept = _thinned(phrases.owners, MAX_ROWS - len(background) - len(barred.vectors))
    own, columns = phrases.owners[kept], int(phrases.owners.max()) + 1
    rows = np.concatenate([phrases.vectors[kept], background])
    targets = np.concatenate([np.eye(columns)[own], np.zeros((len(background), columns))])
    if len(barred.vectors):
        solved: Scores = np.linalg.solve(_ridged(rows), targets)
        unbarred = Head(rows, solved).scores(barred.vectors)
        unbarred[np.arange(len(unbarred)), barred.owners] = 0.0
        rows, targets = np.concatenate([rows, barred.vectors]), np.concatenate([targets, unbarred])
    inverse = np.linalg.inv(_ridged(rows)).astype(np.float64)
    weights: Scores = inverse @ targets
    row_out: Scores = targets - weights / np.diag(inverse)[:, None]
    return Trial(
        head=Head(rows, weights),
        kept=kept,
        owners=own,
        phrase_out=row_out[: len(own)],
        intent_out=_without_intents(inverse, weights, targets, own),
        background_out=row_out[len(own) : len(own) + len(background)],
        barred_out=row_out[len(own) + len(background) :],
    )


def _ridged(rows: Vectors) -> Scores:
    ridged: Scores = kernel(rows, rows) + RIDGE * np.eye(len(rows))
    return ridged


def _without_intents(inverse: Scores, weights: Scores, targets: Scores, owners: NDArray[np.intp]) -> Scores:
    scores = np.zeros((len(owners), targets.shape[1]))
    for column in range(targets.shape[1]):
        group = np.flatnonzero(owners == column)
        scores[group] = targets[group] - np.linalg.solve(inverse[np.ix_(group, group)], weights[group])
        scores[group, column] = 0.0
    return scores


def _thinned(owners: NDArray[np.intp], room: int) -> NDArray[np.intp]:
    if len(owners) <= room:
        return np.arange(len(owners))
    share = max(1, room // (int(owners.max()) + 1))
    picked = [_spaced(np.flatnonzero(owners == column), share) for column in range(int(owners.max()) + 1)]
    return np.sort(np.concatenate(picked))


def _spaced(rows: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    return rows if len(rows) <= count else rows[np.linspace(0, len(rows) - 1, count).astype(np.intp)]
