"""Phonemes of a text, in the symbols of Kokoro's vocabulary, without espeak."""

import logging
import re
from collections.abc import Callable, Collection
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path

from app.adapters.local.kokoro.french import french
from app.adapters.local.kokoro.italian import italian
from app.adapters.local.kokoro.packs import PACKS, checked_bytes, lexicon_of
from app.errors import SettingsError

_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+")
_EXTRA = "pip install 'greenroom[voices]'"

_PACKAGES = {"es": "piper_plus_g2p", "fr": "g2p2"}

Phonemizer = Callable[[str], str]


def phonemizer(language: str, folder: Path = Path()) -> Phonemizer:
    """Return the phonemizer of a language; `folder` holds the pronunciations of those that need them.

    Raises:
        SettingsError: its package is not installed, the pronunciations are missing or others, or there is none for
            the language.
    """
    match language:
        case "es":
            return _spanish()
        case "it":
            return italian
        case "fr":
            return partial(french, lookup=_lexicon(folder, language))
    raise SettingsError(f"Expected a language out of {', '.join(PACKS)} to turn into phonemes, got {language!r}.")


def is_installed(language: str) -> bool:
    """Return whether the packages of a language's phonemizer are installed."""
    name = _PACKAGES.get(language)
    return name is None or find_spec(name) is not None


def check_installed(language: str) -> None:
    """Check that the packages of a language's phonemizer are installed.

    Raises:
        SettingsError: one is missing.
    """
    if not is_installed(language):
        shown = _PACKAGES[language].replace("_", "-")
        raise SettingsError(f"Cannot speak {PACKS[language].name}: `{shown}` is not installed. Run `{_EXTRA}`.")


@lru_cache(maxsize=1)
def _spanish() -> Phonemizer:
    check_installed("es")
    # The package tells at import, with a traceback, of each language whose own packages are missing.
    noise = logging.getLogger("piper_plus_g2p")
    level = noise.level
    noise.setLevel(logging.CRITICAL)
    try:
        from piper_plus_g2p.spanish import SpanishPhonemizer  # noqa: PLC0415 - an optional part
    finally:
        noise.setLevel(level)
    spanish = SpanishPhonemizer()
    return lambda text: "".join(spanish.phonemize(text))


@lru_cache(maxsize=4)
def _lexicon(folder: Path, language: str) -> Callable[[str], str]:
    check_installed(language)
    from g2p2 import Model  # noqa: PLC0415 - an optional part

    content = checked_bytes(lexicon_of(folder, language), PACKS[language].lexicon_sha256, language)
    return lru_cache(maxsize=4096)(Model.from_bytes(content).phonemize)


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
