"""How long words take to say, before anybody has said them."""

CHARACTERS_PER_S = 15.0
"""Spoken English at speed 1, pauses between sentences included; a first estimate for the local voice."""


def estimate_seconds(text: str, speed: float = 1.0) -> float:
    """Seconds of speech for a text at this speed of the voice; 0 for a blank text."""
    return len(" ".join(text.split())) / (CHARACTERS_PER_S * speed)
