"""Lexical stage: questions that are a phrase word for word, or but for a typing slip. It needs no encoder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.fuzz import ratio

from app.matching.decision import Verdict
from app.matching.normalise import words
from app.matching.word_classes import MEMBERS
from app.matching.word_lists import FUNCTION_WORDS, NEGATIONS, NUMBER_WORDS, OPPOSITES

NEAR_RATIO = 93.0
"""rapidfuzz's similarity (0 to 100) below which two texts are never the same: about one letter in
fourteen."""

_SHORT_CHARS = 12
_LONG_WORD = 9
_NEVER_SLIPS = NEGATIONS | frozenset(NUMBER_WORDS) | MEMBERS
_FIXED = (
    NEGATIONS | FUNCTION_WORDS | MEMBERS | frozenset(NUMBER_WORDS) | frozenset().union(*(a | b for a, b in OPPOSITES))
)


@dataclass(frozen=True, slots=True)
class LexicalPhrase:
    """Example phrase: its normalised text, its intent and locale, its original text."""

    text: str
    intent: str
    locale: str
    original: str


@dataclass(frozen=True, slots=True)
class LexicalHit:
    """Phrases that equal the question: one per intent, in the catalog's canonical order."""

    stage: Literal["exact", "near"]
    phrases: tuple[LexicalPhrase, ...]
    similarity: float
    """1 for the same text, else rapidfuzz's ratio of 0 to 1."""

    def typed(self, text: str) -> Self:
        """Return the hit as one of what was typed: a phrase that this was only read as is near, not exact."""
        if self.stage == "near" or text == self.phrases[0].text:
            return self
        return replace(self, stage="near", similarity=ratio(text, self.phrases[0].text) / 100)


class Lexicon:
    """Index of all phrases by their normalised text."""

    def __init__(self, phrases: Iterable[LexicalPhrase]) -> None:
        """Index the phrases; those with an empty normal form match nothing."""
        self._by_text: dict[str, list[LexicalPhrase]] = {}
        for phrase in phrases:
            if phrase.text:
                self._by_text.setdefault(phrase.text, []).append(phrase)
        self._alike: dict[str, list[str]] = {}
        for text in sorted(self._by_text):
            self._alike.setdefault(_initials(text), []).append(text)
        self._vocabulary = frozenset(word for text in self._by_text for word in words(text))

    def has(self, text: str) -> bool:
        """Return whether a normalised text is a phrase, word for word."""
        return text in self._by_text

    def find(self, text: str, *, locale: str, closed: frozenset[str] = frozenset()) -> LexicalHit | None:
        """Return the phrases equal to a normalised text, in this locale if possible; none of `closed`."""
        if phrases := self._owned(text, locale, closed):
            return LexicalHit("exact", phrases, 1.0)
        return self._near(text, locale, closed)

    def equal(self, text: str) -> tuple[LexicalPhrase, ...]:
        """Return the phrases with this normalised text."""
        return tuple(self._by_text.get(text, ()))

    def alike(self, text: str, *, known: frozenset[str] = frozenset()) -> tuple[LexicalPhrase, ...]:
        """Return the phrases that equal a normalised text, and those that may differ by typing slips alone.

        More generous than `find`: days and short words may be slips, too, but no word of `known` is one.
        """
        near = [one for one in self._alike.get(_initials(text), ()) if one != text and self._may_slip(text, one, known)]
        return tuple(phrase for one in (text, *near) for phrase in self._by_text.get(one, ()))

    def _owned(self, text: str, locale: str, closed: frozenset[str]) -> tuple[LexicalPhrase, ...]:
        owners = {phrase.intent: phrase for phrase in self._by_text.get(text, ()) if phrase.intent not in closed}
        local = {phrase.intent: phrase for phrase in owners.values() if phrase.locale == locale}
        return tuple(phrase for _, phrase in sorted((local or owners).items()))

    def _near(self, text: str, locale: str, closed: frozenset[str]) -> LexicalHit | None:
        if text in self._by_text:
            return None
        alike = self._alike.get(_initials(text), ())  # a slip changes no first letter: all others need no look
        found = process.extract(text, alike, scorer=ratio, score_cutoff=NEAR_RATIO, limit=5)
        for candidate, score, _ in found:
            if self.is_slip(text, candidate) and (phrases := self._owned(candidate, locale, closed)):
                return LexicalHit("near", phrases, score / 100)
        return None

    def is_slip(self, typed: str, phrase: str) -> bool:
        """Return whether typing slips alone differ: no other number, negation, opposite or known word."""
        left, right = words(typed), words(phrase)
        if len(typed) < _SHORT_CHARS or len(left) != len(right):
            return False
        return all(a == b or self._is_typo(a, b) for a, b in zip(left, right, strict=True))

    def _is_typo(self, typed: str, meant: str) -> bool:
        if not _is_near(typed, meant, self._vocabulary) or meant in _NEVER_SLIPS:
            return False
        # one letter for another makes real words of each other: parking, packing
        return not (len(meant) < _LONG_WORD and len(typed) == len(meant) and sorted(typed) != sorted(meant))

    @property
    def vocabulary(self) -> frozenset[str]:
        """Return all words of the phrases."""
        return self._vocabulary

    def _may_slip(self, typed: str, phrase: str, known: frozenset[str]) -> bool:
        left, right, known = words(typed), words(phrase), known | self._vocabulary
        same_length = len(left) == len(right)
        return same_length and all(a == b or _is_near(a, b, known) for a, b in zip(left, right, strict=True))


