"""Chain of guards: checks for what vectors do not show, such as opposites, other numbers, days or names.

A guard compares words, and only with phrases of the intent on the same subject: a reversal is a small change.
The chain fails closed: an answer by embeddings needs every verdict to pass.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from app.matching.decision import Verdict
from app.matching.guards.compare import Compared, compare, content, is_known
from app.matching.guards.exchange import roles
from app.matching.guards.polarity import negation, opposites
from app.matching.guards.topic import action, follow_up
from app.matching.guards.word_order import degree, direction
from app.matching.index import Neighbour
from app.matching.normalise import words
from app.matching.reading.gloss import glossed, language_of
from app.matching.word_classes import is_identity, sets_of
from app.matching.word_lists import COURTESIES, FUNCTION_WORDS, NUMBER_WORDS

_FREE_NUMBER = 31
"""Largest number (party sizes, ages, hours, days) that is free to appear if no phrase on the subject has a
number."""

_A_SLOT = 3
"""Count of different numbers, days or places in phrases on the subject that shows that any may stand
there."""

_A_SLOT_ANYWHERE = 4
"""Count of them in all phrases of the intent that shows it: one more, since other subjects count too."""

_NARROWING = frozenset(("holiday",))
"""Sets whose words make any question another one: hours and prices "at Easter". Places and months are not
among them: too often they are mentioned by the way ("a flight to Rome in May")."""

_A_NAME = 2
"""Most words of a name: if more words differ, the question is not a phrase with another name."""

_KINDS = {
    "for a person": re.compile(r"(?<!body )(?<!one )(?<!people )(?<!person )\b(?:who|whose|whom|wer|wem|wessen)\b"),
    "for a reason": re.compile(r"\b(?:why|how come|warum|wieso|weshalb)\b"),
    "for an age": re.compile(r"\b(?:how old|wie alt)\b"),
    "when something was": re.compile(
        r"\bwhen (?:did|was|were)\b|\b(?:which|what) year\b|\bwann (?:wurden?|war|waren)\b|\bwelche[ms] jahr\b"
    ),
}
"""Kinds of question with one kind of answer each. Other kinds are worded in too many ways to detect."""

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_NAME = re.compile(r"(?<=[\w,;:)] )[A-ZÄÖÜ][\w'’-]+")


def inspect(question: str, phrases: Sequence[Neighbour], *, locale: str = "") -> tuple[Verdict, ...]:
    """Return every guard's verdict on answering this normalised question by these phrases, nearest first."""
    if not phrases:
        return (Verdict(guard="phrases", passed=False, reason="the intent has no phrase to compare with"),)
    seen = compare(*_in_one_language(question, phrases, locale))
    return tuple(guard(seen) for guard in _GUARDS)


def stopped(typed: str, phrases: Sequence[Neighbour], *, locale: str = "") -> tuple[Verdict, ...]:
    """Return the verdicts that a question fails as it was typed, before slips were mended.

    Only guards that look for words of their own lists: for the others a slip is a strange word.
    """
    if not phrases:
        return ()
    seen = compare(*_in_one_language(typed, phrases, locale))
    return tuple(verdict for verdict in (guard(seen) for guard in _BY_LISTS) if not verdict.passed)


def _in_one_language(question: str, phrases: Sequence[Neighbour], locale: str) -> tuple[str, Sequence[Neighbour]]:
    """Return question and phrases in English words; as they are where all are in English, or all in German."""
    languages = {language_of(locale), *(language_of(one.phrase.locale) for one in phrases)} - {""}
    if languages <= {"en"} or languages == {"de"}:
        return question, phrases
    told = [
        replace(one, phrase=replace(one.phrase, text=glossed(one.phrase.text, one.phrase.locale))) for one in phrases
    ]
    return glossed(question, locale), told


def near_miss(phrase: Neighbour | None, barred: Neighbour | None) -> Verdict:
    """Fail if a `not_phrase` of the intent is at least as near as its nearest phrase."""
    if barred is None or (phrase is not None and phrase.cosine > barred.cosine):
        return Verdict(guard="not_phrases", passed=True)
    reason = f"nearer to “{barred.phrase.original}”, which must not reach `{barred.phrase.intent}`, than to its phrases"
    return Verdict(guard="not_phrases", passed=False, reason=reason)


def vouched(question: str, phrases: Sequence[Neighbour], barred: Sequence[Neighbour]) -> bool:
    """Return whether a phrase has all words of the question, and each near miss a word that it lacks.

    Then the question lacks the words that make the near miss another question ("the cafe's opening hours").
    """
    asked = frozenset(words(question)) - COURTESIES
    said = any(asked <= frozenset(words(one.phrase.text)) for one in phrases)
    return bool(asked) and said and all(content(one.phrase.text) - content(question) for one in barred)


