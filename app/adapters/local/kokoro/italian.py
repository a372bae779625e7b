"""Italian spelling to sounds, by rule: it is regular but for stress, which is marked only where it is sure."""

import re
from collections.abc import Callable

_SOFT = "eièéìí"
_VOWELS = "aeiouàèéìíòóùú"
_ACCENTED = {"à": "a", "è": "ɛ", "é": "e", "ì": "i", "í": "i", "ò": "ɔ", "ó": "o", "ù": "u", "ú": "u"}

Sound = str | Callable[[re.Match[str]], str]

_RULES: tuple[tuple[re.Pattern[str], Sound], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (rf"gli(?=[{_VOWELS}])", "ʎ"),
        (r"^gli$", "ʎi"),
        (r"gli$", "ʎi"),
        (r"gn", "ɲ"),
        (rf"sci(?=[{_VOWELS}])", "ʃ"),
        (rf"sc(?=[{_SOFT}])", "ʃ"),
        (r"(c?)ci(?=[aouàòóùú])", lambda found: "ʧː" if found[1] else "ʧ"),
        (rf"(c?)c(?=[{_SOFT}])", lambda found: "ʧː" if found[1] else "ʧ"),
        (r"(g?)gi(?=[aouàòóùú])", lambda found: "ʤː" if found[1] else "ʤ"),
        (rf"(g?)g(?=[{_SOFT}])", lambda found: "ʤː" if found[1] else "ʤ"),
        (r"(c?)ch", lambda found: "kː" if found[1] else "k"),
        (r"(g?)gh", lambda found: "ɡː" if found[1] else "ɡ"),
        (rf"(c?)qu(?=[{_VOWELS}])", lambda found: "kːw" if found[1] else "kw"),
        (rf"gu(?=[{_VOWELS}])", "ɡw"),
        (r"(?<=me)zz", "ʣː"),
        (r"zz", "ʦː"),
        (r"^z", "ʣ"),
        (r"z", "ʦ"),
        (r"ss", "sː"),
        (rf"(?<=[{_VOWELS}])s(?=[{_VOWELS}])", "z"),
        (r"s(?=[bdglmnrv])", "z"),
        (rf"(?<![{_VOWELS}])i(?=[{_VOWELS}])", "j"),
        (r"u(?=[oòó])", "w"),
        (r"([bdflmnprtv])\1", lambda found: f"{found[1]}ː"),
        (r"cc", "kː"),
        (r"gg", "ɡː"),
        (r"[cq]", "k"),
        (r"g", "ɡ"),
        (r"h", ""),
        (r"x", "ks"),
        (r"y", "i"),
    )
)
"""Rules in the order in which they are tried at each letter; a letter that none takes is its own sound."""

_NUCLEI = re.compile("[aeiouɛɔ]")
_EARLY = re.compile(
    r"(ic[oaie]|iche|ichi|[ctvgdb]ol[oaie]|(?:ss|t|n|es)im[oaie]|[aeio]bil[ei]|evol[ei]|dic[ei]|[^i]ono|ero|afo|afi|ogo|ogi)$"
)
"""Endings of words whose stress is on the third syllable from the end, in words of three syllables or more."""
_UNSURE = re.compile(r"(ano|ere|ia|ie|io|ii|ua|uo)$")
"""Endings of words that may have either stress; the voice finds it."""


def italian(text: str) -> str:
    """Return the symbols of an Italian text in the voice's vocabulary, a space where the text has one."""
    return " ".join(_token(token) for token in text.lower().translate(_ELIDED).split())


def _token(token: str) -> str:
    parts = re.split(r"([^\W\d_]+)", token)
    return "".join(_word(part) if part.isalpha() else part for part in parts)


_ELIDED = str.maketrans("", "", "'’-«»")
"""Signs inside a word, and those that the voice cannot read: "c'è" sounds as one word."""
_SHORT = re.compile(r"^([^aeiou]?)([iu])([aeo])$")
"""Words such as `via` and `tuo`, whose first vowel is not a glide."""


def _word(word: str) -> str:
    if short := _SHORT.match(word):
        return f"{short[1]}ˈ{short[2]}{short[3]}"
    sounds: list[str] = []
    stressed, at = -1, 0
    while at < len(word):
        if word[at] in _ACCENTED:
            stressed = len(sounds)
            sounds.append(_ACCENTED[word[at]])
            at += 1
            continue
        for pattern, sound in _RULES:
            found = pattern.match(word, at)
            if found:
                sounds.append(sound if isinstance(sound, str) else sound(found))
                at = found.end()
                break
        else:
            sounds.append(word[at])
            at += 1
    where = stressed if stressed >= 0 else _stress(word, sounds)
    if where is None or len([one for one in sounds if _NUCLEI.search(one)]) < 2:
        return "".join(sounds)
    return "".join((*sounds[:where], "ˈ", *sounds[where:]))


def _stress(word: str, sounds: list[str]) -> int | None:
    nuclei = [at for at, one in enumerate(sounds) if _NUCLEI.fullmatch(one)]
    if len(nuclei) < 2:
        return None
    if len(nuclei) > 2 and _EARLY.search(word):
        return nuclei[-3]
    if len(nuclei) > 2 and _UNSURE.search(word):
        return None
    return nuclei[-2]
