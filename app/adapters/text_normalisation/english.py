"""Rules of English."""

import re
from typing import Final

from app.adapters.text_normalisation.reading import Reading, Rule, Said, rule, stop, table
from app.adapters.text_normalisation.rules import (
    COMMON,
    LOW,
    NO_INITIAL,
    UNITS,
    amount_of,
    days,
    plain_number,
    with_low,
)
from app.adapters.text_normalisation.rules import NUMBER as _NUMBER
from app.adapters.text_normalisation.rules import SIGN as _SIGN
from app.adapters.text_normalisation.words import WORDS, listed
from app.catalog.spoken.form import Segment

_MONTHS = WORDS["en"].months


def _date(match: re.Match[str], reading: Reading) -> Said:
    """Read a date in figures, in the order of the locale where the days leave it open."""
    first, second, year = int(match[1]), int(match[3]), match[4]
    american = reading.locale.lower() == "en-us"
    day, month = (second, first) if second > 12 or (american and first <= 12) else (first, second)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    if american or second > 12:
        return reading.say(f"{_MONTHS[month - 1]} {day}, {year}")
    return reading.say(f"{day} {_MONTHS[month - 1]} {year}")


def _iso(match: re.Match[str], reading: Reading) -> Said:
    year, month, day = match.groups()
    return reading.say(f"{int(day)} {_MONTHS[int(month) - 1]} {year}") if 1 <= int(month) <= 12 else None


def _cents(match: re.Match[str], reading: Reading) -> Said:
    said = reading.say(match[1])
    return None if said is None else f"{said} cent{'s' * (match[1] != '1')}"


def _half(match: re.Match[str], reading: Reading) -> Said:
    """Read `½ hour`, `2½ hours`."""
    names = {"½": "a half", "¼": "a quarter", "¾": "three quarters", "⅓": "a third", "⅔": "two thirds"}
    whole, part = match[1], names[match[2]]
    if whole:
        said = reading.say(whole)
        return None if said is None else f"{said} and {part}"
    following = match.string[match.end() : match.end() + 2]
    article = "an" if re.match(r" [aeiouh]", following, re.IGNORECASE) else "a" if following[:1] == " " else ""
    start = "half" if match[2] == "½" else f"{part} of" if article else part
    return f"{start} {article}".rstrip()


def _feet(match: re.Match[str], reading: Reading) -> Said:
    feet, inches = reading.say(f"{match[1]} ft"), reading.say(match[2])
    return None if feet is None or inches is None else f"{feet} {inches} inch{'es' * (match[2] != '1')}"


def _decade(match: re.Match[str], reading: Reading) -> Said:
    return reading.say(f"{match[1]}s")


def _roman(match: re.Match[str], reading: Reading) -> Said:
    """Read `chapter IV`: four."""
    said = reading.say(str(roman(match[2]))) if roman(match[2]) else None
    return None if said is None else f"{match[1]} {said}"


def _royal(match: re.Match[str], reading: Reading) -> Said:
    """Read `Henry VIII's`: the eighth's."""
    said = reading.say(f"{roman(match[2])}{_ending(roman(match[2]))}") if roman(match[2]) else None
    return None if said is None else f"{match[1]} the {said}{match[3] or ''}"


def _century(match: re.Match[str], reading: Reading) -> Said:
    value = roman(match[1])
    return reading.say(f"{value}{_ending(value)}") if value else None


def _ending(value: int) -> str:
    return "th" if value % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")


def roman(figures: str) -> int:
    """Return the value of a Roman numeral as it is written properly; 0 for anything else."""
    if not re.fullmatch(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", figures):
        return 0
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[one] for one in figures]
    return sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))


def _thousands(match: re.Match[str], reading: Reading) -> Said:
    return reading.say(match[0].replace(" ", ","))


def _letter(match: re.Match[str], reading: Reading) -> Said:
    """Read `A4` with the letter's name: voices take a single A for the article."""
    said = reading.say(match[1])
    return None if said is None else f"ay {said}"


def _days(match: re.Match[str], reading: Reading) -> Said:
    return days(match, reading)


_ROYAL = (
    "Henry|Charles|Edward|George|William|Richard|James|Elizabeth|Mary|Louis|Philip|Ferdinand|Francis|Frederick|John|"
    "Paul|Pius|Leo|Gregory|Benedict|Clement|Innocent|Alexander|Nicholas|Peter|Catherine|Napoleon|Ramses|Rameses|"
    "Gustav|Christian|Haakon|Olav|Alfonso|Isabella|Leopold|Rudolf|Maximilian|Otto|Ludwig|Urban|Julius|Sixtus"
)
_NUMBERED = (
    r"[Cc]hapters?|[Pp]arts?|[Vv]olumes?|[Ss]ections?|[Aa]cts?|[Ss]cenes?|[Bb]ooks?|[Rr]ooms?|[Hh]alls?|"
    r"[Ll]evels?|[Pp]hases?|[Tt]erminals?|[Ww]ar|[Tt]ypes?|[Cc]lass|[Ff]igures?|[Pp]lates?|[Tt]ables?|"
    r"[Aa]ppendix|[Mm]ark|[Ss]tages?"
)

