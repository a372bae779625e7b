"""Sides of a question: who acts, and whom or what else it names, so that two that have changed places are found.

"Can the hospital send my x-rays to you" has another actor than "can you send my x-rays to the hospital", and each
one's actor is among the others of the other one. The same holds for places: "do you collect it at my home", "can I
collect it from you".
"""

import re
from dataclasses import dataclass

from app.matching.guards.compare import stem
from app.matching.normalise import words
from app.matching.word_lists import FUNCTION_WORDS, NEGATIONS, word_list
from app.text import remembers_texts

VISITOR, HOUSE, WHO, SOMEONE = "visitor", "house", "who", "someone"


def _each(listed: str, side: str) -> dict[str, str]:
    return dict.fromkeys(word_list(listed), side)


_ACTS = {
    **_each("i we ich wir", VISITOR),
    **_each("you du ihr", HOUSE),
    **_each("who wer", WHO),
    **_each("jemand someone somebody anyone anybody", SOMEONE),
}
_NAMED = {
    **_each("me us mich mir uns", VISITOR),
    **_each("you sie ihnen dich dir euch", HOUSE),
    **_each("whom wen wem", WHO),
    **_each("jemanden jemandem someone somebody anyone anybody", SOMEONE),
}
_OBLIQUE = word_list("me us mich mir uns ihnen dich dir euch")
"""Forms of which nobody acts, though they may stand before the one who does: "zahlt mir der Verein"."""

_AUXILIARY = word_list(
    "do does did can could may might must should shall will would has have kann können könnt könnte könnten "
    "darf dürfen muss müssen soll sollen wird werden würde würden will wollen hat haben"
)
_DETERMINERS = word_list(
    "the a an my our your their der die das dem den ein eine einen einem einer mein meine meinen meinem meiner unser "
    "unsere unserem ihre ihren ihrem euer eure"
)
_POLITE = word_list("please kindly bitte just mal")
_NOMINATIVE = word_list("der die das ein eine mein meine unser unsere euer eure")
_BESIDE = word_list("for with für mit bei let tell show help allow without around near beside about after before vor")
"""Words after which somebody is not acted on, and gets nothing: "book a table for me"."""

_PREFIXES = ("zurück", "an", "auf", "aus", "ab", "bei", "ein", "mit", "vor", "nach", "her", "hin", "zu", "weg", "um")
"""German prefixes that stand apart: "rufen Sie an" is "anrufen"."""

_LEAST_ROOT = 3

_MUTUAL = (
    "meet speak talk rent hire leihen ausleihen mieten treffen sprechen reden get have want like go see find use need "
    "book order reserve buchen bestellen reservieren"
)
"""Verbs that say the same with either side first, or that one side does for the other."""

_OF_THINGS = "take bring drive carry cost lead make cover interest suit bringen fahren führen kosten"
"""Verbs of which things are the subject: "does the bus take me" is said for "can I take the bus"."""

_TRADE = "buy purchase sell collect deliver kaufen verkaufen abholen liefern"
"""Verbs of which the two sides never mean the same: who buys, who sells, who collects."""

_IRREGULAR = {
    "hilft": "helf",
    "nimmt": "nehm",
    "gibt": "geb",
    "spricht": "sprech",
    "trifft": "treff",
    "lädt": "lad",
    "fährt": "fahr",
    "trägt": "trag",
    "empfiehlt": "empfehl",
}

_PASSIVE = re.compile(
    r"\bby (?:the|a|an|you|my|your|one|whom)\b|\b(?:is|are|was|were|be|been|being|have|get) (?:\w+ ){0,4}\w+ed\b|"
    r"\b(?:wird|werden|wurde|wurden|werde)\b|\bvon (?:der|dem|einer)\b"
)
_AT_VISITORS = re.compile(
    r"\b(?:bei|zu|von|aus) (?:mir|uns|meine[mr]|unsere[mr])\b|"
    r"\b(?:at|from|in|to) (?:my|our) (?:home|house|flat|place|door|office|address|apartment)\b"
)
_AT_HOUSES = re.compile(r"\b(?:bei|zu|von|aus) (?:ihnen|euch|dir|ihre[mr]|eure[mr])\b|\b(?:at|from) your?\b")


@dataclass(frozen=True, slots=True)
class Sides:
    """Sides of one text: a side each, or the stem of a noun."""

    actor: str
    others: frozenset[str]
    verbs: frozenset[str]
    place: str
    """Whose place it names: the visitor's, the house's, or nobody's."""
    passive: bool


