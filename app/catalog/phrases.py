"""Phrases as they are compared: the same words in another dress are the same phrase."""

import re
import unicodedata

_WORD = re.compile(r"\w+(?:['.,:/-]\w+)*")
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'"})


def folded(text: str) -> str:
    """The phrase in one case, spacing and width, without punctuation around words; every word and digit stays."""
    plain = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).casefold()
    return " ".join(_WORD.findall(plain)) or " ".join(plain.split())
