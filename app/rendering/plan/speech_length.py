"""Length of speech in seconds before it is spoken, from the letters, words and pauses of a text."""

import re
from collections import Counter
from functools import lru_cache
from typing import Final

from app.catalog.spoken.figures import language_of
from app.catalog.spoken.form import without_phonemes
from app.text import CHARACTERS_PER_S

_GROUPS: Final = re.compile(
    r"(?=(tion|ough|igh|th|sh|ch|ph|ck|ng|qu|wh|ea|ee|oo|ou|ow|ai|ay|oa|ie|ei|au|aw|oi|oy|er|ar|or|ir|ur|ed |es |e ))"
)
"""Letters that sound otherwise together; they may overlap."""

_SHORT: Final = re.compile(
    r"\b(?:the|a|an|of|to|and|in|is|it|at|on|for|we|you|are|or|as|be|by|with|that|this|from|can)\b"
)
_WEIGHTS: Final = ""
"""Seconds of each trait in English, fitted to the local voice by `python -m tests.compare.speech_length`."""


def speech_seconds(text: str, locale: str) -> float:
    """Return how long a voice of the usual rate speaks a text, pauses included; 0 for a blank text.

    English is counted by traits of its spelling, other languages by their characters.
    """
    plain = " ".join(without_phonemes(text).split())
    if not plain:
        return 0.0
    if language_of(locale) != "en" or not _weights():
        return len(plain) / CHARACTERS_PER_S
    weights = _weights()
    return max(0.2, sum(weights.get(trait, 0.0) * count for trait, count in traits(plain).items()))


def traits(text: str) -> Counter[str]:
    """Count what makes an English text long: letters and groups of them, syllables, words, pauses."""
    found: Counter[str] = Counter({"text": 1})
    letters = " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split()) + " "
    found.update(group.replace(" ", "_") for group in _GROUPS.findall(letters))
    found.update(letter for letter in letters if letter.isalpha())
    words = letters.split()
    found["word"] += len(words)
    found["short"] += len(_SHORT.findall(letters))
    found["syllable"] += sum(_syllables(word) for word in words)
    found["double"] += len(re.findall(r"([b-df-hj-np-tv-z])\1", letters))
    inner = text.rstrip(".!?")
    found["comma"] += inner.count(",")
    found["colon"] += len(re.findall(r"[;:–—()]", inner))
    found["stop"] += len(re.findall(r"[.!?]+ ", inner))
    found["question"] += text.count("?")
    found["hyphen"] += inner.count("-")
    return found


def _syllables(word: str) -> int:
    silent = word.endswith("e") and not word.endswith("le")
    return max(1, len(re.findall(r"[aeiouy]+", word)) - silent)


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    pairs = (pair.split(":") for pair in _WEIGHTS.split())
    return {trait: float(seconds) for trait, seconds in pairs}
