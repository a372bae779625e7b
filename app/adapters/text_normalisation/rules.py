"""Rules of every language: amounts, spans of time, telephone numbers, addresses, days, signs."""

import re
from collections.abc import Iterator

from app.adapters.text_normalisation.reading import Reading, Rule, Said, rule, stop
from app.catalog.spoken.figures import after_call, language_of, settled_number, time_of_day
from app.catalog.spoken.form import Segment

NUMBER = r"(?:\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)*)(?![\d])"
SIGN = r"(?:€|\$|£|¥|EUR|USD|GBP|CHF)"
DASH = r"\ ?[-–—]\ ?"
BEFORE_DAY = r"(?= ?\d{1,2}(?!\d|[.,]\d| ?[€$£%]))"
"""What follows an abbreviated day that is a word, too: `mer. 5 mai`, `mar. 9 h`."""

NO_INITIAL = r"(?!(?<=\ [IVX])\.(?:\s|$))"
"""What a single Roman figure is not followed by: `John V. Smith` is no king."""

UNITS = r"(?:\ ?(?:km²|m²|cm²|m³|km|m|cm|mm|kg|g|l|ml|%|°C))?"

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_SCALE = (
    r"(?:millions?|billions?|thousand|mn|bn|[mk](?!\w)|Mio\.?|Mrd\.?|Millionen|Milliarden|millones|millón|"
    r"milioni|miliardi|milliards?)"
)
_AMOUNT = re.compile(
    rf"(?P<before>{SIGN})?\ ?(?P<number>{NUMBER})(?:\ ?(?P<scale>{_SCALE}))?(?:\ ?(?P<after>{SIGN}))?(?![\w])",
    re.VERBOSE,
)


def amount(match: re.Match[str], reading: Reading) -> Said:
    """Read an amount with the sign on either side and either decimal mark."""
    return amount_of(match[0], reading)


def amount_of(written: str, reading: Reading) -> str | None:
    """Return the words of an amount with its sign; None if it is none, or two readings fit."""
    found = _AMOUNT.fullmatch(written)
    return None if found is None else _money(found, reading)


def amounts(match: re.Match[str], reading: Reading) -> Said:
    """Read a range of amounts: `£7.50–£9`, `5–10 €`, `€5–10`."""
    first, second = (_AMOUNT.fullmatch(match[name]) for name in ("first", "second"))
    if first is None or second is None:
        return None
    signs = [one["before"] or one["after"] for one in (first, second)]
    if not any(signs):
        return None
    low = _money(first, reading) if all(signs) else reading.number(first["number"])
    high = _money(second, reading, sign=signs[0])
    return None if low is None or high is None else ranged(low, high, reading)


def _money(found: re.Match[str], reading: Reading, *, sign: str | None = None) -> str | None:
    sign = found["before"] or found["after"] or sign
    settled = settled_number(found["number"], reading.locale)
    if sign is None or settled is None:
        return None
    sign = _SIGNS.get(sign, sign)
    whole, _, cents = settled.partition(".")
    scale = f" {found['scale']}" if found["scale"] else ""
    if not scale and cents:
        cents = cents.ljust(2, "0")
    if cents.strip("0") == "":
        cents = ""
    number = reading.in_marks(f"{whole}.{cents}" if cents else whole)
    if language_of(reading.locale) != "en":
        return reading.say(f"{number}{scale} {sign}")
    return reading.say(f"{sign} {number}" if len(sign) > 1 else f"{sign}{number}{scale}")


LOW = r"(?:(?P<low>\d+(?:[.,]\d+)?)\ ?[-–—]\ ?)?"
"""Lower end of a range before a figure with its unit: `5-10 mins`."""


def with_low(match: re.Match[str], said: str | None, reading: Reading, *, one: str | None = None) -> str | None:
    """Return the reading of a figure and its unit after that of the range's lower end, if it has one.

    `one` is the word for a single one where it takes an ending.
    """
    low = match["low"]
    if low is None or said is None:
        return said
    first = one if one and low == "1" else reading.number(low)
    return None if first is None else ranged(first, said, reading)


def ranged(low: str, high: str, reading: Reading) -> str:
    """Return the words of a range."""
    return f"da {low} a {high}" if language_of(reading.locale) == "it" else f"{low} {reading.words.to} {high}"


