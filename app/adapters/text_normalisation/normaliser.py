"""Text normaliser for speech: own rules first, then the grammars of `damga`, then what neither knows, as written."""

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from difflib import SequenceMatcher
from functools import lru_cache
from threading import Lock
from typing import Any, Final

from app.adapters.text_normalisation.reading import Reading, Rule, Said
from app.adapters.text_normalisation.words import WORDS
from app.catalog.spoken.figures import language_of, two_readings
from app.catalog.spoken.form import Segment
from app.text import remembers_texts

LANGUAGES: Final = frozenset(WORDS)
"""Languages with rules and grammars; texts in others stay as they are written."""

_MODULES = {"en": "english", "de": "german", "es": "spanish", "fr": "french", "it": "italian"}
_DAYS = "|".join(sorted({day for words in WORDS.values() for day in words.days}, key=len, reverse=True))
_SIGNS = re.compile(
    r"[\d€$£¥¢%°&@#+=½¼¾⅓⅔§№ºª²³]|://|\bwww\.|\b[MDCLXVI]{2,}(?:e|er|ème)?\b|\bI(?:er|re|ère)\b"
    r"|\b[A-ZÀ-Ý]\w+ [VX]\b"
    r"|\b[\w-]+\.(?:com|org|net|info|eu|de|at|ch|es|fr|it|uk)\b"
)
_DAY_SPAN = re.compile(
    rf"(?<!\w)(?:{_DAYS})(?:\.?\ ?[-–—]\ ?(?:{_DAYS})(?!\w)|\.\ (?:to|bis|a|al|au)\ (?:{_DAYS})\.)", re.IGNORECASE
)


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KNOWN: Final = _listed(
    "mr mrs ms dr prof st ste sts jr sr vs approx incl excl ave blvd rd etc dept e.g i.e "
    "hr fr z.b d.h u.a v.a z.t z.zt usw bzw ca evtl inkl exkl zzgl mwst mind tägl vgl ggf einschl str std i.d.r o.ä "
    "u.ä s.o s.u v.chr n.chr gegr geb gest mo di mi do sa tel "
    "sra srta dra d dña ud uds ee.uu p.ej aprox n.º núm pág págs av avda dpto izq dcha teléf tfno c/ pl pza hab "
    "m mme mlle mm pr p.ex env chap bd boul tél av.j.-c lun ven dim janv févr juill "
    "sig sig.ra sig.na dott dott.ssa avv ing arch p.es ecc pag pagg a.c d.c p.za p.zza v.le c.so s gio sab dom"
)
"""Abbreviations without their last point; those that need a figure after them are none of them."""

_BARE: Final = _listed("mr mrs ms dr st ste vs bd m mme mlle mm pr c/")
"""Abbreviations that are also written without a point."""

_ABBREVIATION = re.compile(
    r"(?<![\w.])(?:(?P<dotted>[^\W\d_]{1,6}(?:\.[ ]?[^\W\d_º-]{1,4})*)\.(?=[\s,;:)]|$)"
    r"|(?P<bare>[^\W\d_]{1,4}/?)(?=[ -])|(?P<inner>[^\W\d_]{1,5}\.[^\W\d_]{1,5})(?=\s))"
)


class GrammarNormaliser:
    """Text normaliser of five languages; grammars are loaded at the first text that needs them.

    One may be shared by threads.
    """

    def segments(self, text: str, locale: str) -> tuple[Segment, ...]:
        """Return the text in stretches with their readings; see the port."""
        return _segments(text, locale)

    def of_catalog(self) -> AbstractContextManager[None]:
        """Keep nothing beyond this process."""
        return nullcontext()


@remembers_texts(most=32_768)  # a large catalog's texts; fewer would all be read anew for each plan
def _segments(text: str, locale: str) -> tuple[Segment, ...]:
    language = language_of(locale)
    if language not in LANGUAGES or not may_change(text):
        return (Segment.same(text),)
    reading = Reading(locale, lambda form: _grammar(language, form))
    found = sorted(_found(text, reading), key=lambda one: one[0])
    segments: list[Segment] = []
    at = 0
    for start, end, said in found:
        segments += _read(text[at:start], language, goes_on=True)
        segments += [Segment(text[start:end], said)] if isinstance(said, str) else said
        at = end
    return tuple(one for one in (*segments, *_read(text[at:], language)) if one.written)


def _found(text: str, reading: Reading) -> list[tuple[int, int, str | Sequence[Segment]]]:
    """Return places of the text with their readings; those that two fit are read as they are written."""
    kept = [(one.start, one.end, one.written) for one in two_readings(text, reading.locale)]
    taken = bytearray(len(text))
    found: list[tuple[int, int, str | Sequence[Segment]]] = []
    for start, end, written in kept:
        taken[start:end] = b"\1" * (end - start)
        found.append((start, end, written))
    for one in _rules(language_of(reading.locale)):
        for match in one.pattern.finditer(text):
            if match.end() == match.start() or any(taken[match.start() : match.end()]):
                continue
            said: Said = one.read(match, reading)
            if said is not None and said != match[0]:
                taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                found.append((match.start(), match.end(), said))
    return found


