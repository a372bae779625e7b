"""Grouping of questions by meaning: leaders first, then each question goes to the nearest middle of a group.

A question is compared with the leaders of a few cells only, so that 100,000 questions take seconds. The result depends
on nothing but the vectors and their order.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.matching.ports import Vectors

Labels = NDArray[np.int64]

SAME_MEANING = 0.55
"""Cosine to a group's first question, and later to its middle, from which a question belongs to it.

At 0.5 the shipped encoder puts repaired dentures and toothache together; at 0.6 it takes two of six ways to ask what
a crown costs for another question.
"""

_CELLS_FROM = 4096
"""Number of questions from which cells are made; below, everything is compared with everything."""

_NEAREST_CELLS = 4
_BLOCK = 4096


def packed(vectors: Vectors) -> list[bytes]:
    """Return each vector of length 1 as bytes, one a dimension."""
    whole: NDArray[np.int8] = np.rint(np.clip(vectors, -1, 1) * 127).astype(np.int8)
    return [row.tobytes() for row in whole]


def unpacked(stored: Sequence[bytes]) -> Vectors:
    """Return vectors of length 1 from their bytes."""
    whole = np.frombuffer(b"".join(stored), dtype=np.int8).reshape(len(stored), -1).astype(np.float32)
    whole /= np.maximum(np.linalg.norm(whole, axis=1, keepdims=True), 1e-6)
    return whole


def grouped(vectors: Vectors, *, same: float = SAME_MEANING) -> Labels:
    """Return for each question the place of the first question of its group.

    Questions come in the order of their weight: the most asked ones become leaders.
    """
    if not len(vectors):
        return np.zeros(0, dtype=np.int64)
    cells = _Cells(vectors)
    leaders = _led(vectors, cells, same)
    return _first_of(_settled(vectors, cells, leaders, same))


class _Cells:
    """Parts of the space around anchors, and the cells nearest to each question."""

    def __init__(self, vectors: Vectors) -> None:
        count = len(vectors)
        anchors = vectors[:: int(count**0.5)] if count >= _CELLS_FROM else vectors[:1]
        self.count = len(anchors)
        self.nearest: NDArray[np.int64] = np.empty((count, min(_NEAREST_CELLS, self.count)), dtype=np.int64)
        for start in range(0, count, _BLOCK):
            likeness = vectors[start : start + _BLOCK] @ anchors.T
            self.nearest[start : start + _BLOCK] = _largest(likeness, self.nearest.shape[1])


class _Leaders:
    """Leaders of one cell: their vectors, in an array that grows, and their places."""

    def __init__(self, dimensions: int) -> None:
        self.places: list[int] = []
        self._vectors: Vectors = np.empty((8, dimensions), dtype=np.float32)

    def add(self, place: int, vector: Vectors) -> None:
        count = len(self.places)
        if count == len(self._vectors):
            self._vectors = np.concatenate([self._vectors, np.empty_like(self._vectors)])
        self._vectors[count] = vector
        self.places.append(place)

    def best(self, vector: Vectors) -> tuple[float, int]:
        if not self.places:
            return -1.0, -1
        likeness = self._vectors[: len(self.places)] @ vector
        at = int(likeness.argmax())
        return float(likeness[at]), self.places[at]


def _led(vectors: Vectors, cells: _Cells, same: float) -> Labels:
    """Give each question to the most alike leader, or make it one."""
    leaders = [_Leaders(vectors.shape[1]) for _ in range(cells.count)]
    labels: Labels = np.empty(len(vectors), dtype=np.int64)
    for place, vector in enumerate(vectors):
        near = cells.nearest[place]
        likeness, leader = max(leaders[cell].best(vector) for cell in near)
        labels[place] = leader if likeness >= same else place
        if labels[place] == place:
            leaders[near[0]].add(place, vector)
    return labels


def _settled(vectors: Vectors, cells: _Cells, labels: Labels, same: float) -> Labels:
    """Give each question to the group whose middle is most alike, unless it is far from all of them."""
    first, index = np.unique(labels, return_inverse=True)
    middles = np.zeros((len(first), vectors.shape[1]), dtype=np.float32)
    np.add.at(middles, index, vectors)
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-6)
    home = cells.nearest[first, 0]
    best, chosen = np.full(len(vectors), -1.0, dtype=np.float32), labels.copy()
    for cell in range(cells.count):
        here = np.flatnonzero(home == cell)
        rows = np.flatnonzero((cells.nearest == cell).any(axis=1))
        for start in range(0, len(rows) if len(here) else 0, _BLOCK):
            some = rows[start : start + _BLOCK]
            likeness = vectors[some] @ middles[here].T
            nearest = likeness.argmax(axis=1)
            value = likeness[np.arange(len(some)), nearest]
            better = value > best[some]
            best[some[better]] = value[better]
            chosen[some[better]] = first[here[nearest[better]]]
    return np.where(best >= same, chosen, labels)


def _first_of(labels: Labels) -> Labels:
    """Name each group by its first question, which is the one asked most."""
    _, first, index = np.unique(labels, return_index=True, return_inverse=True)
    named: Labels = first[index]
    return named


def _largest(likeness: Vectors, count: int) -> NDArray[np.int64]:
    """Return the places of the largest values of each row, the largest first."""
    if count == likeness.shape[1]:
        return np.argsort(-likeness, axis=1, kind="stable")
    some = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(likeness, some, axis=1), axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1)
