"""Identity of a question: equal words in one locale are one question, whoever asked them."""

from app.digest import digest_bytes
from app.learning.questions.masking import mask
from app.text import fold

ID_CHARS = 16
"""Hexadecimal digits of an id: among a million questions two share one with a chance of one in 36 million."""


def question_id(locale: str, text: str) -> str:
    """Return the id of a question: a digest of its masked, folded words, so that nobody's name is in it."""
    return digest_bytes(f"{locale}\n{fold(mask(text))}".encode())[:ID_CHARS]