def span(match: re.Match[str], reading: Reading) -> Said:
    """Read a span of time: `9:00-17:00`."""
    first, second = (one.replace(".", ":") for one in (match["first"], match["second"]))
    low, high = reading.say(first.strip()), reading.say(second.strip())
    if low is None or high is None:
        return None
    if language_of(reading.locale) == "it" and not re.search(
        r"\b(?:d?alle|tra le|fra le)\ $", match.string[: match.start()]
    ):
        return f"dalle {low} alle {high}"
    return f"{low} {reading.words.to} {high}"


def telephone(match: re.Match[str], reading: Reading) -> Said:
    """Read a telephone number group by group, digit by digit; French pairs are read as pairs."""
    written = match[0]
    groups = [group for group in re.split(r"[^\d+]+", written) if group]
    figures = "".join(groups).lstrip("+")
    if not _is_telephone(match, groups, figures, reading.locale):
        return None
    if len(groups) == 1:
        groups = list(_cut(groups[0], pairs=language_of(reading.locale) == "fr"))
        return ", ".join(_group(one, reading) for one in groups)
    last = len(groups) - 1
    parts = re.split(r"( )", written)
    found, at = [], -1
    for part in parts:
        inner = [group for group in re.split(r"[^\d+]+", part) if group]
        at += len(inner)
        spoken = ", ".join(_group(group, reading) for group in inner)
        found.append(Segment(part, f"{spoken}," if inner and at < last else spoken or part))
    return found


_DATE = re.compile(
    r"\d{1,2}([./-])\d{1,2}\1(?:\d{2}|\d{4})|\d{4}-\d{2}-\d{2}|\d+[./]\d+|\d{1,3}([.,])\d{3}(?:\2\d{3})*"
)


_TIMES_AFTER = re.compile(r"\ ?(?:Uhr|h|horas|heures|[ap]\.?\ ?m)\b")
"""What makes figures a span of time even after a call word: `Telefon 9-17 Uhr`."""


def _is_telephone(match: re.Match[str], groups: list[str], figures: str, locale: str) -> bool:
    written, count = match[0], len(figures)
    if (
        _TIMES_AFTER.match(match.string, match.end())
        or count < 3
        or count > 16
        or (_DATE.fullmatch(written) and not written.startswith("0"))
        or _is_day(written)
    ):
        return False
    if written.startswith(("+", "(+", "(0")):
        return count >= 6
    if after_call(match.string, match.start()):
        return True
    sizes = tuple(map(len, groups))
    if written.startswith("0"):
        return count >= 6 and (len(groups) > 1 or count >= 8)
    if (
        (sizes == (3, 3, 4) or (sizes == (3, 4) and groups[1].startswith("0")))
        and "–" not in written
        and "." not in written
    ):
        return True
    return language_of(locale) == "es" and count == 9 and len(groups) > 1 and written[0] in "6789"


def _is_day(written: str) -> bool:
    return re.fullmatch(r"\d{1,2}([./-])\d{1,2}\1(?:\d{2}|\d{4})", written) is not None


def _cut(figures: str, *, pairs: bool) -> Iterator[str]:
    """Cut a long number into groups to be remembered: of two in French, else of three, the last of up to four."""
    size = 2 if pairs and len(figures.lstrip("+")) % 2 == 0 else 3
    at = 0
    while len(figures) - at > size + (size == 3):
        yield figures[at : at + size]
        at += size
    yield figures[at:]


def _group(figures: str, reading: Reading) -> str:
    plus = f"{reading.words.plus} " if figures.startswith("+") else ""
    figures = figures.lstrip("+")
    pair = (
        reading.say(figures)
        if language_of(reading.locale) == "fr" and len(figures) == 2 and figures[0] != "0"
        else None
    )
    return plus + (pair or reading.digits(figures))


def address(match: re.Match[str], reading: Reading) -> Said:
    """Read an address of a page or of mail in words; nobody says `https://`."""
    words, written = reading.words, re.sub(r"^(?:https?|ftp)://|^mailto:", "", match[0])
    names = {"@": words.at, ".": words.dot, "/": words.slash, "-": words.hyphen, "_": words.underscore, **words.signs}
    host = re.split(r"[/?#]", written)[0]
    said = []
    for at, part in enumerate(re.findall(r"\d+|[^\W\d_]+|[\W_]", written.rstrip("/"))):
        if at == 0 and part.lower() == "www":
            said.append(words.www)
        elif part.isdecimal():
            said.append(reading.digits(part) if part.startswith("0") or len(part) > 4 else reading.say(part) or part)
        elif part.isalpha():
            said.append(part)
        else:
            said.append(names.get(part, part))
    ending = host.rpartition(".")[2]
    if len(ending) == 2:
        spelt = len(re.findall(r"\d+|[^\W\d_]+|[\W_]", host)) - 1
        said[spelt] = " ".join(ending)
    return " ".join(said)


