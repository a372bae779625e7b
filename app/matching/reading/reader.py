"""Question reader: a question as it was meant, with chat forms spelled out and typing slips mended.

A word is mended only if nobody knows it: neither the catalog nor a list of common words. It is mended only towards
the catalog's own words and the small words of its language. It is left alone where another meaning could come of it:
a number, a name, a negation, another prefix ("reschedule" is not "schedule"), another day.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.matching.lexical import LexicalPhrase
from app.matching.normalise import normalise, words
from app.matching.reading.chat_forms import spelled_out
from app.matching.reading.common_words import SMALL_WORDS, common_words, is_common
from app.matching.reading.gloss import language_of
from app.matching.word_classes import CLASSES, MEMBERS, sets_of
from app.matching.word_lists import FUNCTION_WORDS, NEGATIONS, NUMBER_WORDS, OPPOSITES, word_list

LEAST_LETTERS = 4
"""Shorter words are left alone: too many of them are one letter apart."""

TWO_SLIPS_LETTERS = 7
"""Letters from which a word may have two slips."""

SURE_LETTERS = 6
"""Letters under which one letter for another that lies elsewhere on the keyboard is another word, not a slip."""

UNLISTED_LETTERS = 6
"""Letters from which a word is mended in a language without a list of common words."""

OFTEN = 3
"""Times that the catalog has a short word to which another one is mended; and that often for once that it has all
others together that could be meant."""

MOST_SLIPS = 6
"""With more unknown words a question is in another language, or no question."""

_CLOSED = MEMBERS | frozenset(NUMBER_WORDS) | NEGATIONS | FUNCTION_WORDS.union(*(a | b for a, b in OPPOSITES))
"""Words of the guards' lists: known in any catalog of their language."""

_NEVER_READ = NEGATIONS | frozenset(NUMBER_WORDS) | CLASSES["person"] | CLASSES["place"]
"""Words that nothing is mended to."""

_PREFIXES = {
    "en": word_list("un dis de re in im ir il non mis pre over under out up down sub inter anti counter"),
    "de": word_list("un ent ver be ge er zer ab an auf aus ein vor nach zu um miss wider über unter hin her mit weg"),
}
"""Prefixes that make another word: none is ever mended into another."""

_BESIDE_LIKELY = 0.6

_ENDINGS = ("en", "er", "es", "em", "et", "te", "st", "e", "n", "s", "r", "m", "t")

