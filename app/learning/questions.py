"""When two questions count as the same one."""

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_ENDS = " \t\r\n.,;:!?¡¿…\"'“”‘’«»()[]-–—"

MISSED = ("missed", "generated", "failed")
"""Outcomes of a turn that no intent answered, where it also names no intent."""


def question_key(question: str) -> str:
    """The question in one case and form, white space as one space, punctuation at its ends left off."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return _SPACE.sub(" ", folded).strip(_ENDS) or question.strip()