def days(match: re.Match[str], reading: Reading) -> Said:
    """Read abbreviated days: a span (`Mon–Fri`), or one before figures."""
    first = reading.words.days.get(match["first"].rstrip(".").lower())
    second = reading.words.days.get((match["second"] or "").rstrip(".").lower())
    if first is None or (match["second"] and second is None):
        return None
    if second is None:
        return first
    if language_of(reading.locale) == "fr" and " au " in match[0]:
        return f"{first} au {second}{stop(match, before_capital=True)}"
    if language_of(reading.locale) == "it" and re.search(r"\bdal?\ $", match.string[: match.start()], re.IGNORECASE):
        return f"{first} {match['to'] or 'a'} {second}{stop(match, before_capital=True)}"
    joined = {"de": f"{first} bis {second}", "it": f"da {first} a {second}"}
    said = joined.get(language_of(reading.locale), f"{first} {reading.words.to} {second}")
    return said + stop(match, before_capital=language_of(reading.locale) != "de")


def listed_day(match: re.Match[str], reading: Reading) -> Said:
    """Read an abbreviated day that is a word, too, beside another, as `mar.` in `lun. et mar.` is."""
    days = "|".join(reading.words.days)
    before = re.search(rf"(?<!\w)(?:{days})\.(?:,|\ (?:et|ou|e|o|y))\ $", match.string[: match.start()], re.IGNORECASE)
    after = re.match(rf"(?:,|\ (?:et|ou|e|o|y))\ (?:{days})\.", match.string[match.end() :], re.IGNORECASE)
    if not before and not after:
        return None
    return reading.words.days[match[0][:-1].lower()] + stop(match, before_capital=True)


def short_times(match: re.Match[str], reading: Reading) -> Said:
    """Read `5-10 min.`: a range of what the grammars know for one figure."""
    said = with_low(match, reading.say(f"{match['number']} {match['unit']}"), reading)
    return None if said is None else said + stop(match, before_capital=True)


def hours(match: re.Match[str], reading: Reading) -> Said:
    """Read `1h 30m`: the m are minutes."""
    return reading.say(f"{match[1]} h {match[2]} min")


def measures(match: re.Match[str], reading: Reading) -> Said:
    """Read `3 x 4 m`: the unit is said once."""
    sizes = re.split(r"\ ?[x×]\ ?", match["sizes"])
    said = [reading.number(size) for size in sizes[:-1]]
    last = reading.say(f"{sizes[-1]} {match['unit']}" if match["unit"] else sizes[-1])
    if last is None or None in said:
        return None
    return f" {reading.words.by} ".join([*(one for one in said if one), last])


def repeated(match: re.Match[str], reading: Reading) -> Said:
    """Read `3x`: three times."""
    language, count = language_of(reading.locale), match[1]
    once = {"en": {"1": "once", "2": "twice"}, "de": {"1": "einmal"}, "es": {"1": "una vez"}, "it": {"1": "una volta"}}
    said = once.get(language, {}).get(count) or reading.say(count)
    if said is None or count in once.get(language, {}):
        return said
    return f"{said}mal" if language == "de" else f"{said} {reading.words.times}"


def ratio(match: re.Match[str], reading: Reading) -> Said:
    """Read `2:1`: two to one."""
    first, second = reading.say(match[1]), reading.say(match[2])
    to = {"de": "zu", "fr": "contre"}.get(language_of(reading.locale), reading.words.to)
    return None if first is None or second is None else f"{first} {to} {second}"


def at_least(match: re.Match[str], reading: Reading) -> Said:
    """Read `16+`: sixteen plus."""
    said = reading.say(match[1])
    return None if said is None else f"{said} {reading.words.plus}"


def numbered(match: re.Match[str], reading: Reading) -> Said:
    """Read `#1`: number one."""
    said = reading.say(match[1])
    return None if said is None else f"{reading.words.number} {said}"


