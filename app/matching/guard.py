"""Checks that vectors are blind to: a question that says the opposite, another number, day, place or name.

A guard compares words, and only with those phrases of the intent that are otherwise about the same: a reversal is a
small change. It fails closed: an answer by embeddings needs every verdict to pass.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.matching.classes import CLASSES, MEMBERS, members
from app.matching.decision import Verdict
from app.matching.index import Neighbour
from app.matching.language import (
    FUNCTION_WORDS,
    HEDGES,
    NEGATIONS,
    NUMBER_WORDS,
    OPPOSITES,
    REVERSING_PREFIXES,
    SIDE_CLAUSES,
)
from app.matching.normalise import words

NEARBY = 0.15
"""Phrases of the intent within this cosine of its nearest one are compared too: any of them may vouch."""

SAME_MATTER = 0.5
"""A phrase that shares this part of its content words with the question is about the same."""

_FREE_NUMBER = 31
"""A number up to this (party sizes, ages, hours, days) may appear where a phrase about the same names no number."""

_A_SLOT = 3
"""Phrases of one intent that name this many different numbers, days or places show that any may stand there."""

_KINDS = re.compile(r"\b(who|whose|whom|why|how old|wer|wem|wessen|warum|wieso|wie alt)\b")
"""Kinds of question that want one kind of answer: a person, a reason, an age. The others are asked about the same thing
in too many ways to tell."""

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_DIRECTION = re.compile(
    r"\b(?:from|von|vom) (?:the |my |a |dem |der )?(\w+) (?:to|into|nach|zu|zum|zur) (?:the |my |a )?(\w+)"
)
_NAME = re.compile(r"(?<=[\w,;:)] )[A-ZÄÖÜ][\w'’-]+")
_ENDINGS = ("ing", "ed", "es", "s", "e", "n", "en")


@dataclass(frozen=True, slots=True)
class Compared:
    """A question beside an intent's phrases, nearest first."""

    question: str
    near: tuple[str, ...]
    """Phrases that are about the same, or the nearest one when none is known to be."""
    every: tuple[str, ...]
    written: tuple[str, ...]
    """`near` as the author wrote it."""


def inspect(question: str, phrases: Sequence[Neighbour]) -> tuple[Verdict, ...]:
    """What every guard says of answering this normalised question by these phrases, nearest first."""
    if not phrases:
        return (Verdict(guard="phrases", passed=False, reason="the intent has no phrase to compare with"),)
    seen = compare(question, phrases)
    return (numbers(seen), negation(seen), opposites(seen), swapped(seen), names(seen), direction(seen), kind(seen))


def compare(question: str, phrases: Sequence[Neighbour]) -> Compared:
    """Choose the phrases that are about the same as the question."""
    close = [one.phrase for one in phrases if one.cosine >= phrases[0].cosine - NEARBY]
    near = [phrase for phrase in close if shared(question, phrase.text) >= SAME_MATTER]
    return Compared(
        question,
        tuple(phrase.text for phrase in near),
        tuple(one.phrase.text for one in phrases),
        tuple(phrase.original for phrase in near),
    )


def near_miss(phrase: Neighbour | None, barred: Neighbour | None) -> Verdict:
    """Fails when a `not_phrase` of the intent is at least as near as its nearest phrase."""
    if barred is None or (phrase is not None and phrase.cosine > barred.cosine):
        return Verdict(guard="not_phrases", passed=True)
    reason = f"nearer to “{barred.phrase.original}”, which must not reach `{barred.phrase.intent}`, than to its phrases"
    return Verdict(guard="not_phrases", passed=False, reason=reason)


def numbers(seen: Compared) -> Verdict:
    """Fails when the question names numbers that the phrases do not allow."""
    asked = numbers_in(seen.question)
    every = [found for found in map(numbers_in, seen.every) if found]
    if not asked or any(asked <= found for found in every) or len(frozenset().union(*every)) >= _A_SLOT:
        return Verdict(guard="numbers", passed=True)
    named = seen.near and all(map(numbers_in, seen.near))
    if not named and all(number.isdecimal() and int(number) <= _FREE_NUMBER for number in asked):
        return Verdict(guard="numbers", passed=True)
    reason = f"asks about {_and(sorted(asked))}, which no phrase of the intent mentions"
    return Verdict(guard="numbers", passed=False, reason=reason)


def negation(seen: Compared) -> Verdict:
    """Fails when the question is negated and no phrase about the same is, or the other way round."""
    asked = _negated(seen.question)
    if not seen.near or any(_negated(phrase) == asked for phrase in seen.near):
        return Verdict(guard="negation", passed=True)
    which = "the question is negated, its nearest phrase is not" if asked else "the nearest phrase is negated"
    return Verdict(guard="negation", passed=False, reason=f"{which}: “{seen.near[0]}”")


def opposites(seen: Compared) -> Verdict:
    """Fails when the question has the opposite of a phrase's word and no phrase of the intent has it too."""
    asked, spoken = set(words(seen.question)), {word for phrase in seen.every for word in words(phrase)}
    for phrase in seen.near:
        if found := _reversal(asked, set(words(phrase)), spoken):
            reason = f"says “{found[0]}” where the phrase says “{found[1]}”: “{phrase}”"
            return Verdict(guard="opposites", passed=False, reason=reason)
    return Verdict(guard="opposites", passed=True)