@dataclass(frozen=True, slots=True)
class Never:
    """Near misses of a catalog and its phrases: questions that their author forbade an intent, by their words.

    This is no matter of nearness: whatever else is written later, the intent does not play for them.
    """

    barred: Lexicon
    phrases: Lexicon

    def of(self, texts: Iterable[str]) -> Mapping[str, Verdict]:
        """Return the intents that may not answer a normalised question, read or typed like this, and why.

        A question that is a phrase of the intent is no slip for a near miss.
        """
        found: dict[str, Verdict] = {}
        for text in texts:
            own = {one.intent for one in self.phrases.equal(text)}
            for phrase in self.barred.alike(text, known=self.phrases.vocabulary):
                if phrase.text == text or phrase.intent not in own:
                    found.setdefault(phrase.intent, _forbidden(phrase, text))
        return found


def _forbidden(phrase: LexicalPhrase, text: str) -> Verdict:
    is_it = "is" if phrase.text == text else "is, but for a typing slip,"
    reason = f"{is_it} “{phrase.original}”, which must never reach `{phrase.intent}`, whatever its phrases are"
    return Verdict(guard="not_phrases", passed=False, reason=reason)


def _is_near(typed: str, meant: str, known: frozenset[str]) -> bool:
    """Return whether a word that nobody knows is another one with a slip or two behind its first letter."""
    if typed in known or typed in _FIXED or any(char.isdigit() for char in typed + meant) or typed[0] != meant[0]:
        return False
    return DamerauLevenshtein.distance(typed, meant) <= _allowed_slips(meant)


def _initials(text: str) -> str:
    return "".join(word[0] for word in words(text))


def _allowed_slips(word: str) -> int:
    """Return the allowed slips: none in words under 5 letters, one under 9, two in longer ones."""
    return sum(len(word) >= length for length in (5, _LONG_WORD))


def canonical(phrases: Sequence[LexicalPhrase]) -> tuple[LexicalPhrase, ...]:
    """Return the phrases in an order independent of the author's, without duplicates within an intent."""
    unique = {(p.intent, p.locale, p.text): p for p in sorted(phrases, key=lambda p: p.original) if p.text}
    return tuple(unique[key] for key in sorted(unique))
