"""Checks on a sentence of the documents: whether it answers a question, as the guards check phrases of intents.

A statement is no question, so what is compared differs: the kind of answer, the numbers, days and names, a
negation, an opposite, and whether every word of weight is spoken of.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from app.matching.decision import Verdict
from app.matching.guards.chain import numbers_in
from app.matching.normalise import words
from app.matching.passages.kinds import AskedKind, says
from app.matching.word_classes import is_identity, sets_of
from app.matching.word_lists import HEDGES, NEGATIONS, OPPOSITES

_POLAR = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|had|isn't|aren't|don't|doesn't|didn't|"
    r"can't|ist|sind|war|waren|kann|darf|muss|soll|hat|haben|gibt|wird|werden|dürfen|können)\b"
)
"""Questions of what is the case: a statement answers them with or without a negation."""


_THERE_IS = re.compile(r"(?:is there|are there|do you have|gibt es|haben sie|habt ihr)\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """Question under check: normalised, its kind, and its words of weight."""

    text: str
    kind: AskedKind | None
    subject: tuple[str, ...]
    needed: frozenset[str]
    """Those of them that the passage must speak of."""
    names: bool = False
    """Whether it asks who somebody is that it names."""
    literal: frozenset[str] = frozenset()
    """Words that the passage must say themselves: whatever is somebody's ("Clara's mother")."""

    @property
    def is_close(self) -> bool:
        """Return whether the sentence itself must speak of the subject: another's price or lift is no answer."""
        return _THERE_IS.match(self.text) is not None or (self.kind is not None and self.kind.of_a_thing)


@dataclass(frozen=True, slots=True)
class Stated:
    """Sentence under check: as written and normalised, with all that is said around it, normalised."""

    written: str
    text: str
    around: str
    names: frozenset[str]
    """Words of the documents that are names."""
    defines: bool
    """Whether it says what the thing or person is that the question asks about."""
    unexplained: tuple[str, ...]
    """Words of the question that nothing in the passage is like."""


def is_polar(question: str) -> bool:
    """Return whether a question asks what is the case, for a yes or no."""
    return _POLAR.match(question) is not None


def check(asked: Asked, stated: Stated) -> tuple[Verdict, ...]:
    """Return every check's verdict on answering the question by the sentence."""
    return tuple(one(asked, stated) for one in _CHECKS)


def _kind(asked: Asked, stated: Stated) -> Verdict:
    if asked.names and not stated.defines:
        return Verdict(guard="kind of question", passed=False, reason="does not say who that was")
    if asked.kind is None or stated.defines or says(asked.kind, stated.written, asked.text, stated.around):
        return Verdict(guard="kind of question", passed=True)
    reason = f"the question asks for {asked.kind.name}, and the sentence says none"
    return Verdict(guard="kind of question", passed=False, reason=reason)


def _numbers(asked: Asked, stated: Stated) -> Verdict:
    missing = sorted(numbers_in(asked.text) - numbers_in(stated.around))
    if not missing:
        return Verdict(guard="numbers", passed=True)
    return Verdict(guard="numbers", passed=False, reason=f"asks about {' and '.join(missing)}, which the passage lacks")


def _negation(asked: Asked, stated: Stated) -> Verdict:
    plain = HEDGES.sub(" ", asked.text)
    if is_polar(asked.text) or not _negated(plain) or _negated(stated.around):
        return Verdict(guard="negation", passed=True)
    return Verdict(guard="negation", passed=False, reason="the question is negated, the passage is not")


def _negated(text: str) -> bool:
    return any(word in NEGATIONS or word.endswith("n't") for word in words(text))


def _opposites(asked: Asked, stated: Stated) -> Verdict:
    mine, said, around = (frozenset(words(text)) for text in (asked.text, stated.text, stated.around))
    for left, right in OPPOSITES:
        for ours, theirs in ((left, right), (right, left)):
            if mine & ours and said & theirs and not around & ours and not mine & theirs:
                reason = f"says “{min(said & theirs)}” where the question says “{min(mine & ours)}”"
                return Verdict(guard="opposites", passed=False, reason=reason)
    return Verdict(guard="opposites", passed=True)


def _swapped(asked: Asked, stated: Stated) -> Verdict:
    """Fail if the question names a day, month, language... that the passage does not."""
    spoken = frozenset(words(stated.around))
    named = sets_of(words(stated.around))
    for name, mine in sorted(sets_of(asked.subject).items()):
        fixed = sorted(word for word in mine if is_identity(word) and not any(one.startswith(word) for one in spoken))
        if fixed and (name in named or name in _ALWAYS):
            return Verdict(
                guard="swapped", passed=False, reason=f"is about “{fixed[0]}”, which the passage does not name"
            )
    return Verdict(guard="swapped", passed=True)


_ALWAYS = frozenset({"weekday", "month", "holiday", "language", "place"})


def _names(asked: Asked, stated: Stated) -> Verdict:
    """Fail if a name of the question is not in the passage, or its two halves are of two persons."""
    spoken = words(stated.around)
    mine = [word.removesuffix("'s") for word in words(asked.text)]
    pairs = set(pairwise(spoken))
    for at, word in enumerate(mine):
        if word in stated.names and word not in spoken:
            return Verdict(guard="names", passed=False, reason=f"asks about “{word}”, whom the passage does not name")
        both = word, mine[at + 1] if at + 1 < len(mine) else ""
        if stated.names.issuperset(both) and both not in pairs:
            return Verdict(guard="names", passed=False, reason=f"asks about “{' '.join(both)}”, and there is none")
    return Verdict(guard="names", passed=True)


def _subject(asked: Asked, stated: Stated) -> Verdict:
    """Fail if a word that the passage must speak of is unlike everything in it."""
    missing = [word for word in stated.unexplained if word in asked.needed]
    if not missing:
        return Verdict(guard="subject", passed=True)
    return Verdict(guard="subject", passed=False, reason=f"says nothing of “{missing[0]}”")


_CHECKS = (_kind, _numbers, _negation, _opposites, _swapped, _names, _subject)
