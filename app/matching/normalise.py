"""Normalisation: one spelling for texts that look the same to a reader. The first stage of every decision."""

import re
import unicodedata

from app.text import KEPT, UNSEEN

MAX_CHARS = 2000
"""Length at which questions are cut: the protocol's limit for a visitor's text; no phrase comes near it."""

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "−": "-"})
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_INSIDE_NUMBERS = frozenset(".,:/-")


def normalise(text: str) -> str:
    """Return the text in NFKC, case-folded, without punctuation or pictures, words one space apart.

    Negation and digits stay: `n't` keeps its apostrophe, `10:30`, `2.5` and `5-7` their inner signs, `%` and
    currency signs are words of their own. Applying it again changes nothing.
    """
    result = _once(text[:MAX_CHARS])
    if result.isascii() and result.replace(" ", "").isalnum():
        return result  # what most questions come to, and the second look would find nothing
    while (again := _once(result)) != result:
        result = again
    return result


def words(text: str) -> tuple[str, ...]:
    """Return the words of a normalised text."""
    return tuple(text.split())


def _once(text: str) -> str:
    if text.isascii() and text.isprintable():
        folded = text.lower().translate(_APOSTROPHES)  # NFKC changes no ASCII
    else:
        plain = unicodedata.normalize("NFKC", text.translate(_BLANKED)).casefold()
        folded = unicodedata.normalize("NFKC", plain).translate(_APOSTROPHES)
    kept = _NO_LETTER.sub(lambda found: _kept(folded, found.start()), folded)
    return " ".join(kept.split())[:MAX_CHARS].rstrip()


_NO_LETTER = re.compile(r"[^\w ]|_")
"""What is neither a letter nor a figure, by `str.isalnum`; a blank stays one."""


_MOST_KEPT = 4096
"""Characters that are remembered: strangers' texts take no more memory."""


class _Blanked(dict[int, str]):
    """Reading of each character: any space as a blank, nothing of what is not seen."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        hidden = unicodedata.category(char) in _INVISIBLE or char in UNSEEN
        seen = " " if char.isspace() else "" if hidden else char
        if len(self) < _MOST_KEPT:
            self[point] = seen
        return seen


_BLANKED = _Blanked()


def _kept(text: str, at: int) -> str:
    char = text[at]
    if char == "%" or unicodedata.category(char) in KEPT:
        return char
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if char == "'" and before.isalnum() and after.isalnum():
        return char
    if char in _INSIDE_NUMBERS and before.isdecimal() and after.isdecimal():
        return char
    return " "
