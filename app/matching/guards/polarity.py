"""Guards on what is denied: negations and opposites.

They reverse an action or a wish. A question about what is the case keeps its answer, however it is put: "are dogs
not allowed?", "dogs are forbidden, right?".
"""

import re

from app.matching.decision import Verdict
from app.matching.guards.compare import Compared, content, shared
from app.matching.guards.question_form import (
    asks_the_case,
    clauses,
    is_short,
    order_or_question,
    states_the_case,
    wants,
)
from app.matching.normalise import words
from app.matching.word_lists import (
    HEDGES,
    NEGATIONS,
    OPPOSITES,
    REVERSING_PREFIXES,
    SIDE_CLAUSES,
    word_list,
)

_OPPOSED = frozenset().union(*(left | right for left, right in OPPOSITES))

_RULES = word_list(
    "allow allowed permitted forbid forbidden prohibited banned possible impossible legal illegal included excluded "
    "free paid erlaubt gestattet verboten untersagt"
)
"""Words for what may be: of these, a question about what is the case may have the opposite."""

_STATES = word_list("open closed shut geöffnet offen geschlossen gesperrt auf zu")
_STATED = re.compile(r"\b(?:is|are|was|be|isn't|aren't|you're|it's|they're|ist|sind|seid|war|hat|habt|haben)\b")
"""Words for a state, if it is one: "is it closed"; to open and to close are two things."""

_COUNTED = re.compile(
    r"\b(?:all|every|everyone|everybody|everything|both|only|several|many|most|always|alle|jede[nmrs]?|beide|nur|"
    r"mehrere|viele|meisten|immer)\b"
)
"""Words of quantity: "are all rooms heated" is not answered as "are no rooms heated" is."""

_LENT = re.compile(r"\blend (?:me|us)\b")
_TAUGHT = re.compile(r"\bteach (?:me|us)\b")
_ANSWERED = re.compile(r"\byou answer\b")
_FOUND_OUT = re.compile(r"\b(find|figure|work|finding|figuring|working) out\b")
_OBLIGED = re.compile(
    r"\b(?:do|does) (?:i|we|you|they|\w+ \w+|\w+) (?:have|need) to\b|\bmust (?:i|we|you|they)\b|"
    r"\b(?:required|obliged|mandatory|compulsory|obligatory)\b"
)
_TAKEN_OFF = re.compile(r"\btake off\b")
_I_AM = re.compile(r"\bi am\b|\bam i\b")
_YOURS = re.compile(r"\byou (sell|buy)\b")

_KEPT_AWAY = re.compile(
    r"\b(?:keep|stop|prevent|hinder)\b.*\b\w+ing\b|\bavoid \w+ing\b|\bget out of \w+ing\b|\bopt out\b|"
    r"\bverhinder\w*\b|\b(?:halt\w*|hält)\b.*\bfern\b|\bfern(?:zu)?halten\b"
)
""""How do I keep the doors from opening": no negation, and yet not how they are opened."""

_PUT_OFF = re.compile(
    r"(?:\bhow (?:do|can|could|would) (?:i|we)|\b(?:i|we) (?:want|would like|need)(?: you| it| them)? to|^please|^) ?"
    r"\b(?:stop|prevent|get rid of|skip|(?P<mild>avoid))\b|\brefuse\b|"
    r"\b(?:verhinder\w*|loszuwerden|loswerden|abbestell\w*|abmeld\w*|verzicht\w*|(?:werde|werden) (?:ich|wir) "
    r".*\blos$|(?P<leise>vermeid\w*|umgeh(?:e|en)))\b"
)
"""Verbs that do away with what they name, and count where phrases ask for it."""

_WITHDRAWN = re.compile(
    r"\b(?:get|take|pull|back|drop|opt)\b(?: \S+){0,4} out of (?!here\b)|"
    r"^(?:i|we) (?:no longer (?:need|want|wish)|(?:do not|don't) (?:need|want)\b.*\b(?:any ?more|any longer)$)|"
    r"^(?:ich|wir) (?:brauchen?|will|wollen|möchten?)\b.*\b(?:nicht|kein\w*)\b.*\bmehr$"
)
""""I don't need an appointment any more", "how do we get out of the tour": what was wanted no longer is."""

_DONE_AWAY = re.compile(
    r"\b(?:stop|avoid|prevent|cancel|unsubscribe|end|terminate|quit|remove|delete|disable|deactivate|block|switch "
    r"off|turn off|out of|any ?more|no longer|opt out|less|fewer|least|rid|un\w{5,}|vermeid\w*|verhinder\w*|"
    r"kündig\w*|storn\w*|lösch\w*|"
    r"abbestell\w*|abmeld\w*|abschalt\w*|absag\w*|verzicht\w*|los\w*)\b"
)


def negation(seen: Compared) -> Verdict:
    """Fail if the question denies what no phrase on the subject denies, or the reverse, and wants something."""
    passed = Verdict(guard="negation", passed=True)
    if reason := _done_away(seen):
        return Verdict(guard="negation", passed=False, reason=reason)
    if not seen.near:
        return passed if not _unheard_wish(seen) else Verdict(guard="negation", passed=False, reason=_UNHEARD)
    against = [phrase for phrase in seen.near if _denied(seen.question, phrase) != negated(clauses(phrase)[1])]
    if len(against) < len(seen.near) or _about_the_case(seen):
        return passed
    asked = _denied(seen.question, against[0])
    which = "the question is negated, its nearest phrase is not" if asked else "the nearest phrase is negated"
    return Verdict(guard="negation", passed=False, reason=f"{which}: “{against[0]}”")