def swapped(seen: Compared) -> Verdict:
    """Fails when the question names another day, month, place, unit... than every phrase about the same."""
    asked, spoken = frozenset(words(seen.question)), frozenset(word for phrase in seen.every for word in words(phrase))
    for name in CLASSES:
        mine, known = members(asked, name), members(spoken, name)
        theirs = [members(frozenset(words(phrase)), name) for phrase in seen.near]
        if mine and theirs and all(theirs) and not mine & known and len(known) < _A_SLOT:
            reason = f"names the {name} “{min(mine)}” where the phrases name “{min(theirs[0])}”"
            return Verdict(guard="swapped", passed=False, reason=reason)
    return Verdict(guard="swapped", passed=True)


def names(seen: Compared) -> Verdict:
    """Fails when a name in a phrase is replaced by a word that no phrase of the intent knows."""
    spoken = {word for phrase in seen.every for word in words(phrase)}
    each = [_named(written) for written in seen.written]
    named = frozenset[str]().union(*each)
    if not all(each) or len(named) >= _A_SLOT:
        return Verdict(guard="names", passed=True)
    asked = words(seen.question)
    for phrase in seen.near:
        for theirs, mine in _replaced(words(phrase), asked):
            new = [word for word in mine if word not in spoken and word not in FUNCTION_WORDS]
            if named.intersection(theirs) and not named.intersection(asked) and new:
                reason = f"says “{' '.join(mine)}” where the phrase names “{' '.join(theirs)}”"
                return Verdict(guard="names", passed=False, reason=reason)
    return Verdict(guard="names", passed=True)


def direction(seen: Compared) -> Verdict:
    """Fails when a phrase goes from one to the other and the question the other way."""
    asked = set(_DIRECTION.findall(seen.question))
    known = {pair for phrase in seen.every for pair in _DIRECTION.findall(phrase)}
    turned = [(start, end) for start, end in asked if (end, start) in known and (start, end) not in known]
    if not turned:
        return Verdict(guard="direction", passed=True)
    reason = f"goes from {turned[0][0]} to {turned[0][1]}, the phrases the other way"
    return Verdict(guard="direction", passed=False, reason=reason)


def kind(seen: Compared) -> Verdict:
    """Fails when the question wants a person, a reason or an age and no phrase of the intent asks for one."""
    asked = set(_KINDS.findall(seen.question))
    known = {found for phrase in seen.every for found in _KINDS.findall(phrase)}
    if not asked or asked & known:
        return Verdict(guard="kind of question", passed=True)
    reason = f"asks “{_and(sorted(asked))}”, as no phrase of the intent does"
    return Verdict(guard="kind of question", passed=False, reason=reason)


def numbers_in(text: str) -> frozenset[str]:
    """The numbers a normalised text names, digits or words, as digits; `10.00` and `10:00` stay as written."""
    spelled = {str(NUMBER_WORDS[word]) for word in words(text) if word in NUMBER_WORDS}
    return frozenset(spelled) | frozenset(str(int(n)) if n.isdecimal() else n for n in _NUMBER.findall(text))


def shared(question: str, phrase: str) -> float:
    """The share of content words that two texts have in common, of the text that has fewer; 1 where one has none."""
    mine, theirs = _content(question), _content(phrase)
    least = min(len(mine), len(theirs))
    return len(mine & theirs) / least if least else 1.0


def _content(text: str) -> frozenset[str]:
    told = (
        word for word in words(text) if word not in FUNCTION_WORDS and not _REVERSED & {word, word.removesuffix("s")}
    )
    return frozenset(map(_stem, told))


def _stem(word: str) -> str:
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) > 2), "")
    return word.removesuffix(ending)


def _named(written: str) -> frozenset[str]:
    """Words with a capital inside the sentence that no closed set knows."""
    found = frozenset(name.casefold() for name in _NAME.findall(written))
    return frozenset(
        name for name in found if not MEMBERS & {name, name.removesuffix("s")} and name not in FUNCTION_WORDS
    )


def _negated(text: str) -> bool:
    plain = SIDE_CLAUSES.sub(" ", HEDGES.sub(" ", text))
    count = sum(word in NEGATIONS or word.endswith("n't") for word in words(plain))
    return count % 2 == 1


def _reversal(asked: set[str], phrase: set[str], spoken: set[str]) -> tuple[str, str] | None:
    """The first pair (asked, said) of opposites between a question and a phrase that the intent does not speak of."""
    for left, right in OPPOSITES:
        for mine, theirs in ((left, right), (right, left)):
            if asked & mine and phrase & theirs and not spoken & mine and not asked & theirs:
                return min(asked & mine), min(phrase & theirs)
    new = sorted(asked - spoken)
    return next(((word, other) for word in new for other in sorted(phrase - asked) if _prefixed(word, other)), None)


def _prefixed(one: str, other: str) -> bool:
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return len(shorter) > 3 and any(longer == prefix + shorter for prefix in REVERSING_PREFIXES)


def _replaced(phrase: Sequence[str], question: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
    steps = SequenceMatcher(None, phrase, question, autojunk=False).get_opcodes()
    return [(phrase[a:b], question[c:d]) for tag, a, b, c, d in steps if tag == "replace"]


def _and(parts: Sequence[str]) -> str:
    return " and ".join(parts)


_REVERSED = NEGATIONS.union(NUMBER_WORDS, *(left | right for left, right in OPPOSITES), *CLASSES.values())
"""Words that a minimal change turns: they say nothing about whether two texts are about the same."""
