"""Checks that vectors are blind to: a question that says the opposite, another number, or a known near miss.

A guard compares words. It fails closed: an answer by embeddings needs every verdict to pass.
"""

import re
from collections.abc import Sequence

from app.matching.decision import Verdict
from app.matching.index import Neighbour
from app.matching.language import HEDGES, NEGATIONS, NUMBER_WORDS, OPPOSITES, REVERSING_PREFIXES
from app.matching.normalise import words

NEARBY = 0.15
"""Phrases of the intent within this cosine of its nearest one are compared too: any of them may vouch."""

_FREE_NUMBER = 31
"""A number up to this (party sizes, ages, hours, days) may appear where an intent's phrases name no number at all."""

_A_SLOT = 3
"""Phrases of one intent that name this many different numbers show that any number may stand there."""

_KINDS = re.compile(
    r"\b(who|whose|whom|why|when|what time|how (?:much|many|long|old|far|often)|wer|wem|wessen|warum|wieso|wann|"
    r"wie (?:viel|viele|lange|alt|weit|oft|teuer))\b"
)
"""Kinds of question that want one kind of answer: a person, a reason, a time, an amount. `what`, `where` and `how` are
asked about the same thing in too many ways to tell."""

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")


def inspect(question: str, phrases: Sequence[Neighbour]) -> tuple[Verdict, ...]:
    """What every guard says of answering this normalised question by these phrases, nearest first."""
    if not phrases:
        return (Verdict(guard="phrases", passed=False, reason="the intent has no phrase to compare with"),)
    texts = [one.phrase.text for one in phrases]
    near = [one.phrase.text for one in phrases if one.cosine >= phrases[0].cosine - NEARBY]
    return (
        numbers(question, texts),
        negation(question, near),
        opposites(question, near, texts),
        kind_of_question(question, texts),
    )


def near_miss(phrase: Neighbour | None, barred: Neighbour | None) -> Verdict:
    """Fails when a `not_phrase` of the intent is at least as near as its nearest phrase."""
    if barred is None or (phrase is not None and phrase.cosine > barred.cosine):
        return Verdict(guard="not_phrases", passed=True)
    reason = f"nearer to “{barred.phrase.original}”, which must not reach `{barred.phrase.intent}`, than to its phrases"
    return Verdict(guard="not_phrases", passed=False, reason=reason)


def numbers(question: str, phrases: Sequence[str]) -> Verdict:
    """Fails when the question names numbers that no phrase of the intent allows."""
    asked = numbers_in(question)
    known = [found for found in map(numbers_in, phrases) if found]
    if not asked or any(asked <= found for found in known):
        return Verdict(guard="numbers", passed=True)
    if len(frozenset().union(*known)) >= _A_SLOT:
        return Verdict(guard="numbers", passed=True)
    if not known and all(number.isdecimal() and int(number) <= _FREE_NUMBER for number in asked):
        return Verdict(guard="numbers", passed=True)
    reason = f"asks about {_and(sorted(asked))}, which no phrase of the intent mentions"
    return Verdict(guard="numbers", passed=False, reason=reason)


def negation(question: str, near: Sequence[str]) -> Verdict:
    """Fails when the question is negated and no near phrase is, or the other way round."""
    asked = _negated(question)
    if any(_negated(phrase) == asked for phrase in near):
        return Verdict(guard="negation", passed=True)
    which = "the question is negated, its nearest phrase is not" if asked else "the nearest phrase is negated"
    return Verdict(guard="negation", passed=False, reason=f"{which}: “{near[0]}”")


def opposites(question: str, near: Sequence[str], phrases: Sequence[str]) -> Verdict:
    """Fails when the question has the opposite of a near phrase's word and no phrase of the intent has it too."""
    asked = set(words(question))
    spoken = {word for phrase in phrases for word in words(phrase)}
    for phrase in near:
        found = _reversal(asked, set(words(phrase)), spoken)
        if found:
            reason = f"says “{found[0]}” where the phrase says “{found[1]}”: “{phrase}”"
            return Verdict(guard="opposites", passed=False, reason=reason)
    return Verdict(guard="opposites", passed=True)


def kind_of_question(question: str, phrases: Sequence[str]) -> Verdict:
    """Fails when the question wants a person, reason, time or amount and no phrase of the intent asks for one."""
    asked = set(_KINDS.findall(question))
    known = {kind for phrase in phrases for kind in _KINDS.findall(phrase)}
    if not asked or asked & known:
        return Verdict(guard="kind of question", passed=True)
    reason = f"asks “{_and(sorted(asked))}”, as no phrase of the intent does"
    return Verdict(guard="kind of question", passed=False, reason=reason)


def numbers_in(text: str) -> frozenset[str]:
    """The numbers a normalised text names, digits or words, as digits; `10.00` and `10:00` stay as written."""
    spelled = {str(NUMBER_WORDS[word]) for word in words(text) if word in NUMBER_WORDS}
    return frozenset(spelled) | frozenset(str(int(n)) if n.isdecimal() else n for n in _NUMBER.findall(text))


def _negated(text: str) -> bool:
    plain = HEDGES.sub(" ", text)
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


def _and(parts: Sequence[str]) -> str:
    return " and ".join(parts)
