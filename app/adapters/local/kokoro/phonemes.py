"""Phonemes of a text, in the symbols of Kokoro's vocabulary, without espeak."""

import logging
import re
from collections.abc import Callable, Collection
from functools import lru_cache

from app.errors import SettingsError

_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+")
_EXTRA = "pip install 'greenroom[voices]'"

Phonemizer = Callable[[str], str]


@lru_cache(maxsize=4)
def phonemizer(language: str) -> Phonemizer:
    """Return the phonemizer of a language.

    Raises:
        SettingsError: its package is not installed, or there is none for the language.
    """
    if language != "es":
        raise SettingsError(f"Expected a language that can be turned into phonemes here (es), got {language!r}.")
    # The package tells at import, with a traceback, of each language whose own packages are missing.
    noise = logging.getLogger("piper_plus_g2p")
    level = noise.level
    noise.setLevel(logging.CRITICAL)
    try:
        from piper_plus_g2p.spanish import SpanishPhonemizer  # noqa: PLC0415 - an optional part
    except ImportError as error:
        raise SettingsError(
            f"Cannot speak Spanish: the package `piper-plus-g2p` is missing. Run `{_EXTRA}`."
        ) from error
    finally:
        noise.setLevel(level)
    spanish = SpanishPhonemizer()
    return lambda text: "".join(spanish.phonemize(text))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, with their closing signs."""
    return [part for part in _SENTENCE_ENDS.split(text.strip()) if part]


def known_symbols(symbols: str, vocabulary: Collection[str]) -> str:
    """Return what the voice can read; opening question marks and the like are left out."""
    return "".join(symbol for symbol in symbols if symbol in vocabulary)


def pieces(symbols: str, most: int) -> list[str]:
    """Cut a sentence that is too long for the voice at a comma or a space, the last that fits."""
    left, found = symbols, []
    while len(left) > most:
        cut = max(left.rfind(", ", 0, most) + 1, 0) or left.rfind(" ", 0, most)
        cut = cut if cut > 0 else most
        found.append(left[:cut].strip())
        left = left[cut:].strip()
    return [*found, left] if left else found
