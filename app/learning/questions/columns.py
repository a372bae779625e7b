"""Columns of turns: what counting needs of each turn, one array a field, so that a million turns are counted at once.

A turn takes 42 bytes and holds no words. Names of intents, topics, locales and releases are numbers of a list; a
question and a visitor are the first 64 bits of their digests.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.digest import digest_bytes
from app.learning.questions.query import OUTCOMES, QuestionOutcome, QuestionQuery

Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]
Codes = NDArray[np.int32]
Ids = NDArray[np.uint64]

NONE = -1
"""Code of a field that a turn does not have."""

RATINGS = ("up", "down")

UNWORDED: tuple[QuestionOutcome, ...] = ("choice", "reply")
"""Results of turns that are no question in a visitor's own words."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAMED = ("intent", "nearest", "topic", "locale", "release")
_ROW = np.dtype(
    [
        ("at", "<i8"),
        ("question", "<u8"),
        ("session", "<u8"),
        ("result", "<i1"),
        ("score", "<i1"),
        *((name, "<i4") for name in _NAMED),
    ]
)


class TurnFacts(NamedTuple):
    """Facts of one turn that are counted."""

    asked_at: datetime
    question: str
    """Id of the question."""
    session: str
    result: QuestionOutcome
    score: str | None
    intent: str | None
    nearest: str | None
    topic: str | None
    locale: str
    release: str | None


class Names:
    """Names and their numbers, as they come."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Take the names of the numbers 0, 1, 2..."""
        self.listed = list(names)
        self._numbers = {name: number for number, name in enumerate(self.listed)}

    def number(self, name: str | None) -> int:
        """Return the number of a name, a new one if need be; `NONE` of None."""
        if name is None:
            return NONE
        known = self._numbers.get(name)
        if known is None:
            known = self._numbers[name] = len(self.listed)
            self.listed.append(name)
        return known

    def known(self, name: str) -> int:
        """Return the number of a name; one that no turn has if there is none."""
        return self._numbers.get(name, len(self.listed))


@dataclass(frozen=True, slots=True)
class TurnColumns:
    """Turns as columns of one length, oldest first."""

    at: Whole
    """Microseconds since 1970, in UTC."""
    question: Ids
    session: Ids
    result: NDArray[np.int8]
    """Places in `OUTCOMES`."""
    score: NDArray[np.int8]
    """Places in `RATINGS`."""
    intent: Codes
    nearest: Codes
    topic: Codes
    locale: Codes
    release: Codes

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: Mask | Whole | slice) -> "TurnColumns":
        """Return some of the turns."""
        return TurnColumns(*(getattr(self, one.name)[rows] for one in fields(self)))


def joined(parts: Sequence[TurnColumns]) -> TurnColumns:
    """Return the turns of all parts as one, in their order."""
    if not parts:
        return unpacked(b"", (), Names())
    if len(parts) == 1:
        return parts[0]
    return TurnColumns(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(TurnColumns)))


def packed(turns: Iterable[TurnFacts]) -> tuple[bytes, list[str]]:
    """Return turns as bytes and the names that their numbers stand for."""
    names = Names()
    number = names.number
    rows = [
        (
            microseconds(one.asked_at),
            int(one.question, 16),
            visitor(one.session),
            _RESULT[one.result],
            _RATING[one.score],
            number(one.intent),
            number(one.nearest),
            number(one.topic),
            number(one.locale),
            number(one.release),
        )
        for one in turns
    ]
    return np.array(rows, dtype=_ROW).tobytes(), names.listed


def unpacked(stored: bytes, listed: Sequence[str], names: Names) -> TurnColumns:
    """Return the columns that `packed` made, with the numbers that `names` has for its names."""
    rows = np.frombuffer(stored, dtype=_ROW) if stored else np.zeros(0, dtype=_ROW)
    numbers = np.array([*(names.number(name) for name in listed), NONE], dtype=np.int32)
    plain = [np.ascontiguousarray(rows[name]) for name in ("at", "question", "session", "result", "score")]
    named: list[Any] = [numbers[rows[name]] for name in _NAMED]
    return TurnColumns(*plain, *named)


def fitting(turns: TurnColumns, query: QuestionQuery, names: Names) -> Mask:
    """Return which turns a query lets through; its words, its state and its page are not looked at."""
    fits = np.ones(len(turns), dtype=bool)
    if query.since is not None:
        fits &= turns.at >= microseconds(query.since)
    if query.until is not None:
        fits &= turns.at < microseconds(query.until)
    for column, wanted in (
        (turns.topic, query.topic),
        (turns.intent, query.intent),
        (turns.locale, query.locale),
        (turns.release, query.release),
    ):
        if wanted is not None:
            fits &= column == names.known(wanted)
    if query.rating is not None:
        fits &= turns.score == _RATING[query.rating]
    if query.outcomes:
        fits &= _one_of(query.outcomes)[turns.result]
    return fits


def worded(turns: TurnColumns) -> Mask:
    """Return which turns are questions in a visitor's own words."""
    return ~_one_of(UNWORDED)[turns.result]


def microseconds(at: datetime) -> int:
    """Return a time as the columns have it."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """Return the time of so many microseconds, in UTC."""
    return _EPOCH + timedelta(microseconds=int(at))


def visitor(session: str) -> int:
    """Return the number by which visitors are told apart."""
    return int(digest_bytes(session.encode())[:16], 16)


def hexadecimal(number: int) -> str:
    """Return a question's id from its number."""
    return f"{number:016x}"


def counts_by(values: NDArray[Any], name_of: Callable[[int], str]) -> dict[Any, int]:
    """Return how often each value occurs, by its name, most first; `NONE` is left out."""
    found, times = np.unique(values, return_counts=True)
    told = [(name_of(int(one)), int(count)) for one, count in zip(found, times, strict=True) if one != NONE]
    return dict(sorted(told, key=lambda one: -one[1]))


def _one_of(outcomes: Iterable[QuestionOutcome]) -> Mask:
    wanted = set(outcomes)
    return np.array([one in wanted for one in OUTCOMES], dtype=bool)


_RESULT = {one: place for place, one in enumerate(OUTCOMES)}
_RATING: dict[str | None, int] = {None: NONE, **{one: place for place, one in enumerate(RATINGS)}}
