"""Phrases as they are compared: the same words in another dress are the same phrase."""

import re
import unicodedata

_WORD = re.compile(r"\w+(?:['.,:/-]\w+)*")
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'"})


def folded(text: str) -> str:
    """The phrase in one case, spacing and width, without punctuation around words; every word and digit stays."""
    plain = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).casefold()
    return " ".join(_WORD.findall(plain)) or " ".join(plain.split())


CHARACTERS_PER_S = 15.0
"""Spoken English at speed 1, pauses between sentences included; a first estimate for the local voice."""


FILLED = 0.85
"""Pieces of an answer are filled up to this share of what a renderer takes: how long words last is only estimated."""


def estimate_seconds(text: str, speed: float = 1.0) -> float:
    """Seconds of speech for a text at this speed of the voice; 0 for a blank text."""
    return len(" ".join(text.split())) / (CHARACTERS_PER_S * speed)


def speakable(text: str) -> bool:
    """Whether there is anything in it that can be said: a letter or a digit of whatever script."""
    return any(character.isalnum() for character in text)


_SENTENCE = re.compile(r".+?(?:[.!?…。！？]+[\"'”’)]*(?=\s|$)|$)")


def sentences(text: str) -> tuple[str, ...]:
    """The text cut at sentence ends."""
    return tuple(found.strip() for found in _SENTENCE.findall(" ".join(text.split())) if found.strip())


_SPACE = re.compile(r"\s+")
_ENDS = " \t\r\n.,;:!?¡¿…\"'“”‘’«»()[]-–—"

MISSED = ("missed", "generated", "failed")
"""Outcomes of a turn that no intent answered, where it also names no intent."""


def question_key(question: str) -> str:
    """The question in one case and form, white space as one space, punctuation at its ends left off."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return _SPACE.sub(" ", folded).strip(_ENDS) or question.strip()