_ABBREVIATIONS = {
    "incl.": "including",
    "excl.": "excluding",
    "max.": "maximum",
    "min.": "minimum",
    "Vol.": "Volume",
    "Fig.": "Figure",
    "ext.": "extension",
    "Ext.": "Extension",
    "tel.": "telephone",
    "Tel.": "Telephone",
    "ca.": "circa",
    "c.": "circa",
    "Blvd.": "Boulevard",
    "Ave.": "Avenue",
    "Rd.": "Road",
    "Sq.": "Square",
    "Mt.": "Mount",
    "dept.": "department",
    "Dept.": "Department",
    "no.": "number",
    "nos.": "numbers",
    "Nos.": "Numbers",
    "pp.": "pages",
    "ch.": "chapter",
    "hrs.": "hours",
    "hr.": "hour",
    "mins.": "minutes",
    "secs.": "seconds",
    "ft.": "feet",
    "lbs.": "pounds",
    "oz.": "ounces",
    "yr.": "year",
    "yrs.": "years",
}
_BEFORE_FIGURES = {
    "p.": "page",
    "vol.": "volume",
    "fig.": "figure",
    "pp.": "pages",
    "c.": "circa",
    "no.": "number",
    "nos.": "numbers",
    "ch.": "chapter",
    "min.": "minimum",
    "max.": "maximum",
}
_ANYWHERE = {key: spoken for key, spoken in _ABBREVIATIONS.items() if key not in _BEFORE_FIGURES}
_STARTS: Final = frozenset(
    listed(
        "We The It You They He She I Our Your My His Her Its Their A An At On In From To For Then There Here This "
        "That These Those When If And But Or So Open Turn Take Come Go Walk Please Ask See Look Follow Find Just "
        "Only All Every Most Some No Not What Where Who How Why Is Are Do Does Can Admission Entry Tickets"
    )
)
"""Words that start a sentence and name no saint."""

_SAINTS: Final = frozenset(
    listed(
        "Agnes Albans Andrew Andrews Anne Anthony Augustine Barnabas Bartholomew Bernard Botolph Brigid Catherine "
        "Clement Columba David Dunstan Edmund Edmunds Francis Gallen George Germain Giles Helena Helens Helier "
        "Ives James Jerome John Johns Joseph Jude Katharine Kitts Lawrence Leonard Louis Lucia Luke Margaret Mark "
        "Martin Mary Matthew Michael Moritz Neots Nicholas Olave Pancras Patrick Paul Peter Petersburg Philip "
        "Sebastian Stephen Swithin Thomas Tropez Vincent Winifred"
    )
)

_CLOSING: Final = frozenset(listed("Blvd. Ave. Rd. Sq. dept. hrs. hr. mins. secs. ft. lbs. oz. yr. yrs. max. min."))
"""Abbreviations that may end a sentence: they follow what they belong to."""

_AFTER_FIGURES = {
    "min.": "minutes",
    "hrs": "hours",
    "hr": "hour",
    "mins": "minutes",
    "secs": "seconds",
    "sec": "seconds",
    "sq m": "square metres",
    "sq. m": "square metres",
    "sq ft": "square feet",
    "sq. ft": "square feet",
}


def _unit(match: re.Match[str], reading: Reading) -> Said:
    said = reading.number(match["number"])
    named = None if said is None else f"{said} {_AFTER_FIGURES[match['unit']]}{stop(match, before_capital=True)}"
    return with_low(match, named, reading)


def _seconds(match: re.Match[str], reading: Reading) -> Said:
    said = reading.number(match["number"])
    return with_low(match, None if said is None else f"{said} second{'s' * (match['number'] != '1')}", reading)


def _ages(match: re.Match[str], reading: Reading) -> Said:
    """Read `under 18s`: a number in the plural."""
    said = reading.say(match[1])
    if said is None:
        return None
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}es" if said.endswith("x") else f"{said}s"


def _half_day(match: re.Match[str], reading: Reading) -> Said:
    """Read `5p.m.`, `4.30 p.m.`; the last point may be the sentence's, too."""
    return reading.say(_of_half_day(match[1], match[2]))


