"""Guards on word order and degree: another direction, swapped roles, another superlative."""

import re
from collections.abc import Sequence
from itertools import takewhile

from app.matching.decision import Verdict
from app.matching.guards.compare import Compared
from app.matching.normalise import words
from app.matching.word_lists import FUNCTION_WORDS, OPPOSITES, word_list

_DIRECTION = re.compile(r"\b(\w+) (?:to|into|nach|zu|zum|zur|in) (?:the |my |a |die |den |das |mein |meinen )?(\w+)")
_POINTERS = word_list(
    "from to into than against over beyond instead rather von vom nach zu zum zur als gegen über statt anstatt"
)
_ARTICLES = re.compile(r"\b(?:the|my|our|your|a|an|der|die|das|dem|den|mein|meine|meinen) ")

_LEAD_ON = word_list("of the a an my your our der die das dem den ein eine einen einem")

_FROM = re.compile(r"\b(?:from|out of|leave|leaving|von|vom|ab|aus) (\w+)()")
_TOWARDS = re.compile(
    r"\b(?:to|into|towards|reach|find|visit|zu|zum|zur|nach|ins|in den|erreiche|finde) (\w+)|"
    r"\b(?:get|come|go) (here)\b|\b(hierher|hierhin)\b"
)
_HERE = word_list("here you hier hierher hierhin ihnen euch dir sie")
_DISTANCE = re.compile(r"\b(?:far|distance|close|near|weit|entfernt|entfernung|nah|nahe)\b")

_PASSIVE = re.compile(r"\b(?:by|von|vom|was|were|been|being|wurden?|worden|werden)\b")

_SPEAKERS = {"me": "i", "my": "", "us": "we", "him": "he", "her": "she", "them": "they", "mir": "ich", "mich": "ich"}
_PERSONS = word_list("i you we he she they ich du wir er")
_LEAST_ACTORS = 3

_DEGREE = re.compile(r"^\w{2,}(?:est|ste[nrsm]?)$")
_NO_DEGREE = word_list(
    "rest best west forest guest guests request interest honest test suggest invest latest fest gest erste ersten "
    "erster erstes gäste gästen liste listen kosten küste kiste beste besten bester bestes leiste leisten muste"
)


def direction(seen: Compared) -> Verdict:
    """Fail if the question goes in the opposite direction of a phrase."""
    asked = _ways(seen.question)
    known = {pair for phrase in seen.kin for pair in _ways(phrase)}
    for phrase in seen.near:
        if _turned_round(words(seen.question), words(phrase)):
            return Verdict(guard="direction", passed=False, reason=f"has the words of “{phrase}” in another direction")
    turned = sorted((start, end) for start, end in asked if (end, start) in known and (start, end) not in known)
    if turned:
        reason = f"goes from {turned[0][0]} to {turned[0][1]}, the phrases the other way"
        return Verdict(guard="direction", passed=False, reason=reason)
    if away := _away(seen):
        reason = f"goes away from “{away}”, where the phrases go to"
        return Verdict(guard="direction", passed=False, reason=reason)
    return Verdict(guard="direction", passed=True)


def changed_places(seen: Compared) -> str | None:
    """Return what is wrong if two of the question's words have changed places: "can guests invite members"."""
    asked = _actors(seen.question)
    for phrase in seen.near:
        said = _actors(phrase)
        passive = bool(_PASSIVE.search(seen.question)) != bool(_PASSIVE.search(phrase))
        if not passive and _changed_places(asked, said) and not any(_actors(one) == asked for one in seen.kin):
            return f"“{asked[0]}” does what “{said[0]}” does in “{phrase}”"
    return None


def degree(seen: Compared) -> Verdict:
    """Fail if the question has another superlative: "the tallest" is not "the lowest"."""
    asked, spoken = _degrees(seen.question), frozenset[str]().union(*map(_degrees, seen.kin))
    for phrase in seen.near:
        said = _degrees(phrase)
        new = sorted(one for one in asked - spoken if not any(_alike(one, other) for other in said))
        if new and said and not asked & said:
            return Verdict(guard="degree", passed=False, reason=f"asks for the {new[0]} where “{phrase}” does not")
    return Verdict(guard="degree", passed=True)


def _ways(text: str) -> set[tuple[str, ...]]:
    return {
        (start, end)
        for start, end in _DIRECTION.findall(_ARTICLES.sub("", text))
        if start not in FUNCTION_WORDS and end not in FUNCTION_WORDS
    }


def _away(seen: Compared) -> str | None:
    """Return the place that the question leaves and the phrases go to; a distance is the same both ways."""
    left = _places(_FROM, seen.question)
    if not left or _DISTANCE.search(seen.question):
        return None
    goals = frozenset[str]().union(*(_places(_TOWARDS, phrase) for phrase in seen.every))
    starts = frozenset[str]().union(*(_places(_FROM, phrase) for phrase in seen.every))
    return min((left & goals) - starts, default=None)


def _places(form: re.Pattern[str], text: str) -> frozenset[str]:
    found = (word for groups in form.findall(_ARTICLES.sub("", text)) for word in groups if word)
    return frozenset("here" if word in _HERE else word for word in found)


def _turned_round(asked: Sequence[str], said: Sequence[str]) -> bool:
    """Return whether the same words stand in another order around a preposition."""
    if asked == said or sorted(asked) != sorted(said):
        return False
    return _pointed(asked) != _pointed(said)


def _pointed(spoken: Sequence[str]) -> set[tuple[str, ...]]:
    """Return each preposition with the two words at most that it leads to, up to the next one."""
    led = ((word, [one for one in spoken[at + 1 :] if one not in _LEAD_ON]) for at, word in enumerate(spoken))
    return {(word, *takewhile(lambda one: one not in _POINTERS, after[:2])) for word, after in led if word in _POINTERS}


def _actors(text: str) -> list[str]:
    """Return persons and content words in their order, `me` as `i`."""
    spoken = [_SPEAKERS.get(word, word) for word in words(text)]
    return [word for word in spoken if word in _PERSONS or (word and word not in FUNCTION_WORDS)]


def _changed_places(asked: list[str], said: list[str]) -> bool:
    if len(asked) < _LEAST_ACTORS or sorted(asked) != sorted(said) or asked[0] == said[0]:
        return False
    return said.index(asked[0]) >= _LEAST_ACTORS - 1 and asked.index(said[0]) >= _LEAST_ACTORS - 1


def _degrees(text: str) -> frozenset[str]:
    return frozenset(word for word in words(text) if _DEGREE.match(word) and word not in _NO_DEGREE)


def _alike(one: str, other: str) -> bool:
    return any({one, other} <= side for pair in OPPOSITES for side in pair)
