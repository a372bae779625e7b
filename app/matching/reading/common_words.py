"""Common words: those that are no typing slip, whatever the catalog knows, by language.

English comes from the lexicons of the local voice, which is installed anyway. A language without a list has none:
there, the reader mends less.
"""

import gzip
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from app.matching.word_lists import FUNCTION_WORDS, word_list

_LEXICONS = {"en": ("us_gold", "gb_gold")}
"""Files of hibari-tts, words and names; its version is pinned."""

_ENDINGS = {"en": ("s", "es", "ed", "ing", "er", "ers", "est", "ly", "ness", "'s")}

_LEAST_STEM = 3

_HISSES = re.compile(r"(?:s|x|z|ch|sh)$")
"""Ends of words that take `es`."""

_DOUBLES = re.compile(r"[^aeiou]*[aeiou][^aeiouwxy]$")
"""Words of one short syllable: their last letter is doubled (shop, shopping)."""

_DOUBLED = re.compile(r"[^aeiou][aeiou]([^aeiouwxy])\1$")
"""Ends of stems that look doubled by that rule."""

SMALL_WORDS = {
    "en": word_list(
        "what when where which whose about there their they them with from have does could would should please "
        "thanks today tomorrow your much many long this that these those other until after before during inside "
        "outside near every also know want need tell find make take give help show bring time like just only some "
        "here been were will must might going doing wants needs anything something someone anyone everything "
        "everyone"
    ),
    "de": word_list(
        "wann wohin woher welche welcher welches warum wieso gibt eine einen einem haben habe kann darf muss "
        "bitte danke heute morgen ihre euer eure mich mein meine oder auch noch schon über unter zwischen kommen "
        "komme finde finden brauche möchte"
    ),
}
"""Words of the language that any question may need."""


@cache
def common_words(language: str) -> frozenset[str]:
    """Return the common words of a language, normalised; none where no list is known."""
    listed = [_lexicon(name) for name in _LEXICONS.get(language, ())]
    return frozenset(word.casefold() for words in listed for word in words if word.isalpha())


@cache
def _plain_words(language: str) -> frozenset[str]:
    """Return those of them that are no names."""
    listed = [_lexicon(name) for name in _LEXICONS.get(language, ())]
    return frozenset(word for words in listed for word in words if word.isalpha() and word.islower())


def is_common(word: str, language: str) -> bool:
    """Return whether it is a common word, or one with a regular ending, which the lexicons leave out."""
    if word in common_words(language):
        return True
    known = _plain_words(language)
    stems = [(word.removesuffix(ending), ending) for ending in _ENDINGS.get(language, ()) if word.endswith(ending)]
    return any(len(stem) >= _LEAST_STEM and _takes(stem, ending, known) for stem, ending in stems)


def _takes(stem: str, ending: str, known: frozenset[str]) -> bool:
    """Return whether a known word has this ending by the rules of English spelling: `pleaes` and `doess` have none."""
    whole = stem in known and stem not in FUNCTION_WORDS
    match ending:
        case "'s":
            return stem in known
        case "s":
            return whole and not _HISSES.search(stem)
        case "es":
            return whole and bool(_HISSES.search(stem) or stem.endswith("o"))
        case "ly" | "ness":
            return whole and len(stem) > _LEAST_STEM
        case _:
            doubled = bool(_DOUBLED.search(stem)) and stem[:-1] in known
            plain = whole and not stem.endswith("e") and not _DOUBLES.match(stem)
            return doubled or plain or f"{stem}e" in known


@cache
def _lexicon(name: str) -> tuple[str, ...]:
    found = find_spec("hibari")  # not imported: the voice would load with it
    folders = (found.submodule_search_locations if found else None) or []
    path = Path(next(iter(folders), "hibari")) / "assets" / f"lexicon_{name}.json.gz"
    return tuple(json.loads(gzip.decompress(path.read_bytes())))
