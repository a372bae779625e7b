"""Rules of English."""

import re

from app.adapters.text_normalisation.reading import Reading, Rule, Said, rule, table
from app.adapters.text_normalisation.rules import COMMON, days, plain_number
from app.adapters.text_normalisation.rules import NUMBER as _NUMBER
from app.adapters.text_normalisation.words import WORDS

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
    "vol.": "volume",
    "Vol.": "Volume",
    "fig.": "figure",
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
    "pp.": "pages",
    "c.": "circa",
    "no.": "number",
    "nos.": "numbers",
    "ch.": "chapter",
    "min.": "minimum",
    "max.": "maximum",
}
_ANYWHERE = {key: spoken for key, spoken in _ABBREVIATIONS.items() if key not in _BEFORE_FIGURES}
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
    said = reading.number(match[1])
    ended = "." if match[2].endswith(".") and not match.string[match.end() :].strip(" \"'”’»)") else ""
    return None if said is None else f"{said} {_AFTER_FIGURES[match[2]]}{ended}"


def _seconds(match: re.Match[str], reading: Reading) -> Said:
    said = reading.number(match[1])
    return None if said is None else f"{said} second{'s' * (match[1] != '1')}"


_DAY = "|".join((*WORDS["en"].days,))

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
    rule(r"(?<![\w.,])(\d{1,3})\ ?s(?!\w)(?<!0s)", _seconds),
    rule(rf"(?<![\w.,])(\d+(?:[.,]\d+)?)\ ?({'|'.join(map(re.escape, _AFTER_FIGURES))})(?!\w)", _unit),
    rule(rf"\b({_NUMBERED})\ ([IVX]+)\b(?!\.\w)", _roman),
    rule(rf"\b({_ROYAL})\ ([IVX]+)('s|’s)?(?!\w)", _royal),
    rule(r"(?<!\w)([IVX]+)(?=\ (?:century|centuries)\b)", _century),
    rule(r"(?<![\w.,])\d{1,3}(?:\ 000)+(?![\w]|[.,]\d)", _thousands),
    rule(r"(?<!\w)A(\d{1,3})(?!\w)", _letter),
    table(_BEFORE_FIGURES, after=r"(?= ?\d)"),
    table(_ANYWHERE),
    *COMMON[2:],
    rule(
        rf"(?<![\w.,:/+-])(?P<number>{_NUMBER})(?P<unit>(?:\ ?(?:km|m|cm|mm|kg|g|l|ml|%|°C))?)(?![\w:/])", plain_number
    ),
)
