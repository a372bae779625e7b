"""Questions that lean on the one before: they mean nothing by their bare words."""

import re

from app.matching.compared import Compared, content
from app.matching.decision import Verdict
from app.matching.language import ANAPHORS, FUNCTION_WORDS, LEANING_STARTS
from app.matching.normalise import words

_LONGEST_FRAGMENT = 6
"""Words: a longer question that begins with "and" says enough by itself."""


_FEW = 2
"""Words that say what it is about: with more, a question that says "it" stands on its own feet."""

_POINTING = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could|will|would|has|have|should|must)(?:n't)? (?:it|they|he|she)\b"
    r"|\b(?:is|are|was|were|does|do|did) (?:this|that|these|those)$|^(?:it|they|he|she|it's|they're)\b"
    r"|\b(?:ist|sind|war|waren|kostet|dauert|geht|gibt|kann|wird|hat) (?:es|er)\b"
    r"|\b(?:ist|sind|kostet|dauert|geht) das$"
)
_SAYS_WHAT = re.compile(r"\b(?:it|es)\b.*\b(?:to|that|if|when|for|zu|dass|wenn)\b")
""""Is it free to enter": the sentence itself says what "it" is."""


def follow_up(seen: Compared) -> Verdict:
    """Fails when the question is about an "it" that only an earlier one could name, and no phrase speaks like that."""
    if not points_back(seen.question) or any(map(_pointing, (*seen.near, *seen.kin))):
        return Verdict(guard="follow-up", passed=True)
    reason = "is about something that only an earlier question could name, and no phrase of the intent speaks like that"
    return Verdict(guard="follow-up", passed=False, reason=reason)


def points_back(question: str) -> bool:
    """Whether the subject of a short question is a pronoun that nothing in it explains: "does it cost much"."""
    found = _POINTING.search(question)
    if found is None or not _pointing(question):
        return False
    named = [word for word in words(question[: found.start()]) if word not in FUNCTION_WORDS]
    return not named and len(content(question)) <= _FEW


def _pointing(text: str) -> bool:
    return bool(_POINTING.search(text)) and not _SAYS_WHAT.search(text)


def leans_back(question: str) -> bool:
    """Whether a normalised question needs the previous one: "and on sundays", "how much is it", "why"."""
    spoken = words(question)
    if LEANING_STARTS.match(question):
        return len(spoken) <= _LONGEST_FRAGMENT
    content = [word for word in spoken if word not in FUNCTION_WORDS]
    return not content and (len(spoken) < 3 or bool(ANAPHORS.intersection(spoken)))
