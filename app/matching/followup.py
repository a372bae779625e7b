"""Questions that lean on the one before: they mean nothing by their bare words."""

from app.matching.language import ANAPHORS, FUNCTION_WORDS, LEANING_STARTS
from app.matching.normalise import words

_LONGEST_FRAGMENT = 6
"""Words: a longer question that begins with "and" says enough by itself."""


def leans_back(question: str) -> bool:
    """Whether a normalised question needs the previous one: "and on sundays", "how much is it", "why"."""
    spoken = words(question)
    if LEANING_STARTS.match(question):
        return len(spoken) <= _LONGEST_FRAGMENT
    content = [word for word in spoken if word not in FUNCTION_WORDS]
    return not content and (len(spoken) < 3 or bool(ANAPHORS.intersection(spoken)))
