"""Comparison of what was to be said with what was heard: words by their alignment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from rapidfuzz.distance import Levenshtein

from app.rendering.media.hearing.vocabulary import sound_of
from app.rendering.media.hearing.words import Word

ALIKE = 0.6
"""Share of common sounds from which a word counts as heard: a recogniser writes `rite` for `write`."""


@dataclass(frozen=True, slots=True)
class Step:
    """Step of an alignment: `said` is None for a word that was put in, `heard` for one that is missing."""

    said: Word | None
    heard: Word | None

    @property
    def kind(self) -> Literal["same", "alike", "changed", "missing", "added"]:
        """Fate of the word."""
        if self.said is None:
            return "added"
        if self.heard is None:
            return "missing"
        if self.said.text == self.heard.text:
            return "same"
        return "alike" if likeness(self.said.text, self.heard.text) >= ALIKE else "changed"


@lru_cache(maxsize=16384)
def likeness(said: str, heard: str) -> float:
    """Return the share of common sounds of two words, 0 to 1."""
    return Levenshtein.normalized_similarity(sound_of(said), sound_of(heard))


Alike = Mapping[str, frozenset[str]]
"""Figures, and the words that sound like them: `to` for 2."""


def aligned(said: Sequence[Word], heard: Sequence[Word], alike: Alike = MappingProxyType({})) -> tuple[Step, ...]:
    """Return the alignment of two texts with the fewest and smallest changes.

    Words written in two parts are joined, and numbers written in one are taken apart, where the other side has them so.
    """
    said, heard = _apart(said, heard), _apart(heard, said)
    heard = _joined(heard, {word.text for word in said})
    said = _joined(said, {word.text for word in heard})
    distances = [[_distance(one, other, alike) for other in heard] for one in said]
    costs = [[0.0] * (len(heard) + 1) for _ in range(len(said) + 1)]
    for row in range(len(said) + 1):
        for column in range(len(heard) + 1):
            if row or column:
                costs[row][column] = min(_moves(costs, distances, row, column))[0]
    return tuple(reversed([*_back(costs, distances, said, heard)]))


def _moves(
    costs: Sequence[Sequence[float]], distances: Sequence[Sequence[float]], row: int, column: int
) -> Iterator[tuple[float, int, int]]:
    """Yield the ways to a cell: its cost, and how many words of each side it takes."""
    if row and column:
        yield costs[row - 1][column - 1] + distances[row - 1][column - 1], 1, 1
    if row:
        yield costs[row - 1][column] + 1, 1, 0
    if column:
        yield costs[row][column - 1] + 1, 0, 1


def _distance(said: Word, heard: Word, alike: Alike) -> float:
    """Return the cost of hearing one word for another; a number is not taken for a word that sounds otherwise."""
    if said.text == heard.text:
        return 0.0
    if heard.text in alike.get(said.text, ()):
        return 0.5
    if said.is_figure != heard.is_figure:
        return 1.9
    return 0.5 + 1.3 * (1 - likeness(said.text, heard.text))


def _back(
    costs: Sequence[Sequence[float]],
    distances: Sequence[Sequence[float]],
    said: Sequence[Word],
    heard: Sequence[Word],
) -> Iterator[Step]:
    row, column = len(said), len(heard)
    while row or column:
        _, rows, columns = min(_moves(costs, distances, row, column))
        yield Step(said[row - 1] if rows else None, heard[column - 1] if columns else None)
        row, column = row - rows, column - columns


def _apart(words: Sequence[Word], others: Sequence[Word]) -> list[Word]:
    """Return the words with `10302` as 1030 and 2 where the other side has them so, and it was written from such."""
    texts = {word.numbers[0]: word.text for word in others if len(word.numbers) == 1}
    texts |= {word.text: word.text for word in others}
    return [
        replace(word, text=part, numbers=())
        for word in words
        for part in (_partition(word.numbers, texts) if word.text not in texts else ()) or (word.text,)
    ]


def _partition(numbers: Sequence[str], texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the other side's words for the numbers, neighbours joined; empty if it does not have them all."""
    for end in range(len(numbers), 0, -1):
        first = texts.get("".join(numbers[:end]))
        if first is None:
            continue
        rest = _partition(numbers[end:], texts)
        if rest or end == len(numbers):
            return (first, *rest)
    return ()


def _joined(words: Sequence[Word], others: set[str]) -> list[Word]:
    """Return the words with neighbours joined where the other side writes them in one: `car park`, `carpark`."""
    found: list[Word] = []
    at = 0
    while at < len(words):
        pair = words[at : at + 2]
        whole = "".join(word.text for word in pair)
        if len(pair) == 2 and whole in others and not any(word.is_figure for word in pair):
            found.append(Word(whole, is_name=any(w.is_name for w in pair), in_fact=all(w.in_fact for w in pair)))
            at += 2
        else:
            found.append(words[at])
            at += 1
    return found