_NAME = re.compile(r"(?<=[\w,;:)] )[A-ZÄÖÜ][\w'’-]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """Question as it was typed, with its chat forms spelled out, and with its slips mended; all normalised."""

    typed: str
    spelled: str
    text: str

    @property
    def unmended(self) -> str:
        """Return the spelling before slips were mended; empty if none was."""
        return self.spelled if self.spelled != self.text else ""


class QuestionReader:
    """Reader of questions to one catalog."""

    def __init__(self, texts: Iterable[LexicalPhrase], others: Iterable[str] = ()) -> None:
        """Learn the words of phrases and titles, by locale; nothing is mended to those of `others`, which are known."""
        counts: dict[str, Counter[str]] = {}
        for one in texts:
            counts.setdefault(language_of(one.locale), Counter()).update(words(one.text))
        self._own = frozenset(word for counter in counts.values() for word in counter)
        self._known = self._own.union(*(words(text) for text in others))
        self._vocabularies = {language: _Vocabulary.of(counter, language) for language, counter in counts.items()}

    def read(self, typed: str, *, locale: str, names: frozenset[str] = frozenset()) -> Reading:
        """Read a normalised question; `names` are words of it that are written like names."""
        language = language_of(locale)
        spelled = spelled_out(typed, language=language, own=self._own)
        return Reading(typed, spelled, self._mended(spelled, language, names))

    def _mended(self, text: str, language: str, names: frozenset[str]) -> str:
        spoken = text.split()
        strange = [word for word in spoken if self._is_strange(word, language) and word not in names]
        if not 0 < len(strange) <= MOST_SLIPS:
            return text
        read = {word: self._meant(word, language) for word in strange}
        return " ".join([read.get(word, word) for word in spoken])

    def _is_strange(self, word: str, language: str) -> bool:
        if len(word) < LEAST_LETTERS - 1 or word in self._known or not word.isalpha() or is_common(word, language):
            return False
        return word not in _CLOSED and (bool(common_words(language)) or len(word) >= UNLISTED_LETTERS)

    def _meant(self, word: str, language: str) -> str:
        """Return the word that was meant; the word itself if that is not certain."""
        vocabulary = self._vocabularies.get(language)
        if vocabulary is None:
            return word
        allowed = 2 if len(word) >= TWO_SLIPS_LETTERS and common_words(language) else 1
        near = vocabulary.near.get((len(word), allowed), ())
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=allowed, limit=None)
        ranks = sorted(
            (
                distance,
                (likely := _likely(word, one)) == 0,
                not _same_letters(word, one),
                one[0] != word[0],
                -likely * vocabulary.counts[one],
                one,
            )
            for one, distance, _ in found
        )
        if not ranks:
            return word
        slips, unlikely, _, other_start, _, best = ranks[0]
        if (slips > 1 and other_start) or (unlikely and len(word) < SURE_LETTERS):
            return word
        rivals = {rank[-1] for rank in ranks if rank[:2] == ranks[0][:2]} - {best}
        others = sum(vocabulary.counts[rank[-1]] for rank in ranks[1:])
        sure = vocabulary.counts[best] >= max(OFTEN, OFTEN * others)
        return best if best in vocabulary.targets and _is_safe(word, best, rivals, language, sure=sure) else word


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """Words that a slip in one language may stand for, and those that only compete with them, by length."""

    counts: Counter[str]
    targets: frozenset[str]
    near: Mapping[tuple[int, int], tuple[str, ...]]
    """Words by the length of what was typed and the slips allowed in it."""

    @classmethod
    def of(cls, counts: Counter[str], language: str) -> Self:
        """Gather the catalog's words, the small words, and the closed lists as rivals."""
        small, common = SMALL_WORDS.get(language, frozenset[str]()), common_words(language)
        own = small.union(counts, _other_number(counts, language))
        targets = frozenset(word for word in own if len(word) >= LEAST_LETTERS and word.isalpha())
        rivals = frozenset(
            word
            for word in MEMBERS | NEGATIONS | frozenset(NUMBER_WORDS)
            if word.isalpha() and (not common or is_common(word, language))
        )
        near: dict[tuple[int, int], list[str]] = {}
        for word in sorted(targets | rivals):
            for allowed in (1, 2):
                for length in range(len(word) - allowed, len(word) + allowed + 1):
                    near.setdefault((length, allowed), []).append(word)
        return cls(counts, targets, {lengths: tuple(listed) for lengths, listed in near.items()})


def _same_letters(word: str, meant: str) -> bool:
    """Return whether the two have the same letters, one of them perhaps twice: two were swapped, or one hit twice."""
    if sorted(word) == sorted(meant):
        return True
    longer = len(word) == len(meant) + 1
    return longer and any(a == b and word[:at] + word[at + 1 :] == meant for at, (a, b) in enumerate(pairwise(word)))


def _is_safe(word: str, best: str, rivals: set[str], language: str, *, sure: bool) -> bool:
    """Return whether the mended word cannot have another meaning than the typed one.

    `sure` is set if nothing else could be meant, and the catalog has the word often.
    """
    if best in _NEVER_READ or _other_prefix(word, best, language):
        return False
    if not common_words(language) and (best[0] != word[0] or _bare(word) == _bare(best)):
        return False
    usual = sure or best in SMALL_WORDS.get(language, ())
    if len(word) == len(best) == LEAST_LETTERS and sorted(word) != sorted(best) and not usual:
        return False  # uber, user; fred, free
    if len(word) < LEAST_LETTERS and (best[0] != word[0] or not usual):
        return False
    return not any(_conflict(best, one) for one in rivals)


def _bare(word: str) -> str:
    """Return the word without an ending that other forms of it have: no slip."""
    return next((word.removesuffix(one) for one in _ENDINGS if word.endswith(one)), word)


def _conflict(best: str, rival: str) -> bool:
    """Return whether it matters which of the two was meant: another day, another number, the opposite."""
    if rival in NEGATIONS or rival in NUMBER_WORDS:
        return True
    mine, theirs = sets_of([best]), sets_of([rival])
    if any(not mine[name] & theirs[name] for name in mine.keys() & theirs.keys()):
        return True
    return any((best in left and rival in right) or (best in right and rival in left) for left, right in OPPOSITES)


def _other_number(counts: Counter[str], language: str) -> frozenset[str]:
    """Return plurals and singulars of the catalog's words."""
    if language != "en":
        return frozenset()
    found = (word.removesuffix("s") if word.endswith("s") else f"{word}s" for word in counts)
    return frozenset(word for word in found if is_common(word, language) or word.removesuffix("s") in MEMBERS)


def _likely(word: str, meant: str) -> float:
    """Return how likely the slip is: little for another letter, 0 for one that lies nowhere near on the keyboard."""
    changed = [(a, b) for a, b in zip(word, meant, strict=False) if a != b]
    if len(word) != len(meant) or len(changed) != 1:
        return 1.0
    return _BESIDE_LIKELY if changed[0][1] in _BESIDE.get(changed[0][0], "") else 0.0


def _beside() -> dict[str, str]:
    """Return the letters beside each letter of a keyboard, English or German."""
    found: dict[str, str] = {}
    for rows in (("qwertyuiop", "asdfghjkl", "zxcvbnm"), ("qwertzuiopü", "asdfghjklöä", "yxcvbnm")):
        for at, row in enumerate(rows):
            for column, letter in enumerate(row):
                beside = [
                    row[max(0, column - 1) : column + 2],
                    *(rows[up][max(0, column - 1) : column + 2] for up in (at - 1, at + 1) if 0 <= up < len(rows)),
                ]
                found[letter] = found.get(letter, "") + "".join(beside)
    return found


_BESIDE = _beside()


def _other_prefix(word: str, meant: str, language: str) -> bool:
    """Return whether the two have different prefixes, or one has two letters more in front."""
    longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
    if longer.endswith(shorter) and len(longer) - len(shorter) > 1:
        return True
    prefixes = _PREFIXES.get(language, _PREFIXES["en"] | _PREFIXES["de"])
    return any(
        mine != theirs and OSA.distance(word.removeprefix(mine), meant.removeprefix(theirs), score_cutoff=1) <= 1
        for mine in prefixes
        if word.startswith(mine)
        for theirs in prefixes
        if meant.startswith(theirs)
    )


def names_in(written: str, locale: str) -> frozenset[str]:
    """Return the normalised words that stand with a capital inside a sentence, where these mark names.

    They do not in German, nor where everything has capitals.
    """
    if written.islower() or written.isupper() or language_of(locale) == "de":
        return frozenset()
    found = _NAME.findall(written)
    return (
        frozenset(word for name in found for word in words(normalise(name)))
        if len(found) < len(written.split()) / 2
        else frozenset()
    )
