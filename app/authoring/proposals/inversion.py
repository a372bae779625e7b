"""Inversion: what an answer says, as the question to which it is the answer. English."""

import re
from collections.abc import Iterator

from app.matching.normalise import normalise
from app.matching.word_lists import word_list
from app.text import sentences

_SWAPPED = {
    "you": "i",
    "your": "my",
    "yours": "mine",
    "we": "you",
    "our": "your",
    "us": "you",
    "i": "you",
    "my": "your",
}
_CLAUSE = re.compile(r"[,;:]| and | but | because | so that | until | which ")
_STATES = re.compile(r"(?P<who>.{2,50}?) (?P<aux>is|are|can|may|will|must) (?P<rest>.+)")
_HAS = re.compile(
    r"(?P<who>.{2,50}?) (?P<aux>has|have|need|needs|costs?|takes?|runs?|starts?|goes|stops?) (?P<rest>.+)"
)
_POINTERS = word_list("it they this that these those he she there here please what who")
_BARE = {"has": "have", "goes": "go"}
_LONGEST_THING = 4
_FEWEST, _MOST = 3, 10
"""Words of a question that is worth proposing."""


def questions(answer: str) -> Iterator[str]:
    """Yield yes-or-no questions that the sentences of an answer are the answer to."""
    for sentence in sentences(answer):
        for clause in _CLAUSE.split(sentence):
            asked = _asked(normalise(clause))
            if asked and _FEWEST <= len(asked.split()) <= _MOST:
                yield asked


_OFFERS = re.compile(
    r"(?:.{2,50}? )?(?:has|have|sells?|offers?|serves?|rents? out|there (?:is|are)|takes?|accepts?) (?P<things>.+)"
)
_ARTICLE = re.compile(r"(?:an?|the|some|our) ")
_TAIL = re.compile(r" (?:until|from|at|in|on|for|with|behind|beside|above|near|to|every|who|which|that)\b.*$")


def things(answer: str) -> Iterator[str]:
    """Yield questions for the things that an answer lists, such as “The shop has maps, books and cards”."""
    for sentence in sentences(answer):
        found = _OFFERS.match(sentence.rstrip(".!").lower())
        for thing in re.split(r", and | and | or |, ", found["things"]) if found else ():
            name = _TAIL.sub("", _ARTICLE.sub("", normalise(thing), count=1))
            if name and len(name.split()) <= _LONGEST_THING and not _points(name):
                yield from (f"do you have {name}", name)


def _asked(clause: str) -> str:
    if found := re.fullmatch(r"there (is|are) (.+)", clause):
        return f"{found[1]} there {found[2]}"
    if found := _STATES.fullmatch(clause):
        who, aux = _turned(found["who"], you="i"), found["aux"]
        agreed = {"i": "am", "you": "are"}.get(who, aux) if aux in ("is", "are") else aux
        rest = _turned(found["rest"]).removeprefix("not ")  # whether it is allowed is asked without the "not"
        return "" if _points(who) else f"{agreed} {who} {rest}"
    if found := _HAS.fullmatch(clause):
        who, verb = _turned(found["who"], you="i"), found["aux"]
        plain = _BARE.get(verb, verb.removesuffix("s"))
        does = "does" if verb != plain else "do"
        return "" if _points(who) else f"{does} {who} {plain} {_turned(found['rest'])}"
    return ""


def _turned(words: str, *, you: str = "me") -> str:
    """Return words with the speaker's side changed; `you`: who is addressed, as subject or as object."""
    return " ".join(you if word == "you" else _SWAPPED.get(word, word) for word in words.split())


def _points(who: str) -> bool:
    """Return whether the subject only makes sense after another sentence."""
    return who.split(maxsplit=1)[0] in _POINTERS or bool(re.search(r"\b(?:in|on|at|to|for|with|from|of)$", who))
