"""Choice among a pool: phrases that cover what the intent does not know and lie nearer to no other, and their gain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.matching.calibration import top_two
from app.matching.classifier import Classifier, Examples, Material, solve
from app.matching.policy import Fitted
from app.matching.ports import Vectors
from app.matching.prepared_catalog import Prepared
from app.matching.spelling_features import features

CLEAR = 0.02
"""By how much a phrase must be nearer to its own intent's phrases than to any other's."""

SAME = 0.97
"""Cosine from which two phrases teach the same."""

KNOWN = 0.8
"""Cosine to a phrase from which a wording counts as covered by it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Vectors around one intent: its own phrases, all other intents' phrases, its near misses."""

    own: Vectors
    others: Vectors
    barred: Vectors


def clear_of_others(ground: Ground, pool: Vectors) -> NDArray[np.bool_]:
    """Return which phrases of the pool lie clearly nearer to their own intent than to others and to near misses."""
    own = _nearest(pool, ground.own)
    return (own >= _nearest(pool, ground.others) + CLEAR) & (own > _nearest(pool, ground.barred))


def chosen(ground: Ground, pool: Vectors, limit: int, *, weights: Sequence[float] | None = None) -> list[int]:
    """Return the rows of the pool to propose, the most useful first.

    Each covers as much as possible of what the phrases before it leave uncovered: the sum of the cosines by which
    the pool's wordings come nearer to their nearest phrase.
    """
    worth = np.ones(len(pool)) if weights is None else np.array(weights, dtype=np.float64)
    near = pool @ pool.T
    covered = _nearest(pool, ground.own)
    free = clear_of_others(ground, pool) & (covered < SAME)
    picked: list[int] = []
    while len(picked) < limit and free.any():
        gains = np.where(free, (np.maximum(near - covered[:, None], 0.0) * worth[:, None]).sum(axis=0), -1.0)
        best = int(gains.argmax())
        if gains[best] <= 0:
            break
        picked.append(best)
        covered = np.maximum(covered, near[best])
        free &= near[best] < SAME
    return picked


def _nearest(rows: Vectors, to: Vectors) -> NDArray[np.float64]:
    if not len(to):
        return np.full(len(rows), -1.0)
    nearest: NDArray[np.float64] = (rows @ to.T).max(axis=1).astype(np.float64)
    return nearest


@dataclass(frozen=True, slots=True)
class Wordings:
    """Texts with their vectors, and how often each is asked."""

    texts: tuple[str, ...]
    vectors: Vectors
    weights: tuple[float, ...]


def found_shares(
    prepared: Prepared, fitted: Fitted, intent: str, asked: Wordings, added: Wordings
) -> tuple[float, ...]:
    """Return the share of the asked wordings that find the intent: with none, one, two... of the added phrases.

    The classifier learns each of them; calibration and thresholds stay. Guards are not asked. Blocking.
    """
    material, head = prepared.material, prepared.head
    if material is None or head is None or not asked.texts:
        return (0.0,) * (len(added.texts) + 1)
    column = prepared.index.column(intent)
    questions = features(asked.texts, asked.vectors)
    rows = features(added.texts, added.vectors) if added.texts else np.zeros((0, 0), dtype=np.float32)
    heads = [head, *(solve(_with(material, rows[: at + 1], column)) for at in range(len(added.texts)))]
    return tuple(_share(one, fitted, questions, column, asked.weights) for one in heads)


def _with(material: Material, rows: Vectors, column: int) -> Material:
    phrases = Examples(
        np.concatenate([material.phrases.vectors, rows]),
        np.concatenate([material.phrases.owners, np.full(len(rows), column, dtype=np.intp)]),
    )
    return Material(phrases=phrases, titles=material.titles, barred=material.barred, background=material.background)


def _share(head: Classifier, fitted: Fitted, questions: Vectors, column: int, weights: Sequence[float]) -> float:
    top = top_two(head.scores(questions))
    sure = fitted.gate.probability(top.first, top.second) >= fitted.thresholds.answer
    worth = np.array(weights, dtype=np.float64)
    return float((worth * (sure & (top.column == column))).sum() / worth.sum())