def numbers(seen: Compared) -> Verdict:
    """Fail if the question has numbers that the phrases do not allow."""
    asked = numbers_in(seen.question)
    kin = [found for found in map(numbers_in, seen.kin) if found]
    if not asked or any(asked <= found for found in kin) or _varies(kin, map(numbers_in, seen.every)):
        return Verdict(guard="numbers", passed=True)
    named = seen.near and all(map(numbers_in, seen.near))
    if not named and all(number.isdecimal() and int(number) <= _FREE_NUMBER for number in asked):
        return Verdict(guard="numbers", passed=True)
    reason = f"asks about {_and(sorted(asked))}, which no phrase of the intent mentions"
    return Verdict(guard="numbers", passed=False, reason=reason)


def swapped(seen: Compared) -> Verdict:
    """Fail if the question names another day, month, place, unit... than every phrase on the subject."""
    asked = sets_of(words(seen.question))
    spoken = sets_of(word for phrase in seen.kin for word in words(phrase)) if asked else {}
    near = [sets_of(words(phrase)) for phrase in seen.near] if asked else []
    for name, mine in sorted(asked.items()):
        if name in _NARROWING and not any(name in sets_of(words(phrase)) for phrase in seen.every):
            reason = f"is about one {name}, “{min(mine)}”, and no phrase of the intent names any"
            return Verdict(guard="swapped", passed=False, reason=reason)
        known = spoken.get(name, frozenset[str]())
        theirs = [one[name] for one in near if name in one]
        if theirs and len(theirs) == len(near) and not mine & known and name not in _slots(seen):
            reason = f"names the {name} “{min(mine)}” where the phrases name “{min(theirs[0])}”"
            return Verdict(guard="swapped", passed=False, reason=reason)
    return Verdict(guard="swapped", passed=True)


def names(seen: Compared) -> Verdict:
    """Fail if an unknown word replaces a name, day, place... of a phrase on the subject."""
    spoken = {word for phrase in seen.kin for word in words(phrase)}
    each = [_named(written) for written in seen.written]
    proper = frozenset[str]().union(*each) if all(each) else frozenset[str]()
    if len(proper) >= _A_SLOT:
        return Verdict(guard="names", passed=True)
    asked = tuple(word.removesuffix("'s") for word in words(seen.question))
    for phrase in seen.near:
        for theirs, mine in _replaced(words(phrase), asked):
            new = [word for word in mine if word not in spoken and word not in FUNCTION_WORDS and not is_known(word)]
            if not new or max(len(theirs), len(mine)) > _A_NAME:
                continue
            if any((word in proper or _fixed(word, seen)) and word not in asked for word in theirs):
                reason = f"says “{' '.join(mine)}” where the phrase names “{' '.join(theirs)}”"
                return Verdict(guard="names", passed=False, reason=reason)
    return Verdict(guard="names", passed=True)


def kind(seen: Compared) -> Verdict:
    """Fail if the question asks for a person, a reason, an age or a past date, and no phrase does."""
    asked = _kinds(seen.question)
    if not asked or any(asked & _kinds(phrase) for phrase in seen.every):
        return Verdict(guard="kind of question", passed=True)
    reason = f"asks {_and(sorted(asked))}, as no phrase of the intent does"
    return Verdict(guard="kind of question", passed=False, reason=reason)


def numbers_in(text: str) -> frozenset[str]:
    """Return the numbers in a normalised text, digits or words, as digits; `10.00` and `10:00` stay."""
    spelled = {str(NUMBER_WORDS[word]) for word in words(text) if word in NUMBER_WORDS}
    return frozenset(spelled) | frozenset(str(int(n)) if n.isdecimal() else n for n in _NUMBER.findall(text))


def _slots(seen: Compared) -> frozenset[str]:
    """Return the word classes of which the phrases have so many members that any may stand there."""
    kin, every = (sets_of(word for phrase in phrases for word in words(phrase)) for phrases in (seen.kin, seen.every))
    return frozenset(name for name, members in every.items() if _varies([kin.get(name, frozenset[str]())], [members]))


def _varies(kin: Iterable[frozenset[str]], every: Iterable[frozenset[str]]) -> bool:
    """Return whether phrases on the subject, or all of the intent's, have so many different members."""
    named, anywhere = (frozenset[str]().union(*found) for found in (kin, every))
    return len(named) >= _A_SLOT or len(anywhere) >= _A_SLOT_ANYWHERE


def _fixed(word: str, seen: Compared) -> bool:
    """Return whether the word is one of a class and cannot be replaced by another in these phrases."""
    return is_identity(word) and not _slots(seen) & frozenset(sets_of([word]))


def _kinds(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _KINDS.items() if pattern.search(text))


def _named(written: str) -> frozenset[str]:
    """Return words with a capital inside the sentence that are in no word class."""
    found = frozenset(name.casefold() for name in _NAME.findall(written))
    return frozenset(name for name in found if not is_known(name) and name not in FUNCTION_WORDS)


def _replaced(phrase: Sequence[str], question: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
    steps = SequenceMatcher(None, phrase, question, autojunk=False).get_opcodes()
    return [(phrase[a:b], question[c:d]) for tag, a, b, c, d in steps if tag == "replace"]


def _and(parts: Sequence[str]) -> str:
    return " and ".join(parts)


_GUARDS = (numbers, negation, opposites, swapped, names, direction, roles, degree, kind, action, follow_up)

_BY_LISTS = (numbers, negation, opposites, swapped, kind)