def opposites(seen: Compared) -> Verdict:
    """Fail if the question has the opposite of a phrase's word, and no phrase on the subject has it too."""
    asked = set(_from_my_side(seen.question))
    spoken = {word for phrase in seen.kin for word in _from_my_side(phrase)}
    either = _answered_alike(seen.question)
    for phrase in seen.near:
        if found := _reversal(asked, set(_from_my_side(phrase)), spoken, either):
            reason = f"says “{found[0]}” where the phrase says “{found[1]}”: “{phrase}”"
            return Verdict(guard="opposites", passed=False, reason=reason)
    return Verdict(guard="opposites", passed=True)


def opposed(one: str, other: str) -> bool:
    """Return whether two words are opposites, which the guard of that name judges."""
    return any((one in left and other in right) or (one in right and other in left) for left, right in OPPOSITES)


def negated(text: str) -> bool:
    """Return whether a text has an odd number of negations, side clauses and phrases like "no idea" apart."""
    plain = SIDE_CLAUSES.sub(" ", HEDGES.sub(" ", text))
    count = sum(word in NEGATIONS or word.endswith("n't") for word in words(plain if content(plain) else text))
    return count % 2 == 1


_UNHEARD = "wants something not to be, and no phrase of the intent does"


def _unheard_wish(seen: Compared) -> bool:
    return (
        negated(seen.question)
        and wants(clauses(seen.question)[1])
        and not any(negated(phrase) and wants(phrase) for phrase in seen.every)
    )


def _denied(question: str, phrase: str) -> bool:
    """Return whether the question denies the matter of a phrase: a negation in a mere premise does not."""
    premise, main = clauses(question)
    if premise and shared(premise, phrase) > shared(main, phrase):
        return negated(question)
    return negated(main)


def _about_the_case(seen: Compared) -> bool:
    """Return whether the negated side, question or phrases, asks what is the case."""
    if not _denied(seen.question, seen.near[0]):
        return asks_the_case(seen.question) and any(map(asks_the_case, seen.near))
    main = clauses(seen.question)[1]
    if all(map(_COUNTED.search, seen.near)):
        return False
    if order_or_question(main) and not asks_the_case(main):
        return any(order_or_question(phrase) and phrase in seen.questions for phrase in seen.near)
    asked = any(phrase in seen.questions or asks_the_case(phrase) for phrase in seen.near)
    return asks_the_case(main) or (asked and states_the_case(main))


def _done_away(seen: Compared) -> str | None:
    """Return what is wrong if the question wants to be rid of what phrases ask for."""
    withdrawn = _WITHDRAWN.search(seen.question)
    kept, off = withdrawn or _KEPT_AWAY.search(seen.question), _PUT_OFF.search(seen.question)
    found = kept or off
    if not found or any(_DONE_AWAY.search(phrase) or (negated(phrase) and not withdrawn) for phrase in seen.kin):
        return None
    if off and not kept and (off["mild"] or off["leise"]) and any(map(asks_the_case, seen.near)):
        return None  # who wants to avoid the crowds asks when they come
    return f"wants “{found[0]}”, which no phrase on the subject does"


def _answered_alike(question: str) -> frozenset[str]:
    """Return the words whose opposites have the same answer in this question."""
    main = clauses(question)[1]
    if not asks_the_case(main) and not states_the_case(main):
        return frozenset()
    return _RULES | _STATES if _STATED.search(question) or is_short(main) else _RULES


def _reversal(asked: set[str], phrase: set[str], spoken: set[str], either: frozenset[str]) -> tuple[str, str] | None:
    """Return the first pair (asked, said) of opposites of question and phrase that the intent lacks."""
    for left, right in OPPOSITES if asked & _OPPOSED and phrase & _OPPOSED else ():
        for mine, theirs in ((left, right), (right, left)):
            if asked & mine and phrase & theirs and not spoken & mine and not asked & theirs:
                if asked & mine <= either and phrase & theirs <= either:
                    continue
                return min(asked & mine), min(phrase & theirs)
    new = sorted(word for word in asked - spoken if not either or not word.endswith(("able", "ible")))
    return next(((word, other) for word in new for other in sorted(phrase - asked) if _prefixed(word, other)), None)


def _from_my_side(text: str) -> tuple[str, ...]:
    """Return the words from the visitor's side: "you sell" as "you buy"; "find out" loses its "out"."""
    mine = _ANSWERED.sub("i ask", _TAUGHT.sub("learn", _LENT.sub("borrow", text)))
    lent = _OBLIGED.sub("obliged", _I_AM.sub("i", _FOUND_OUT.sub(r"\1", _TAKEN_OFF.sub("takeoff", mine))))
    return words(_YOURS.sub(lambda found: "you buy" if found[1] == "sell" else "you sell", lent))


def _prefixed(one: str, other: str) -> bool:
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return len(shorter) > 3 and any(longer == prefix + shorter for prefix in REVERSING_PREFIXES)
