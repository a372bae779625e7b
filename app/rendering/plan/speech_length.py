"""Length of speech in seconds before it is spoken, from the letters, words and pauses of a text."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
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
_LIGHT: Final = re.compile(
    r"\b(?:i|me|my|your|our|us|he|him|his|she|her|they|them|their|its|have|has|had|may|do|does|did|was|were|been|but"
    r"|not|if|so|there|what|which|who|when|would|will|could|or|any|some|than|then|just|let|one)\b"
)
_WORDS_OF_FIGURES: Final = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand first second third half
    quarter point percent euros dollars pounds o'clock minutes hours
"""
_FIGURES: Final = frozenset(_WORDS_OF_FIGURES.split())
"""Each of them is a trait of its own, since answers with figures have little else."""

_UNITS: Final = frozenset(("euros", "dollars", "pounds", "o'clock", "minutes", "hours"))
_NUMBERS: Final = _FIGURES - {*_UNITS, "first", "second", "third", "half", "quarter", "point", "percent"}
_SHORT_NUMBER: Final = 5
"""Letters of a number that is one digit or nearly: a row of them is a telephone number."""
_CAPITALS: Final = re.compile(r"\b[A-Z]{2,5}\b")
"""Abbreviations that are said letter by letter."""

_HALF_OF_THE_DAY: Final = re.compile(r"\b[ap]\.m\.", re.IGNORECASE)
_INITIAL: Final = re.compile(r"\b(?:[A-Z]|Dr|Mr|Mrs|Ms|St)\. ")
"""Full stops that end no sentence."""

_VOWELS: Final = re.compile(r"[aeiouy]+")
_OTHER: Final = re.compile(r"[^a-z' ]")
_DOUBLE: Final = re.compile(r"([b-df-hj-np-tv-z])\1")
_COLONS: Final = re.compile(r"[;:–—()]")
_STOPS: Final = re.compile(r"[.!?]+ ")

_WEIGHTS: Final = """
    a:0.0446 ai:-0.0255 ar:-0.0410 au:-0.0537 aw:0.0056 ay:0.0020 b:0.0379 brief:0.0450 c:0.0599
    capital:0.0949 ch:-0.0395 ck:-0.0277 colon:0.1699 comma:0.1462 d:0.0426 dot:0.0848 double:-0.0586
    e:0.0326 e_:-0.0181 ea:-0.0585 ed_:-0.0177 ee:-0.0299 ei:-0.0468 er:-0.0379 es_:-0.0065 f:0.0303
    figure_dollars:-0.1963 figure_eight:0.0589 figure_eighteen:0.1046 figure_eighty:-0.0191
    figure_eleven:0.0291 figure_euros:0.0274 figure_fifteen:0.1283 figure_fifty:0.0018 figure_first:-0.0596
    figure_five:0.1062 figure_forty:-0.0048 figure_four:0.0669 figure_fourteen:0.1652 figure_half:0.0176
    figure_hours:0.0169 figure_hundred:-0.1401 figure_minutes:-0.1568 figure_nine:0.0601
    figure_nineteen:0.0173 figure_ninety:-0.0831 figure_o'clock:-0.0235 figure_one:0.0913
    figure_percent:-0.0963 figure_point:0.0214 figure_pounds:-0.0280 figure_quarter:-0.1591
    figure_second:-0.1677 figure_seven:0.0452 figure_seventeen:0.0713 figure_seventy:-0.1234
    figure_six:-0.0381 figure_sixteen:-0.0119 figure_sixty:-0.0664 figure_ten:0.0366 figure_third:0.0545
    figure_thirteen:0.0604 figure_thirty:-0.0807 figure_thousand:-0.0204 figure_three:0.0525
    figure_twelve:0.0917 figure_twenty:-0.0183 figure_two:0.0406 figure_zero:0.0517 g:0.0465 h:0.0469
    half_of_the_day:0.2780 hyphen:-0.0019 i:0.0337 ie:0.0106 igh:-0.0662 ir:0.0182 j:0.1554 k:0.0283 l:0.0406
    letter_w:0.2746 light:-0.0495 m:0.0401 n:0.0442 ng:-0.0452 o:0.0394 oa:-0.1617 oi:0.0177 oo:-0.0319
    or:-0.0285 ou:-0.0237 ough:-0.0962 ow:-0.0135 oy:-0.0161 p:0.0355 ph:-0.0152 q:0.1195 qu:-0.1074
    question:-0.0079 r:0.0662 row:-0.0328 s:0.0701 sh:-0.0667 short:-0.0627 span:0.0064 spelled:0.0034
    stop:0.7462 syllable:0.0465 t:0.0288 text:0.1458 th:-0.0247 tion:-0.0156 u:0.0320 ur:-0.0482 v:0.0292
    w:0.0129 wh:-0.0514 word:0.0883 x:0.1285 y:0.0412 z:0.0620
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
    found["half_of_the_day"] = len(_HALF_OF_THE_DAY.findall(text))
    text = _INITIAL.sub(lambda initial: initial.group().replace(".", ""), _HALF_OF_THE_DAY.sub("", text))
    letters = " ".join(_OTHER.sub(" ", text.lower()).split()) + " "
    found.update(group.replace(" ", "_") for group in _GROUPS.findall(letters))
    found.update(filter(str.isalpha, letters))
    found["short"] += len(_SHORT.findall(letters))
    found["light"] += len(_LIGHT.findall(letters))
    found["double"] += len(_DOUBLE.findall(letters))
    _count_words(letters.split(), found)
    found["brief"] += max(0, 6 - found["syllable"])
    inner = text.rstrip(".!?")
    found["comma"] += inner.count(",")
    found["colon"] += len(_COLONS.findall(inner))
    found["stop"] += len(_STOPS.findall(inner))
    found["question"] += text.count("?")
    found["hyphen"] += inner.count("-")
    found["capital"] += sum(map(len, _CAPITALS.findall(text)))
    return found


def _count_words(words: Sequence[str], found: Counter[str]) -> None:
    """Add syllables, figures, what is spelled, and rows and spans of numbers ("nine to five": no short "to")."""
    found["word"] += len(words)
    found["syllable"] += sum(_syllables(word) for word in words)
    found.update(f"figure_{word}" for word in words if word in _FIGURES)
    found["spelled"] += sum(len(word) == 1 and word not in ("a", "i") for word in words)
    found["letter_w"] += words.count("w")
    found["dot"] += words.count("dot")
    numbers = [word if word in _NUMBERS else "" for word in words]
    spans = zip(numbers, words[1:], numbers[2:], strict=False)
    found["span"] += sum(bool(one and word == "to" and other) for one, word, other in spans)
    rows = itertools.pairwise(numbers)
    found["row"] += sum(0 < len(one) <= _SHORT_NUMBER and bool(other) for one, other in rows)


def _syllables(word: str) -> int:
    silent = word.endswith("e") and not word.endswith("le")
    return max(1, len(_VOWELS.findall(word)) - silent)


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    pairs = (pair.split(":") for pair in _WEIGHTS.split())
    return {trait: float(seconds) for trait, seconds in pairs}
