"""Known questions as arrays: the group of each, and words in memory, so that those with a word are found at once."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from app.learning.questions.columns import NONE, Codes, Ids, Mask, hexadecimal
from app.learning.questions.masking import MASKS
from app.text import fold


@dataclass(frozen=True, slots=True)
class Grouping:
    """Questions with their groups, as arrays."""

    questions: Ids
    """Ids in ascending order."""
    group_of: Codes
    """Place of each question's group in `groups`."""
    groups: Ids
    """Ids in ascending order."""

    def places(self, questions: Ids) -> Codes:
        """Return the place of each question; `NONE` where it is in no group yet."""
        if not len(self.questions):
            return np.full(len(questions), NONE, dtype=np.int32)
        at = np.minimum(np.searchsorted(self.questions, questions), len(self.questions) - 1)
        return np.where(self.questions[at] == questions, at, NONE).astype(np.int32)

    def place_of_group(self, group: str) -> int:
        """Return the place of a group; `NONE` if there is none."""
        number = int(group, 16)
        at = int(np.searchsorted(self.groups, np.uint64(number)))
        return at if at < len(self.groups) and int(self.groups[at]) == number else NONE


def grouping_of(rows: Iterable[tuple[str, str]]) -> Grouping:
    """Return the grouping of questions' ids with their groups' ids."""
    numbers = np.array([(int(one, 16), int(group, 16)) for one, group in rows], dtype=np.uint64).reshape(-1, 2)
    numbers = numbers[np.argsort(numbers[:, 0])]
    groups, group_of = np.unique(numbers[:, 1], return_inverse=True)
    return Grouping(np.ascontiguousarray(numbers[:, 0]), group_of.astype(np.int32), groups)


class QuestionTexts:
    """Folded, masked words of questions, in the order of their ids.

    What it tells has one value a question and one more at the end, for turns whose question is not known yet.
    """

    def __init__(self, questions: Ids, texts: Iterable[tuple[str, str]]) -> None:
        """Take the questions and their masked words by id; blocking."""
        known = dict(texts)
        words = [known.get(hexadecimal(int(one)), "") for one in questions]
        folded = [fold(one) for one in words]
        self._whole = "\n".join(folded)
        self._ends = list(accumulate(len(one) + 1 for one in folded))
        self._masked = np.array([any(mark in one for mark in MASKS) for one in words], dtype=bool)

    def have(self, words: str) -> Mask:
        """Return which questions have these words, whatever their case and spacing; an unknown one has none."""
        return np.append(self._have(fold(words)), [False])

    def may_have(self, words: str) -> Mask:
        """Return which questions have these words, or may have had them before they were masked; an unknown one may."""
        return np.append(self._have(fold(words)) | self._masked, [True])

    def _have(self, words: str) -> Mask:
        found = np.zeros(len(self._ends), dtype=bool)
        at = self._whole.find(words) if self._ends else -1
        while at >= 0:
            place = bisect_right(self._ends, at)
            if place == len(found):
                break
            found[place] = True
            at = self._whole.find(words, self._ends[place])
        return found
