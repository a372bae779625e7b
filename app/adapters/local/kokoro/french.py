"""French sounds: a dictionary's phonemes, with elision, liaison and stress put in by rule."""

import re
from collections.abc import Callable

Lookup = Callable[[str], str]
"""Phonemes of one lower-case word, without stress."""

_TOKEN = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)
_PARTS = re.compile(r"[-'’]")
_VOWEL = re.compile(r"[aeiouyɛɔøœəɑɐ]̃?")


_FRENCH = {
    "à": "a",
    "a": "a",
    "y": "i",
    "est": "ɛ",
    "et": "e",
    "peut": "pø",
    "ou": "u",
    "où": "u",
    "mes": "me",
    "tes": "te",
    "l": "l",
    "d": "d",
    "j": "ʒ",
    "n": "n",
    "s": "s",
    "m": "m",
    "t": "t",
    "c": "s",
    "qu": "k",
    "jusqu": "ʒysk",
    "lorsqu": "lɔʁsk",
    "puisqu": "pɥisk",
    "quelqu": "kɛlk",
    "aujourd": "oʒuʁd",
    "plus": "ply",
    "as": "a",
    "es": "ɛ",
}
"""Words and elided letters that the dictionary reads by the names of letters, or in another form."""
_FUNCTION_WORDS = """
le la les un une des de du au aux à a en y ne pas plus que qui ce cet cette ces se me te mon ma mes ton ta tes son sa
ses notre nos votre vos leur leurs dans par pour sur sous avec sans est sont et ou où mais si je tu il elle on nous vous
ils elles l d j n s m t c qu
"""
_UNSTRESSED = frozenset(_FUNCTION_WORDS.split())
_LIAISONS = {
    word: consonant
    for consonant, words in {
        "z": "les des ces ses mes tes nos vos leurs nous vous ils elles très aux sans",
        "n": "un on en mon ton son",
        "t": "est sont ont petit grand quand",
    }.items()
    for word in words.split()
}
_COUNTED = {"deux": "døz", "trois": "tʁwaz", "six": "siz", "dix": "diz", "neuf": "nœv"}
"""Numbers before a word that begins with a vowel."""
_ASPIRATED = ("hall", "haut", "huit", "hors", "héros", "onze")


def french(text: str, lookup: Lookup) -> str:
    """Return the symbols of a French text, with elided letters, the common liaisons, and stress on last syllables."""
    tokens = text.split()
    sounds = [_token(token, lambda word: _french_word(word, lookup)) for token in tokens]
    for at, token in enumerate(tokens[:-1]):
        word = token.lower()
        if not word[-1:].isalpha() or not _begins_with_a_vowel(tokens[at + 1], sounds[at + 1]):
            continue
        if word in _COUNTED:
            sounds[at] = _COUNTED[word]
        elif word in _LIAISONS:
            sounds[at] += _LIAISONS[word]
    return " ".join(sounds)


def _begins_with_a_vowel(token: str, symbols: str) -> bool:
    bare = token.lower().lstrip("«\"'(")
    return not bare.startswith(_ASPIRATED) and bool(_VOWEL.match(symbols.lstrip("ˈ«\"'(")))


def _french_word(word: str, lookup: Lookup) -> str:
    symbols = _FRENCH.get(word) or lookup(word)
    if word in _UNSTRESSED:
        return symbols
    vowels = [found.start() for found in _VOWEL.finditer(symbols) if found[0] != "ə"]
    return _stressed(symbols, vowels[-1]) if vowels else symbols


def _stressed(symbols: str, at: int) -> str:
    return f"{symbols[:at]}ˈ{symbols[at:]}"


def _token(token: str, sound: Callable[[str], str]) -> str:
    """Return the symbols of what stands between two spaces; they hold no space, so that it keeps its own time."""
    found = _TOKEN.match(token)
    before, word, after = found.groups() if found else ("", token, "")
    *elided, last = [sound(part) for part in _PARTS.split(word.lower()) if part] or [""]
    return before + "".join(elided).replace("ˈ", "") + last + after
