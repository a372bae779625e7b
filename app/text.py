"""Text rules of the house: one folding, one sentence cutter, one speech rate.

`app/matching/normalise.py` is not one of them: what it does is part of every fit.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

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

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_JOINERS = frozenset("\u200c\u200d")


def visible(text: str) -> str:
    """Return a text without characters that are not seen: controls, directions, fillers, private and unassigned ones.

    White space becomes a blank. A joiner stays between two letters of a script that is written with it.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_seen(text, at) for at in range(len(text)))


def _seen(text: str, at: int) -> str:
    char = text[at]
    if char.isspace():
        return " "
    if char in _JOINERS:
        around = text[at - 1 : at] + text[at + 1 : at + 2]
        joins = len(around) == 2 and all(ord(one) >= 0x0590 and unicodedata.category(one) in KEPT for one in around)
        return char if joins else ""
    return "" if char in UNSEEN or unicodedata.category(char) in _HIDDEN else char


_WORD = re.compile(r"[\w%$]+(?:['.,:/-][\w%$]+)*")
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'"})


def fold(text: str) -> str:
    """Folding: one case, width and spacing, no punctuation around words; equal for phrases with the same words.

    Every letter with its marks, every digit, `%` and currency signs stay. What has none of them stays as it is.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).casefold()
    if plain.isascii():
        found = _WORD.findall(plain)
    else:
        found = [plain[word.start() : word.end()] for word in _WORD.finditer(plain.translate(_SHAPES))]
    return " ".join(found) or " ".join(plain.split())


_MOST_KEPT = 4096
"""Characters that are remembered: more than any site's languages have, and strangers' texts take no more memory."""


class _Shapes(dict[int, str]):
    """A letter for whatever makes words: to `re` the marks of Hindi or Thai vowels are no part of a word."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        shape = "w" if unicodedata.category(char) in KEPT else char
        if len(self) < _MOST_KEPT:
            self[point] = shape
        return shape


_SHAPES = _Shapes()


def wordless(text: str) -> bool:
    """Return whether nothing is left for matching to read: a picture, punctuation, blanks that are not seen."""
    plain = unicodedata.normalize("NFKC", "".join(char for char in text if char not in UNSEEN)).translate(_APOSTROPHES)
    return not any(char == "%" or unicodedata.category(char) in KEPT for char in plain)


def has_words(text: str) -> bool:
    """Return whether a text has anything that can be said: a letter or a digit of whatever script."""
    return any(character.isalnum() for character in text)


CHARACTERS_PER_S = 15.0
"""Spoken English at speed 1, pauses between sentences included; measured between 13 and 16, by the voice."""

FILLED = 0.85
"""Pieces of an answer are filled up to this share of what a renderer takes: how long words last is only estimated."""


def estimate_seconds(text: str, speed: float = 1.0) -> float:
    """Seconds of speech for a text at this speed of the voice; 0 for a blank text."""
    return len(" ".join(text.split())) / (CHARACTERS_PER_S * speed)


_STOP = re.compile(
    r"(?P<marks>[.!?…。！？]+)(?P<closing>[\"'”’“‘»«)\]」』）】]*(?: ?»(?=\s|$))?)(?: |$)"
    r"|(?P<full>[。！？]+)[”’」』）】]*"
)
"""Where a sentence may end: before a blank, or at once after the marks of Chinese and Japanese."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEVER_LAST = _listed(
    "mr mrs ms mx dr prof st rev hon capt vs e.g i.e cf viz approx aprox ca bzw inkl exkl evtl ggf sog vgl zzgl bspw "
    "z.b d.h p.ex p.ej mme mlle mm sr sra srta dra ee dipl ing"
)
"""Abbreviations in English, German, French and Spanish that something always follows."""

_BEFORE_NUMBERS = _listed(
    "no nos nr núm num p pp s pg pág págs art abs fig abb vol bd ch kap chap cap sec tel tél max min mind env apt ext "
    "jan feb apr jun jul aug sep sept oct okt nov dec dez"
)
"""Abbreviations only where a number follows: `No. 5`, but `No. We are closed.`"""

_SOMETIMES_LAST = _listed(
    "etc usw usf inc ltd co corp jr al ud uds uu chr std min sek mio mrd tel ext dept est av avda str hr hrs mo"
)
"""Abbreviations that may end a sentence; they do not where the next word begins small."""

_GERMAN_ORDINALS = _listed("am im der die das den dem des zum zur vom beim jeder jeden jedes")
"""Words before a number that make its point an ordinal's: `am 3. Mai`."""