def _half_days(match: re.Match[str], reading: Reading) -> Said:
    """Read `9 a.m.-5 p.m.`: from one half of the day into the other."""
    low, high = (reading.say(_of_half_day(match[at], match[at + 1])) for at in (1, 3))
    return None if low is None or high is None else f"{low} {reading.words.to} {high}"


def _of_half_day(hour: str, half: str) -> str:
    return f"{hour.replace('.', ':')} {half.lower()}.m."


def _each(match: re.Match[str], reading: Reading) -> Said:
    """Read `£12.50pp`: per person."""
    found = re.fullmatch(r"(.*?)\ ?pp", match[0])
    said = amount_of(found[1], reading) if found else None
    return None if said is None else f"{said} per person"


def _street(match: re.Match[str], reading: Reading) -> Said:
    """Read `Oxford St.` before a sentence's start: a street; before a saint's name it is none."""
    del reading
    following = re.match(r"[\s\"'“‘(]+([^\W\d_]+)(?P<own>['’]s)?", match.string[match.end() :])
    placed = re.search(
        r"\b(?:on|in|at|to|into|of|from|near|off|along|down|up|and|or)\s$", match.string[: match.start()]
    )
    if following is None or following[1].islower():
        return f"{match[1]} Street{stop(match, before_capital=True)}"
    if following[1] in _STARTS or (placed and following[1] not in _SAINTS and not following["own"]):
        return f"{match[1]} Street."
    return None


_DAY = "|".join((*WORDS["en"].days,))

_HALF_DAY = r"(\d{1,2}(?:[:.]\d{2})?)\ ?([apAP])\.[ ]?[mM]\b\.?"

RULES: tuple[Rule, ...] = (
    *COMMON[:2],
    rule(r"(?<![\d/.-])(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-])", _date),
    rule(r"(?<![\d/.-])(\d{4})-(\d{2})-(\d{2})(?![\d/-])", _iso),
    rule(
        rf"(?<!\w)(?P<first>(?:{_DAY})\.?)(?:\ ?[-–—]\ ?|\ to\ )(?P<second>(?:{_DAY})\.?)(?!\w)", _days, re.IGNORECASE
    ),
    rule(r"(?<![\w.])(?P<first>(?:Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun)\.?)(?P<second>)(?=,?\ \d)", _days),
    rule(r"(?<![\w.,])(\d{1,2})\ ?ft\ (\d{1,2})\ ?in\b", _feet),
    rule(r"(?<![\w.,])(\d{1,3})\ ?(?:¢|ct\b)", _cents),
    rule(r"(?<![\w.,])(\d+)?\ ?([½¼¾⅓⅔])", _half),
    rule(rf"(?<![\w.,:/-]){_HALF_DAY}\ ?[-–—]\ ?{_HALF_DAY}", _half_days),
    rule(rf"(?<![\w.,:/-]){_HALF_DAY}", _half_day),
    rule(rf"(?<![\w.,-])(?:{_SIGN}\ ?{_NUMBER}|{_NUMBER}\ ?{_SIGN})\ ?pp(?!\w)", _each),
    rule(rf"(?<![\w.,-]){LOW}(?P<number>\d{{1,3}})\ s(?!\w)", _seconds),
    rule(r"(?<![\w.,:/'’-])(\d{1,2})s(?!\w)(?<!0s)", _ages),
    rule(
        rf"(?<![\w.,-]){LOW}(?P<number>\d+(?:[.,]\d+)?)\ ?(?P<unit>{'|'.join(map(re.escape, _AFTER_FIGURES))})(?!\w)",
        _unit,
    ),
    rule(r"\b([A-Z][\w'’]+)\ St\.(?=\s|$|[,;:)])", _street),
    rule(rf"\b({_NUMBERED})\ ([IVX]+)\b(?!\.\w)", _roman),
    rule(rf"\b(?:{_ROYAL})\ [IVX](?=\.(?:\s|$))", lambda match, _: [Segment.same(match[0])]),
    rule(rf"\b({_ROYAL})\ ([IVX]+)('s|’s)?(?!\w){NO_INITIAL}", _royal),
    rule(r"(?<!\w)([IVX]+)(?=\ (?:century|centuries)\b)", _century),
    rule(r"(?<![\w.,])\d{1,3}(?:\ 000)+(?![\w]|[.,]\d)", _thousands),
    rule(r"(?<!\w)A(\d{1,3})(?!\w)", _letter),
    table(_BEFORE_FIGURES, after=r"(?= ?\d)"),
    table(_ANYWHERE, closing=_CLOSING),
    *COMMON[2:],
    rule(rf"(?<![\w.,:/+-])(?P<number>{_NUMBER})(?P<unit>{UNITS})(?![\w:/])", plain_number),
)
