"""How long words take to say, before anybody has said them."""

import re

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