def may_change(text: str) -> bool:
    """Return whether a text has anything to normalise: a figure, a sign, an abbreviation, a Roman numeral."""
    if _SIGNS.search(text) is not None or _DAY_SPAN.search(text) is not None:
        return True
    return any(_is_abbreviation(match) for match in _ABBREVIATION.finditer(text))


def _is_abbreviation(match: re.Match[str]) -> bool:
    if match["bare"]:
        return match["bare"].lower() in _BARE and not match["bare"].islower()
    written = (match["dotted"] or match["inner"]).replace(" ", "")
    return any(
        one.lower() in _KNOWN and (len(one) > 2 or one == "ca" or not one.islower())
        for one in (written, *written.split("."))
    )


@lru_cache(maxsize=8)
def _rules(language: str) -> tuple[Rule, ...]:
    """Return the language's rules, its own before those of every language."""
    module = importlib.import_module(f"app.adapters.text_normalisation.{_MODULES[language]}")
    rules: tuple[Rule, ...] = module.RULES
    return rules


_loaded: dict[str, Any] = {}
_lock = Lock()


@remembers_texts(most=32_768)  # parts of texts come back: the same figure, the same words around it
def _grammar(language: str, form: str) -> str:
    """Return the grammars' reading of a text."""
    with _lock:
        if language not in _loaded:
            from damga import Normalizer  # noqa: PLC0415 - its grammars are read for texts that need them

            _loaded[language] = Normalizer("tn", lang=language)
        said = str(_loaded[language].normalize(form))
    for pattern, spoken in _MENDED.get(language, {}).items():
        said = re.sub(pattern, spoken, said)
    return said


_MENDED: Mapping[str, Mapping[str, str]] = {"en": {r"\b([ap]) m\b\.?": r"\1.m."}}
"""What the grammars say otherwise than a voice needs it: `p m` is heard right, `a m` is not."""


def _read(text: str, language: str, *, goes_on: bool = False) -> Iterator[Segment]:
    """Yield a stretch between the rules' places by the grammars, its unchanged words for themselves.

    Where the text `goes_on`, the point of an abbreviation at the end is none of a sentence.
    """
    if not may_change(text + " "):
        yield Segment.same(text)
        return
    words = text.split()
    said = _grammar(language, " ".join([*words, *(_NEXT if goes_on else ())])).split()
    said = said[: -len(_NEXT)] if goes_on else said
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    pairs = [(" ".join(words[a:b]), " ".join(said[c:d])) for a, b, c, d in _aligned(words, said, language)]
    yield Segment.same(lead)
    for at, (written, spoken) in enumerate(pairs):
        yield Segment(written, spoken)
        if at + 1 < len(pairs):
            yield Segment.same(" ")
    yield Segment.same(tail)


def _aligned(words: list[str], said: list[str], language: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield ranges of written and of spoken words that belong together, as small as can be told.

    Words that are not spoken, and spoken ones without written, go with the next word.
    """
    since: tuple[int, int] | None = None
    for tag, start, end, first, last in SequenceMatcher(None, words, said, autojunk=False).get_opcodes():
        begin, heard = since or (start, first)
        if tag == "equal":
            yield begin, start + 1, heard, first + 1
            yield from ((start + at, start + at + 1, first + at, first + at + 1) for at in range(1, end - start))
            since = None
        elif tag == "replace":
            yield from _split(words, said, (begin, end, heard, last), language)
            since = None
        else:
            since = begin, heard
    if since:
        yield since[0], len(words), since[1], len(said)


_NEXT: Final = ("xx",)
"""A word that stands for what follows."""


def _split(
    words: list[str], said: list[str], run: tuple[int, int, int, int], language: str
) -> Iterator[tuple[int, int, int, int]]:
    """Yield a changed run in the smallest parts that are read alone as they are here, else whole."""
    yield from _parts(words, said, run, language) or [run]


def _parts(
    words: list[str], said: list[str], run: tuple[int, int, int, int], language: str
) -> list[tuple[int, int, int, int]]:
    """Return the parts of a run; none if it cannot be parted."""
    start, end, first, last = run
    if start == end:
        return []
    for count in range(1, min(_MOST_WORDS, end - start) + 1):
        alone = _grammar(language, " ".join(words[start : start + count])).split()
        middle, heard = start + count, first + len(alone)
        if not alone or said[first:heard] != alone or heard > last:
            continue
        if middle == end and heard == last:
            return [run]
        rest = _parts(words, said, (middle, end, heard, last), language) if middle < end else []
        if rest:
            return [(start, middle, first, heard), *rest]
    return []


_MOST_WORDS: Final = 4
"""Written words that are tried as one form."""
