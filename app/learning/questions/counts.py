"""Counts of groups over columns of turns: which groups a page shows, and what it says of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.learning.questions.columns import (
    NONE,
    RATINGS,
    Codes,
    Ids,
    Mask,
    Names,
    TurnColumns,
    Whole,
    counts_by,
    hexadecimal,
    microseconds,
    moment,
)
from app.learning.questions.known_questions import Grouping
from app.learning.questions.query import OUTCOMES, Place, QuestionOrder, QuestionOutcome

_SESSION_BITS = 64


@dataclass(frozen=True, slots=True)
class GroupedTurns:
    """Turns that are counted, each with the place of its question; those in no group are left out."""

    turns: TurnColumns
    question: Codes
    grouping: Grouping

    @property
    def group(self) -> Codes:
        """Place of each turn's group."""
        return self.grouping.group_of[self.question]


@dataclass(frozen=True, slots=True)
class GroupOrder:
    """Groups that a page shows, by their places, in its order."""

    shown: Whole
    more: bool
    hidden: int
    """Groups that too few visitors asked."""
    last: Place | None
    """Place of the last one shown."""


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Counts of one group."""

    id: str
    asked: int
    visitors: int
    wordings: tuple[str, ...]
    """Ids of its questions, most asked first."""
    first_at: datetime
    last_at: datetime
    outcomes: Mapping[QuestionOutcome, int]
    intents: Mapping[str, int]
    nearest: str | None
    up: int
    down: int
    asked_since: int


def ordered(
    counted: GroupedTurns, *, visitors: int, order: QuestionOrder, limit: int, after: Place | None, allowed: Mask
) -> GroupOrder:
    """Return the page of groups that at least so many visitors asked; `allowed` tells which groups it may show."""
    group, ids = counted.group, counted.grouping.groups
    asked = np.bincount(group, minlength=len(ids))
    seen = _visitors(group, counted.turns.session, len(ids))
    last = np.zeros(len(ids), dtype=np.int64)
    last[group] = counted.turns.at  # the newest of each stays: turns come oldest first
    there = (asked > 0) & allowed
    fit = there & (seen >= visitors)
    found = np.flatnonzero(fit)
    first = asked if order == "most" else np.zeros_like(asked)
    if after is not None:
        found = found[_before(after, first[found], last[found], ids[found])]
    found = found[np.lexsort((ids[found], last[found], first[found]))[::-1]]
    shown, more = found[:limit], len(found) > limit
    end = int(shown[-1]) if more else NONE
    place = Place(order, moment(last[end]), hexadecimal(int(ids[end])), int(asked[end])) if more else None
    return GroupOrder(shown, more, int(there.sum()) - int(fit.sum()), place)


def told(
    counted: GroupedTurns, shown: Sequence[int] | Whole, names: Names, since: Mapping[int, datetime]
) -> Iterator[GroupCounts]:
    """Yield the counts of the groups at these places; `since` has the times from which some are counted again."""
    for place, rows in zip(shown, _rows_of(counted.group, shown), strict=True):
        if len(rows):
            yield _group(counted, int(place), rows, names, since.get(int(place)))


def wordings(counted: GroupedTurns, group: int, limit: int) -> list[tuple[str, TurnColumns]]:
    """Return the questions of a group with their turns, most asked first."""
    rows = np.flatnonzero(counted.group == group)
    found = _most(counted.question[rows])[:limit]
    ids = counted.grouping.questions
    return [
        (hexadecimal(int(ids[one])), counted.turns.take(some))
        for one, some in zip(found, _rows_of(counted.question, found), strict=True)
    ]


def asked_questions(turns: TurnColumns) -> dict[str, tuple[int, int]]:
    """Return how often each question was asked, and by how many visitors, by its id, the most asked first."""
    ids, places, asked = np.unique(turns.question, return_inverse=True, return_counts=True)
    seen = _visitors(places, turns.session, len(ids))
    order = np.lexsort((ids, -asked))
    return {hexadecimal(int(ids[one])): (int(asked[one]), int(seen[one])) for one in order}


def outcomes_of(result: NDArray[np.int8]) -> dict[QuestionOutcome, int]:
    """Return how often each result occurs."""
    return counts_by(result, lambda code: OUTCOMES[code])


def _group(counted: GroupedTurns, place: int, rows: Whole, names: Names, since: datetime | None) -> GroupCounts:
    turns, ids = counted.turns, counted.grouping.questions
    nearest = counts_by(turns.nearest[rows], names.listed.__getitem__)
    score, at = turns.score[rows], turns.at[rows]
    return GroupCounts(
        id=hexadecimal(int(counted.grouping.groups[place])),
        asked=len(rows),
        visitors=len(np.unique(turns.session[rows])),
        wordings=tuple(hexadecimal(int(ids[one])) for one in _most(counted.question[rows])),
        first_at=moment(at.min()),
        last_at=moment(at.max()),
        outcomes=outcomes_of(turns.result[rows]),
        intents=counts_by(turns.intent[rows], names.listed.__getitem__),
        nearest=min(nearest, key=lambda one: (-nearest[one], one)) if nearest else None,
        up=int((score == RATINGS.index("up")).sum()),
        down=int((score == RATINGS.index("down")).sum()),
        asked_since=int((at > microseconds(since)).sum()) if since else 0,
    )


def _most(questions: Codes) -> Whole:
    """Return each question once, the most asked first, then by id."""
    found, times = np.unique(questions, return_counts=True)
    order: Whole = found[np.lexsort((found, -times))].astype(np.int64)
    return order


def _rows_of(keys: Codes, wanted: Sequence[int] | Whole) -> list[Whole]:
    """Return the rows with each of the wanted keys, which are at most some thousands."""
    size = int(keys.max()) + 1 if len(keys) else 0
    place = np.full(max(size, 1 + max((int(one) for one in wanted), default=0)), NONE, dtype=np.int16)
    place[np.asarray(wanted, dtype=np.int64)] = np.arange(len(wanted))
    rows = np.flatnonzero(place[keys] >= 0)
    places = place[keys[rows]]
    rows = rows[np.argsort(places, kind="stable")]
    ends: Whole = np.cumsum(np.bincount(places, minlength=len(wanted)))
    return np.split(rows, ends[:-1]) if len(wanted) else []


def _visitors(group: NDArray[Any], session: Ids, groups: int) -> Whole:
    """Count the visitors of each group. A visitor's number is cut to the bits that the group leaves: one in 10^13."""
    bits = np.uint64(_SESSION_BITS - max(1, int(groups).bit_length()))
    pairs = np.sort((group.astype(np.uint64) << bits) | (session >> (np.uint64(_SESSION_BITS) - bits)))
    new = np.ones(len(pairs), dtype=bool)
    new[1:] = pairs[1:] != pairs[:-1]
    counts: Whole = np.bincount((pairs[new] >> bits).astype(np.int64), minlength=groups)
    return counts


def _before(after: Place, first: Whole, last: Whole, ids: Ids) -> Mask:
    """Return which groups come after a place; the order is downwards in all parts."""
    at, one, asked = microseconds(after.at), np.uint64(int(after.id, 16)), after.asked if after.order == "most" else 0
    later: Mask = (first < asked) | ((first == asked) & ((last < at) | ((last == at) & (ids < one))))
    return later
