"""Phrases as they are compared: the same words in another dress are the same phrase."""

import re
import unicodedata

UNSEEN = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)
"""Letters and marks that are never seen: fillers, and selectors such as the one that makes a picture of a heart."""

KEPT = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc", "Sc"})
"""The categories of Unicode that make words: letters, digits, the marks on them, currency signs."""

_WORD = re.compile(r"\w+(?:['.,:/-]\w+)*")
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'"})


def folded(text: str) -> str:
    """The phrase in one case, spacing and width, without punctuation around words; every word and digit stays."""
    plain = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).casefold()
    return " ".join(_WORD.findall(plain)) or " ".join(plain.split())


def wordless(text: str) -> bool:
    """Whether nothing is left of it for matching to read: a picture, punctuation, blanks that are not seen."""
    plain = unicodedata.normalize("NFKC", "".join(char for char in text if char not in UNSEEN)).translate(_APOSTROPHES)
    return not any(char == "%" or unicodedata.category(char) in KEPT for char in plain)


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
