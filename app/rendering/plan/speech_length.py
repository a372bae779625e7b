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
_WEIGHTS: Final = """
    a:0.0229 ai:0.0233 ar:-0.0258 au:0.0556 aw:0.1684 ay:-0.0296 b:0.0546 c:0.0674 ch:-0.0421 ck:-0.0264
    colon:0.1473 comma:0.1679 d:0.0640 double:-0.0286 e:0.0004 e_:0.0255 ea:0.0113 ed_:-0.0310 ee:0.0269
    ei:-0.0731 er:-0.0354 es_:0.0428 f:0.0465 g:0.0626 h:0.0585 hyphen:0.0627 i:0.0212 ie:0.0319 igh:-0.0676
    ir:0.0071 j:0.2018 k:0.0316 l:0.0599 m:0.0435 n:0.0561 ng:-0.0327 o:0.0321 oa:-0.0084 oi:0.0446 oo:-0.0892
    or:-0.0291 ou:-0.0409 ough:-0.0832 ow:-0.0205 p:0.0522 ph:-0.0448 q:0.4437 qu:-0.3909 question:-0.0877
    r:0.0771 s:0.0751 sh:-0.0776 short:-0.0381 stop:0.4205 syllable:0.0653 t:0.0404 text:0.1247 th:-0.0548
    tion:0.0509 u:0.0129 ur:-0.0570 v:0.0458 w:0.0206 wh:-0.1165 word:0.0611 x:0.1851 y:0.0485 z:0.2171
"""
"""Seconds of each trait in English, fitted to the local voice by `python -m tests.compare.speech_length`."""


def speech_seconds(text: str, locale: str) -> float:
    """Return how long a voice of the usual rate speaks a text, pauses included; 0 for a blank text.

    English is counted by traits of its spelling, other languages by their characters.
    """
    plain = " ".join(without_phonemes(text).split())
    if not plain:
        return 0.0
    if language_of(locale) != "en":
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