_LETTERED = _listed(
    "vitamin plan hall room platform gate grade group type class category section block wing zone area line level "
    "house building exhibit figure table part point option letter hepatitis gleis raum saal halle gruppe klasse typ "
    "kategorie haus zimmer linie teil buchstabe and or und oder than like i"
)
"""Words whose capital is no initial: `platform B. Trains leave from there`."""

_OPENERS = _listed(
    "the a an this that these those there it its he she they we you i his her their our your my in on at from to for "
    "with by as if when while after before since until but and or so yet not no nobody nothing all both each every "
    "some many most more one two what who where why how please do does did is are was were can may must will then now "
    "here today only also however der die das den dem des ein eine einer dies diese dieser es er sie wir ihr ich im am "
    "auf mit von zu bei nach vor seit bis wenn weil aber und oder doch nicht kein keine alle viele man dort hier heute "
    "dann nur auch bitte was wer wo wie warum"
)
"""Words that begin sentences and no surnames."""

_LONGEST_OPENER = 24
"""Characters that are looked at after a full stop."""

_INITIAL = re.compile(r"[A-Z]\.")
_LETTERS_WITH_POINTS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_OPENING = "\"'“„‚‘«»([¿¡「『（"


def sentences(text: str) -> tuple[str, ...]:
    """Sentence cutter: the text with single blanks, after each sentence its blank; joined they are the text again.

    Points of abbreviations, initials and numbers end none. Where a text grows at its end, all sentences but the last
    stay as they were.
    """
    plain = " ".join(text.split())
    found, start = [], 0
    for stop in _STOP.finditer(plain):
        if stop.end() < len(plain) and _ends(plain[start : stop.start()], stop, plain[stop.end() :][:_LONGEST_OPENER]):
            found.append(plain[start : stop.end()])
            start = stop.end()
    return (*found, plain[start:]) if plain[start:] else tuple(found)


def _ends(before: str, stop: re.Match[str], following: str) -> bool:
    """Return whether a sentence ends here, by what stands before the marks and what follows them."""
    if not has_words(before):
        return False
    marks = stop["marks"]
    if not marks or marks[-1] in "。！？":
        return True
    if following[0].islower() and (stop["closing"] or "…" in marks or ".." in marks):
        return False
    return marks != "." or not _is_abbreviation(before.split(" "), following)


def _is_abbreviation(words: list[str], following: str) -> bool:
    """Return whether the point belongs to the last word, as in `Dr` does."""
    last = words[-1].lstrip(_OPENING)
    before = words[-2] if len(words) > 1 else ""
    if last.isdecimal():
        return not any(map(str.isalpha, "".join(words))) or (len(last) < 3 and before.lower() in _GERMAN_ORDINALS)
    if len(last) < 3 and _goes_on(last, before, following):
        return not before[-1:].isdecimal() or following[0].islower()
    known = last.lower()
    if following[0].isdecimal() and (known in _BEFORE_NUMBERS or known.endswith("str")):
        return True
    if known in _SOMETIMES_LAST or (known not in _NEVER_LAST and _LETTERS_WITH_POINTS.fullmatch(known)):
        return following[0].islower()
    return known in _NEVER_LAST


def _goes_on(last: str, before: str, following: str) -> bool:
    """Return whether a word is an initial (`J. S. Bach`), or a part of `z. B.`, `p. ex.`, `i. d. R.`."""
    if not last.isascii() or not last.isalpha():
        return False
    if len(last) == 1 and (last.islower() or last == "M"):
        return True
    if len(last) == 1 and _is_name(before, following):
        return True
    return len(before) == 2 and before.endswith(".") and before[0].islower()


def _is_name(before: str, following: str) -> bool:
    """Return whether a capital with a point is an initial: `by J. R. Bride`, not `vitamin C. It …`."""
    word, blank, _ = following.partition(" ")
    if not word[0].isupper() or before.lower() in _LETTERED:
        return False
    return not blank or _INITIAL.match(word) is not None or word.lower().rstrip(",;:") not in _OPENERS


_forgetters: list[Callable[[], None]] = []
"""What empties each cache of texts in this process."""


def remembers_texts(*, most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that keeps a pure function's last results by the texts it was given, until `forget_texts`."""

    def keep(function: Callable[P, T]) -> Callable[P, T]:
        kept = lru_cache(maxsize=most)(function)
        _forgetters.append(kept.cache_clear)
        return cast("Callable[P, T]", kept)

    return keep


def forget_texts() -> None:
    """Empty every cache whose keys may be a visitor's words: somebody's session is erased."""
    for forget in _forgetters:
        forget()