def squares(match: re.Match[str], reading: Reading) -> Said:
    """Read the unit of `1.500 m²`: its number stays, or is read by itself, where its mark is another language's."""
    said = reading.say(f"2 {match['unit']}")
    two = reading.words.digits[2]
    return f" {said.removeprefix(two).strip()}" if said and said.startswith(f"{two} ") else None


def ampersand(match: re.Match[str], reading: Reading) -> Said:
    """Read `M&S`: M and S."""
    return f" {reading.words.and_} " if match[0] == "&" else f"{match[0].replace('&', reading.words.and_)}"


def plain_number(match: re.Match[str], reading: Reading) -> Said:
    """Read a number whose marks are those of another language, and only one reading fits: `1,5` in English."""
    clock = time_of_day(match, reading.locale)
    if clock and not match["unit"]:
        return reading.say(clock)
    settled = settled_number(match["number"], reading.locale)
    if settled is None or reading.in_marks(settled) == match["number"] or not re.search(r"[.,]", match["number"]):
        return None
    return reading.say(reading.in_marks(settled) + match["unit"])


_TLD = r"(?:com|org|net|info|eu|de|at|ch|es|fr|it|uk|io|app|dev|museum|gov|edu|tv|nl|be|pt|ie)"
_CLOCK = r"\d{1,2}(?:[:.]\d{2}|h\d{2}|\ ?h)"

SHORT_TIMES = rule(
    r"(?<![\w.,:-])(?P<low>\d+(?:[.,]\d+)?)\ ?[-–—]\ ?(?P<number>\d+(?:[.,]\d+)?)\ ?(?P<unit>min|seg|sec|s)\b\.?(?!\w)",
    short_times,
)

COMMON: tuple[Rule, ...] = (
    rule(r"(?<!\w)(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+", address),
    rule(
        r"(?:https?://|www\.)[^\s<>\"'()]*[^\W_]/?"
        rf"|(?<![\w.@-])(?!p\.es\.\ )[\w-]+(?:\.[\w-]+)*\.{_TLD}(?:/[\w./-]*\w/?)?(?![\w.-]\w|\w)",
        address,
    ),
    rule(rf"(?<![\w.,:/€$£-])(?P<first>{_CLOCK}){DASH}(?P<second>{_CLOCK})(?:\ ?(?:h|Uhr)\b)?(?![\d:.]\d|\w)", span),
    rule(r"(?<![\w.,:/€$£-])\(?\+?\(?\d[\d()./–\ -]*\d(?!\w|[.,:/]\d|\ ?[€$£%°])", telephone),
    rule(
        rf"(?<![\w.,])(?P<first>{SIGN}?\ ?{NUMBER}(?:\ ?{SIGN})?){DASH}"
        rf"(?P<second>{SIGN}?\ ?{NUMBER}(?:\ ?{_SCALE})?(?:\ ?{SIGN})?)(?!\w)",
        amounts,
    ),
    rule(rf"(?<![\w.,-])(?:{SIGN}\ ?{NUMBER}(?:\ ?{_SCALE})?|{NUMBER}(?:\ ?{_SCALE})?\ ?{SIGN})(?!\w)", amount),
    rule(
        r"(?<![\w.,])(?P<sizes>\d+(?:[.,]\d+)?(?:\ ?[x×]\ ?\d+(?:[.,]\d+)?)+)(?:\ ?(?P<unit>[kcm]?m|km))?(?!\w)",
        measures,
    ),
    rule(r"(?<![\w.,])(\d{1,2})\ ?h\ ?(\d{1,2})\ ?m(?:ins?)?(?!\w)", hours),
    rule(r"(?<=[.,]\d{3})\ ?(?P<unit>k?m²|cm²|m³)", squares),
    rule(r"(?<![\w.,])(\d{1,2})\ ?[x×](?!\w)", repeated),
    rule(r"(?<![\w.,:])(\d{1,3}):(\d)(?![\d:])", ratio),
    rule(r"(?<![\w.,])(\d{1,3})\+(?!\w)", at_least),
    rule(r"(?<![\w#])\#(\d{1,4})(?!\w)", numbered),
    rule(r"(?<=\w)&(?=\w)|(?<=\ )&(?=\ )", ampersand),
)
"""Rules in their order: the first that reads a place has it."""
