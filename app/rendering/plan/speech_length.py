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

_HALF_OF_THE_DAY: Final = re.compile(r"\b[ap]\.m\.", re.IGNORECASE)
_INITIAL: Final = re.compile(r"\b(?:[A-Z]|Dr|Mr|Mrs|Ms|St)\. ")
"""Full stops that end no sentence."""

_WEIGHTS: Final = """
    a:0.0498 ai:-0.0257 ar:-0.0336 au:-0.0519 aw:0.0396 ay:-0.0201 b:0.0456 brief:0.0432 c:0.0572 ch:-0.0525
    ck:-0.0292 colon:0.1685 comma:0.1704 d:0.0443 double:-0.0560 e:0.0322 e_:-0.0212 ea:-0.0569 ed_:-0.0152
    ee:-0.0346 ei:-0.0766 er:-0.0337 es_:0.0071 f:0.0432 figure_dollars:-0.1202 figure_eight:0.0167
    figure_eighteen:0.1292 figure_eighty:-0.0496 figure_eleven:0.0215 figure_euros:0.0963
    figure_fifteen:0.0289 figure_fifty:-0.0659 figure_first:-0.0224 figure_five:0.0540 figure_forty:-0.0351
    figure_four:0.0361 figure_fourteen:0.0968 figure_half:-0.1182 figure_hours:0.0400 figure_hundred:-0.1321
    figure_minutes:-0.1723 figure_nine:0.0428 figure_nineteen:0.0087 figure_ninety:-0.0759
    figure_o'clock:0.0849 figure_one:0.0961 figure_percent:-0.0824 figure_point:0.0732 figure_pounds:0.0317
    figure_quarter:-0.0220 figure_second:-0.1190 figure_seven:0.0254 figure_seventeen:0.0137
    figure_seventy:-0.1132 figure_six:-0.0506 figure_sixteen:0.0306 figure_sixty:-0.0822 figure_ten:0.0267
    figure_third:-0.0486 figure_thirteen:0.0200 figure_thirty:-0.1101 figure_thousand:-0.0945
    figure_three:0.0516 figure_twelve:0.0303 figure_twenty:-0.0491 figure_two:0.0052 figure_zero:-0.0169
    g:0.0400 h:0.0431 half_of_the_day:0.2909 hyphen:0.0358 i:0.0383 ie:-0.0104 igh:-0.0317 ir:0.0088 j:0.1650
    k:0.0216 l:0.0457 light:-0.0520 m:0.0417 n:0.0444 ng:-0.0383 o:0.0378 oa:-0.0235 oi:0.0252 oo:-0.0266
    or:-0.0212 ou:-0.0462 ough:-0.0495 ow:-0.0327 oy:-0.0211 p:0.0488 ph:-0.0015 q:0.0727 qu:-0.0629
    question:0.0099 r:0.0649 s:0.0654 sh:-0.0760 short:-0.0681 spelled:0.0203 stop:0.7759 syllable:0.0399
    t:0.0312 text:0.1492 th:-0.0152 tion:-0.0092 u:0.0463 ur:-0.0555 v:0.0320 w:0.0322 wh:-0.0669 word:0.0903
    x:0.1256 y:0.0468 z:0.0599
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
    letters = " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split()) + " "
    found.update(group.replace(" ", "_") for group in _GROUPS.findall(letters))
    found.update(letter for letter in letters if letter.isalpha())
    words = letters.split()
    found["word"] += len(words)
    found["spelled"] += sum(len(word) == 1 and word not in ("a", "i") for word in words)
    found.update(f"figure_{word}" for word in words if word in _FIGURES)
    found["short"] += len(_SHORT.findall(letters))
    found["light"] += len(_LIGHT.findall(letters))
    found["syllable"] += sum(_syllables(word) for word in words)
    found["double"] += len(re.findall(r"([b-df-hj-np-tv-z])\1", letters))
    found["brief"] += max(0, 6 - found["syllable"])
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
