"""Guards on the subject: another action, and questions that only an earlier question explains.

"How do I loosen the chain" is not "how do I tighten it", and no list has all such verbs. So a question that
differs from a phrase in its verb alone is another question, unless a phrase of the intent has that verb too.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from app.matching.decision import Verdict
from app.matching.guards.compare import Compared, content, stem
from app.matching.guards.polarity import opposed
from app.matching.normalise import normalise, words
from app.matching.reading.gloss import in_english
from app.matching.word_classes import MEMBERS
from app.matching.word_lists import ANAPHORS, COURTESIES, FUNCTION_WORDS, LEANING_STARTS, word_list

_BEFORE_A_VERB = word_list("i we you to please can ich wir sie zu")

LIGHT_WORDS = word_list(
    "get find need show tell give see use make go take know put set try help ask look check say said come keep let "
    "mean going gets getting yes hi hello hey actually well so sorry excuse now today currently also again maybe "
    "just got where's how's who's when's machen mache macht geht gehen komme kommen bekomme bekommen finde finden "
    "hallo anything something etwas zeigen zeig sagen sag geben gib brauche brauchen later soon"
)
"""Verbs that stand for many others, and words that only begin a sentence."""

_MEAN_LITTLE = FUNCTION_WORDS.union(MEMBERS, LIGHT_WORDS)
"""These, and words that other guards check."""

_VERB_ENDINGS = ("en", "ern", "eln")
_LEAST_LONG = 5


def action(seen: Compared) -> Verdict:
    """Fail if only the verb differs from a phrase, and no phrase of the intent has that verb."""
    asked = _bare(seen.question)
    spoken = {stem(word) for phrase in seen.every for word in words(phrase)}
    for phrase in seen.near:
        found = _replaced_verb(asked, _bare(phrase))
        if found and stem(found[0]) not in spoken and not opposed(*found):
            reason = f"wants to “{found[0]}” where the phrase says “{found[1]}”: “{phrase}”"
            return Verdict(guard="action", passed=False, reason=reason)
    return Verdict(guard="action", passed=True)


def _bare(text: str) -> list[str]:
    return [word for word in words(text) if word not in COURTESIES]


def _replaced_verb(asked: Sequence[str], said: Sequence[str]) -> tuple[str, str] | None:
    """Return the only words in which the two differ, if they stand in a verb's place and mean something."""
    if len(asked) != len(said) or len(asked) < 2:
        return None
    places = [at for at, (mine, theirs) in enumerate(zip(asked, said, strict=True)) if mine != theirs]
    if len(places) != 1:
        return None
    at, (mine, theirs) = places[0], (asked[places[0]], said[places[0]])
    if {mine, theirs} & _MEAN_LITTLE or stem(mine) == stem(theirs):
        return None
    leads = at == 0 or asked[at - 1] in _BEFORE_A_VERB
    closes = at == len(asked) - 1 and all(_is_infinitive(word) for word in (mine, theirs))
    return (mine, theirs) if leads or closes else None


def _is_infinitive(word: str) -> bool:
    return len(word) >= _LEAST_LONG and word.endswith(_VERB_ENDINGS)


_LONGEST_FRAGMENT = 6
"""Most words of a question that begins with "and" and needs the previous one."""


_FEW = 2
"""Most content words of a question with "it" that needs the previous one."""

_POINTING = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could|will|would|has|have|should|must)(?:n't)? (?:it|they|he|she)\b"
    r"|\b(?:is|are|was|were|does|do|did) (?:this|that|these|those)$|^(?:it|they|he|she|it's|they're)\b"
    r"|\b(?:ist|sind|war|waren|kostet|dauert|geht|kann|wird|hat) (?:es|er)\b"
    r"|\b(?:ist|sind|kostet|dauert|geht) das$"
)
_SAYS_WHAT = re.compile(r"\b(?:it|es)\b.*\b(?:to|that|if|when|for|zu|dass|wenn|\w+zu\w+en)\b")
""""Is it free to enter": the sentence itself says what "it" is."""


def follow_up(seen: Compared) -> Verdict:
    """Fail if only an earlier question can explain the "it" of this one, and no phrase has such an "it"."""
    if not points_back(seen.question) or any(map(_pointing, (*seen.near, *seen.kin))):
        return Verdict(guard="follow-up", passed=True)
    reason = "is about something that only an earlier question could name, and no phrase of the intent speaks like that"
    return Verdict(guard="follow-up", passed=False, reason=reason)


def points_back(question: str) -> bool:
    """Return whether the subject of a short question is an unexplained pronoun: "does it cost much"."""
    found = _POINTING.search(question)
    if found is None or not _pointing(question):
        return False
    named = [word for word in words(question[: found.start()]) if word not in FUNCTION_WORDS]
    return not named and len(content(question)) <= _FEW


def _pointing(text: str) -> bool:
    return bool(_POINTING.search(text)) and not _SAYS_WHAT.search(text)


def leans_back(question: str) -> bool:
    """Return whether a normalised question needs the previous one: "and on sundays", "how much is it"."""
    spoken = words(question)
    if LEANING_STARTS.match(question):
        return len(spoken) <= _LONGEST_FRAGMENT
    content = [word for word in spoken if word not in FUNCTION_WORDS]
    return not content and (len(spoken) < 3 or bool(ANAPHORS.intersection(spoken)))


def leans_on_another(question: str, locale: str) -> bool:
    """Return whether a question as it was typed needs the previous one."""
    return leans_back(in_english(normalise(question), locale))


def within_pack(question: str, own: frozenset[str]) -> Verdict:
    """Fail if a question to a starter pack's intent has a word of weight that is none of the pack's `own`.

    Its phrases are made of words that any question may have ("who made you", "are you real"), and no author has seen
    them beside those of the site: small talk answers small talk alone.
    """
    known = _stems(own)
    heavy = (word for word in words(question) if word not in FUNCTION_WORDS and word not in LIGHT_WORDS)
    strange = next((word for word in heavy if stem(word) not in known), None)
    if strange is None:
        return Verdict(guard="starter pack", passed=True)
    return Verdict(
        guard="starter pack", passed=False, reason=f"speaks of “{strange}”, which no phrase of the pack does"
    )


@lru_cache(maxsize=64)
def _stems(own: frozenset[str]) -> frozenset[str]:
    return frozenset(map(stem, own))
