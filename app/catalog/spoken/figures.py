"""Figures: numbers by the marks of a locale, and those that two readings fit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

_POINT_LANGUAGES = frozenset({"en", "zh", "ja", "ko", "th", "he"})
"""Languages that write 1,250.50; the others write 1.250,50."""

_DAY_AND_MONTH = re.compile(r"(?<![\d/.,-])(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-])")
_DAY_OR_FRACTION = re.compile(r"(?<![\d/.,])(\d{1,2})/(\d{1,2})(?![\d/])")
_GROUPED = re.compile(r"(?<![\w.,/:-])(?P<number>[1-9]\d{0,2}(?P<mark>[.,])\d{3})(?![\d/:]|[.,]\d)")
_SPACED = re.compile(r"(?<![\d.,+(/-] )(?<![\w.,+(/-])[1-9]\d{0,2} \d{3}(?![\d:/]|[.,-]\d| \d)")
_CLOCK = re.compile(r"(?<![\w.,/:-])([01]?\d|2[0-4])\.([0-5][05])(?![\d/:]|[.,]\d)")
_FRACTIONS = frozenset({(1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (24, 7)})
"""What stands for no date: usual fractions, and round the clock."""

_MEASURED = re.compile(r"\s?(?:[%°€$£¥²]|(?:Uhr|h|am|pm|k?m|cm|mm|k?g|m?l|EUR|USD|GBP|CHF|mi|ft|in)\b|[ap]\.\ ?m\b)")
_CURRENCY_BEFORE = re.compile(r"(?:[€$£¥]|\b(?:EUR|USD|GBP|CHF))\s?$")
_TIME_BEFORE = re.compile(
    r"\b(?:at|from|until|till|by|before|after|between|opens?|closes?|um|ab|bis|von|las|la|ore|alle|dalle)\s$",
    re.IGNORECASE,
)
_CALL = (
    r"\b(?:call|calls|calling|phone|dial|ring|text|fax|hotline|tel|telephone|mobile|ruf\w*|wähl\w*|telefon\w*|handy|"
    r"llam\w*|teléfono|marque|appel\w*|téléphone\w*|tél|composez|chiam\w*|telefono|whatsapp)\b"
)
_BETWEEN = (
    r"(?:[\s:.,()]|\b(?:us|now|on|at|is|number|free|me|line|reception|the|our|under|unter|uns|an|die|der|nummer|sie|"
    r"bitte|jederzeit|al|el|número|nos|gratis|le|au|nous|numéro|il|lo|allo|ci|numero|or|and|oder|und|o|y|ou|et|e)\b|"
    r"\+?\d[\d ()/-]*+)*+$"
)
"""Words and figures between a call word and the number. What was taken is not given back: else a few groups of figures
before a word that is none of these take longer than a day."""
_CALL_BEFORE = re.compile(_CALL + _BETWEEN, re.IGNORECASE)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True)
class TwoReadings:
    """Written form that two readings fit, its place in the text, and a way to write it that only one fits."""

    start: int
    end: int
    written: str
    readings: tuple[str, str]
    hint: str


def language_of(locale: str) -> str:
    """Return the language of a locale, in small letters."""
    return locale.partition("-")[0].lower()


def decimal_mark(locale: str) -> str:
    """Return the mark before a locale's decimals."""
    return "." if language_of(locale) in _POINT_LANGUAGES else ","


def two_readings(text: str, locale: str) -> tuple[TwoReadings, ...]:
    """Return the figures of a text that two readings fit, in order; none overlap."""
    if not any(character.isdigit() for character in text):
        return ()
    found = sorted(
        chain(_grouped(text, locale), _dates(text, locale), _clocks(text, locale), _spaced(text, locale)),
        key=lambda one: (one.start, -one.end),
    )
    return tuple(one for at, one in enumerate(found) if not any(one.start < other.end for other in found[:at]))


def after_call(text: str, at: int) -> bool:
    """Return whether the figures at this place are a telephone number by the words before them."""
    return _CALL_BEFORE.search(text, 0, at) is not None


def time_of_day(match: re.Match[str], locale: str) -> str | None:
    """Return `9.30` as `9:30` where the words before it, or the locale, make it a time; else None."""
    if not _CLOCK.fullmatch(match["number"]):
        return None
    italian = language_of(locale) == "it" and not _MEASURED.match(match.string, match.end("number"))
    if italian or _TIME_BEFORE.search(match.string, 0, match.start("number")):
        return match["number"].replace(".", ":")
    return None