def have_changed(asked: Sides, said: Sides) -> bool:
    """Return whether the two have the same verb, and have changed places, or act each at the other's place."""
    if not asked.actor or not said.actor or asked.actor == said.actor or asked.passive != said.passive:
        return False
    common = asked.verbs & said.verbs
    if {asked.actor, said.actor} == {VISITOR, HOUSE}:
        if common & _TRADES or (common and (asked.place, said.place) == (said.actor, asked.actor)):
            return True
        common -= _MUTUALS
    else:
        common -= _MUTUALS | _THINGS
    return bool(common) and asked.actor in said.others and said.actor in asked.others


def vouches(asked: Sides, said: Sides) -> bool:
    """Return whether a phrase has the same actor with the same verb."""
    return asked.actor == said.actor and bool(asked.verbs & said.verbs)


@remembers_texts(most=1 << 14)
def sides_of(text: str) -> Sides:
    """Return the sides of a normalised text; without an actor that can be told, it has none."""
    spoken = words(text)
    actor, start, end = _actor(spoken)
    rest = spoken[end:]
    place = VISITOR if _AT_VISITORS.search(text) else HOUSE if _AT_HOUSES.search(text) else ""
    return Sides(actor, _others(spoken[:start], rest), _verbs(spoken[:start], rest), place, bool(_PASSIVE.search(text)))


def _actor(spoken: tuple[str, ...]) -> tuple[str, int, int]:
    """Return who acts, and where that begins and ends in the text."""
    for at, word in enumerate(spoken):
        if word in _ACTS or (word == "sie" and at > 0):
            return _ACTS.get(word, HOUSE), at, at + 1
        after = at + 1
        while after < len(spoken) and spoken[after] in _OBLIQUE:
            after += 1
        if after >= len(spoken) or spoken[after] in _ACTS or spoken[after] == "sie":
            continue
        opens = all(one in FUNCTION_WORDS for one in spoken[:at])
        is_verb = opens and word not in FUNCTION_WORDS and spoken[after] in _NOMINATIVE
        if word in _AUXILIARY or is_verb:
            named = after + 1 if spoken[after] in _DETERMINERS else after
            if named < len(spoken) and spoken[named] not in FUNCTION_WORDS:
                return stem(spoken[named]), after, named + 1
    return _ordered(spoken)


def _ordered(spoken: tuple[str, ...]) -> tuple[str, int, int]:
    """Return the house as who acts in an order: "please send the pictures to the hospital"; nobody for all else."""
    at = next((place for place, word in enumerate(spoken) if word not in _POLITE), len(spoken))
    is_verb = at + 1 < len(spoken) and spoken[at] not in FUNCTION_WORDS
    if is_verb and (spoken[at + 1] in _DETERMINERS or spoken[at + 1] in _OBLIQUE):
        return HOUSE, at + 1, at + 1
    return "", 0, 0


def _others(before: tuple[str, ...], rest: tuple[str, ...]) -> frozenset[str]:
    found = {_NAMED[word] for word in before if word in _OBLIQUE or _NAMED.get(word) == WHO}
    for ahead, word in zip(("", *rest), rest, strict=False):
        if word in _NAMED:
            found |= {_NAMED[word]} - ({_NAMED[word]} if ahead in _BESIDE else set())
        elif word not in FUNCTION_WORDS and word not in NEGATIONS:
            found.add(stem(word))
    return frozenset(found)


def _verbs(before: tuple[str, ...], rest: tuple[str, ...]) -> frozenset[str]:
    """Return the roots of what may be the verb: before the actor, right after it, or last, as in German."""
    heavy = [word for word in rest if word not in _NO_VERBS]
    ahead = [word for word in before if word not in FUNCTION_WORDS and word not in _AUXILIARY]
    return frozenset(map(_root, (*heavy[:1], *(heavy[-1:] if _is_infinitive(heavy) else ()), *ahead[-1:])))


def _is_infinitive(heavy: list[str]) -> bool:
    return bool(heavy) and heavy[-1].endswith(("en", "ern", "eln"))


def _root(word: str) -> str:
    """Return what the forms of a verb have in common, with a prefix and without one."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    bare = stem(word)
    for ending in ("t", "e"):
        bare = bare.removesuffix(ending) if len(bare) > _LEAST_ROOT else bare
    prefix = next((one for one in _PREFIXES if bare.startswith(one) and len(bare) - len(one) >= _LEAST_ROOT), "")
    return bare.removeprefix(prefix)


_NO_VERBS = FUNCTION_WORDS | NEGATIONS | frozenset(_NAMED) | frozenset(_PREFIXES)
_MUTUALS, _THINGS, _TRADES = (frozenset(map(_root, word_list(listed))) for listed in (_MUTUAL, _OF_THINGS, _TRADE))
