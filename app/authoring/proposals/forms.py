"""Forms: the ways in which one thing is asked, by grammar alone. A phrase shows a form; its sisters ask the same.

English. The words that stand in the forms are closed classes: question words, pronouns, auxiliaries. What is asked
about is taken from the phrase as it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.matching.word_lists import word_list

FormKind = Literal["there", "where", "may", "how", "must", "cost", "when", "offer", "noun"]

_DET = r"(?:(?P<det>an?|any|some|the|your|my|our) )?"
_I = r"(?:i|we|one|you)"

_WRITTEN: tuple[tuple[FormKind, str], ...] = (
    ("there", rf"(?:is|are) there {_DET}(?P<x>.+?)(?: here| available)?"),
    ("there", rf"(?:do you|have you)(?: have| got| offer| provide) {_DET}(?P<x>.+?)(?: here| available)?"),
    ("where", rf"where (?:is|are|can {_I} find|do {_I} find|would {_I} find) {_DET}(?P<x>.+)"),
    ("may", r"is it (?:allowed|ok|okay|possible|permitted|all right|fine) to (?P<v>.+)"),
    ("may", r"(?:am i|are we) allowed to (?P<v>.+)"),
    ("may", r"(?:can|may|could) (?:i|we) (?P<v>.+)"),
    ("how", r"what do (?:i|we) (?:have|need) to do to (?P<v>.+)"),
    ("how", r"how (?:do|can|could|should|would|may) (?:i|we) (?P<v>.+)"),
    ("how", r"i (?:want|need|wish|would like|'d like) to (?P<v>.+)"),
    ("must", r"(?:do (?:i|we) (?:have|need) to|must (?:i|we)|should (?:i|we)) (?P<v>.+)"),
    ("cost", rf"how much (?:is|are|does|do|for) {_DET}(?P<x>.+?)(?: cost)?"),
    ("cost", rf"how expensive (?:is|are) {_DET}(?P<x>.+)"),
    ("cost", rf"what (?:does|do) {_DET}(?P<x>.+?) cost"),
    ("cost", rf"what (?:is|are) the (?:price|prices|cost|fee) (?:of|for) {_DET}(?P<x>.+)"),
    ("when", r"(?:when|what time) (?:is|are) the (?P<x>.+?)(?: open| on)?"),
    ("offer", r"do you (?P<v>(?:sell|rent|hire|take|accept|run|do|serve|allow|give|teach) .+)"),
    ("noun", r"(?P<x>[^ ]+(?: [^ ]+){0,3})"),
)
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _WRITTEN)

_SISTERS: dict[FormKind, tuple[str, ...]] = {
    "there": (
        "do you have {any}", "{is} there {any}", "have you got {any}", "{x}", "i am looking for {a}",
        "where can i find {a}", "do you offer {any}", "any {x} here", "i need {a}", "can i get {a} here",
    ),
    "where": (
        "where {is} the {x}", "where can i find the {x}", "how do i get to the {x}", "i can't find the {x}",
        "which way to the {x}", "i am looking for the {x}", "whereabouts {is} the {x}",
    ),
    "may": (
        "can i {v}", "am i allowed to {v}", "is it ok to {v}", "may we {v}", "i would like to {v}", "{ing}",
        "is it possible to {v}", "is {ing} allowed", "i want to {v}", "could we {v}", "are we allowed to {v}",
        "can my children {v}", "can my mother {v}", "where can i {v}", "how can i {v}", "do you let people {v}",
    ),
    "how": (
        "how do i {v}", "i want to {v}", "i need to {v}", "how can we {v}", "what do i have to do to {v}", "{ing}",
        "how does one {v}", "where do i go to {v}", "can i {v}", "i would like to {v}",
    ),
    "must": (
        "do i have to {v}", "must i {v}", "do we need to {v}", "is it necessary to {v}", "should i {v}", "must we {v}",
    ),
    "cost": (
        "how much {is} the {x}", "{x} price", "what do you charge for {a}", "how much for {a}", "cost of {a}",
        "{is} the {x} free", "do i have to pay for {a}", "{x} fee", "what {do} the {x} cost",
        "how much do i pay for {a}", "{is} the {x} expensive", "how much do you charge for {a}",
    ),
    "when": (
        "what time {is} the {x}", "{x} times", "when {do} the {x} start", "when {is} the {x} on",
        "on which days {is} the {x}", "{x} hours", "{x} schedule",
    ),
    "offer": ("do you {v}", "can you {v}", "do they {v}"),
    "noun": ("{x}", "{x} please"),
}  # fmt: skip

_NO_NOUN = word_list(
    "who what when where why which how is are am was were do does did can may could must should would will have has i "
    "we you it they there my our book cancel pay take get bring use"
)
_VOWELS = frozenset("aeiou")
_DOUBLED = re.compile(r"[^aeiou][aeiou][bdgmnprt]$")


@dataclass(frozen=True, slots=True)
class Formed:
    """Phrase taken apart: its form, and the words that are asked about."""

    kind: FormKind
    words: str
    a_one: bool = False
    """The phrase has an indefinite article before them."""


def taken_apart(phrase: str) -> Formed | None:
    """Return the form of a normalised phrase; None if it has none of these."""
    for kind, pattern in _PATTERNS:
        found = pattern.fullmatch(phrase)
        if not found:
            continue
        if kind == "noun" and phrase.split(maxsplit=1)[0] in _NO_NOUN:
            return None
        groups = found.groupdict()
        return Formed(kind, groups.get("x") or groups.get("v") or "", groups.get("det") in ("a", "an"))
    return None


def sisters(formed: Formed) -> Iterator[str]:
    """Yield the other ways to ask the same, the most usual first; all lower case, without a question mark."""
    words = formed.words
    plural = is_plural(words)
    indefinite = words if plural or not formed.a_one else f"{_article(words)} {words}"
    forms = {
        "x": words,
        "v": words,
        "a": indefinite,
        "any": f"any {words}" if plural else indefinite,
        "is": "are" if plural else "is",
        "do": "do" if plural else "does",
        "ing": _gerund(words),
    }
    for form in _SISTERS[formed.kind]:
        yield form.format(**forms)


def is_plural(words: str) -> bool:
    """Return whether a noun with what belongs to it names several things, by its ending."""
    head = re.split(r" (?:for|of|in|on|at|to|with|from|near) ", words)[0].split()[-1]
    return head.endswith("s") and not head.endswith(("ss", "us", "is"))


def _article(words: str) -> str:
    return "an" if words[0] in _VOWELS else "a"


def _gerund(words: str) -> str:
    """Return a verb phrase as a noun: `pay by card` as `paying by card`."""
    verb, _, rest = words.partition(" ")
    if verb in ("be", "see", "flee", "free") or verb.endswith(("ee", "oe", "ye")):
        made = verb + "ing"
    elif verb.endswith("ie"):
        made = verb[:-2] + "ying"
    elif verb.endswith("e"):
        made = verb[:-1] + "ing"
    elif _DOUBLED.search(verb) and len(verb) <= 4:
        made = verb + verb[-1] + "ing"
    else:
        made = verb + "ing"
    return f"{made} {rest}".strip()