def settled_number(written: str, locale: str) -> str | None:
    """Return a number with a point for decimals and no other mark; None if two readings fit, or none does."""
    compact = written.replace(" ", "").replace("'", "").replace("’", "")
    marks = [character for character in compact if character in ".,"]
    if not marks:
        return compact
    if len(set(marks)) == 2:
        thousands, decimal = marks[0], marks[-1]
        whole, _, rest = compact.rpartition(decimal)
        return (
            f"{whole.replace(thousands, '')}.{rest}" if decimal not in whole and _in_threes(whole, thousands) else None
        )
    mark = marks[0]
    if len(marks) > 1:
        return compact.replace(mark, "") if _in_threes(compact, mark) else None
    whole, _, rest = compact.partition(mark)
    if len(rest) != 3 or len(whole) > 3 or whole.startswith("0"):
        return f"{whole}.{rest}"
    return None if mark == decimal_mark(locale) else whole + rest


def _in_threes(whole: str, mark: str) -> bool:
    first, *others = whole.split(mark)
    return 0 < len(first) < 4 and all(len(group) == 3 for group in others)


def _grouped(text: str, locale: str) -> Iterator[TwoReadings]:
    """`10.000` in English, `10,000` in German: three figures after the mark of the locale's decimals."""
    decimal = decimal_mark(locale)
    for match in _GROUPED.finditer(text):
        if match["mark"] != decimal:
            continue
        whole, _, rest = match["number"].partition(decimal)
        other = "," if decimal == "." else "."
        thousands = f"{whole}{other}{rest}"
        hint = f"Write `{thousands}` for thousands, `{whole}{decimal}{rest.rstrip('0') or '0'}` for decimals, or words."
        yield TwoReadings(
            *match.span(), match[0], (f"{whole} thousand {rest.lstrip('0')}".rstrip(), f"{whole} point {rest}"), hint
        )


def _dates(text: str, locale: str) -> Iterator[TwoReadings]:
    if locale.lower() == "en":
        for match in _DAY_AND_MONTH.finditer(text):
            first, second = int(match[1]), int(match[3])
            if first != second and 1 <= first <= 12 and 1 <= second <= 12:
                readings = tuple(
                    f"{day} {_MONTHS[month - 1]} {match[4]}" for day, month in ((first, second), (second, first))
                )
                hint = f"Write `{readings[0]}`, or name the locale `en-GB` or `en-US`."
                yield TwoReadings(*match.span(), match[0], (readings[0], readings[1]), hint)
    for match in _DAY_OR_FRACTION.finditer(text):
        first, second = int(match[1]), int(match[2])
        if (first, second) in _FRACTIONS or not (1 <= first <= 31 and 1 <= second <= 12):
            continue
        day = f"{first} {_MONTHS[second - 1]}"
        other = (
            f"{second} {_MONTHS[first - 1]}" if language_of(locale) == "en" and first <= 12 else f"{first} of {second}"
        )
        yield TwoReadings(*match.span(), match[0], (day, other), "Write the month in letters, or the figures in words.")


def _clocks(text: str, locale: str) -> Iterator[TwoReadings]:
    """`9.30` without a word that makes it a time or an amount."""
    if language_of(locale) not in {"en", "de", "es"}:
        return
    for match in _CLOCK.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if _MEASURED.match(after) or _CURRENCY_BEFORE.search(before) or _TIME_BEFORE.search(before):
            continue
        readings = (f"the time {match[1]}:{match[2]}", f"the number {match[1]} point {match[2]}")
        yield TwoReadings(*match.span(), match[0], readings, f"Write `{match[1]}:{match[2]}` for a time, or words.")


def _spaced(text: str, locale: str) -> Iterator[TwoReadings]:
    """`116 117` in English: a thousand is not written with a blank there, two numbers are."""
    if language_of(locale) != "en":
        return
    for match in _SPACED.finditer(text):
        whole, rest = match[0].split(" ")
        if rest != "000" and not after_call(text, match.start()):
            readings = (f"{whole} thousand {rest.lstrip('0')}", f"{whole}, then {rest}")
            hint = f"Write `{whole},{rest}` for one number; `Call {match[0]}` for a telephone number; or words."
            yield TwoReadings(*match.span(), match[0], readings, hint)
