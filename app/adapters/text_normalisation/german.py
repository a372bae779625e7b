"""Rules of German: ordinals and dates take their ending from the word before them."""

import re

from app.adapters.text_normalisation.english import roman
from app.adapters.text_normalisation.reading import Reading, Rule, Said, rule, stop, table
from app.adapters.text_normalisation.rules import COMMON, LOW, NUMBER, UNITS, days, plain_number, with_low
from app.adapters.text_normalisation.words import WORDS

_MONTHS = WORDS["de"].months
_MONTH = "|".join((*_MONTHS, "Jan\\.", "Feb\\.", "Apr\\.", "Aug\\.", "Sept?\\.", "Okt\\.", "Nov\\.", "Dez\\."))
_OBLIQUE = re.compile(
    r"\b(?:am|im|zum|vom|beim|dem|den|des|bis|ab|seit|nach|vor|in|zur|jeden|jedem|diesem|diesen|dieser|einem|einer|"
    r"ihrem|ihren|unserem|unseren|unserer|meinem|seinem|zwischen|und|ersten|letzten)\ $",
    re.IGNORECASE,
)
_DATIVE = re.compile(
    r"\b(?:in|an|auf|aus|bei|mit|nach|von|vor|zu|seit|über|unter|neben|hinter|zwischen|ab|gegenüber|während|wegen|"
    r"innerhalb|außerhalb)\ (?:der|dieser|jeder)\ $",
    re.IGNORECASE,
)
"""Prepositions with an article; before a feminine noun, `der` is never the nominative."""
_WEAK = re.compile(r"\b(?:der|die|das|dieser|diese|dieses|jeder|jede|jedes)\ $", re.IGNORECASE)
_FEMININE = (
    r"(?:Etage|Klasse|Straße|Stelle|Reihe|Stufe|Stunde|Woche|Auflage|Ausgabe|Linie|Ebene|Halle|Hälfte|Runde|"
    r"Person|Nacht|Fahrt|Führung|Sitzung|Abteilung|Tür)"
)
_NEUTER = (
    r"(?:Obergeschoss|Untergeschoss|Geschoss|OG|UG|Jahrhundert|Kapitel|Kind|Mal|Jahr|Haus|Stockwerk|Semester|"
    r"Quartal|Halbjahr|Bild|Buch|Regiment)"
)
_MASCULINE = (
    r"(?:Stock|Weltkrieg|Platz|Tag|Raum|Gang|Bezirk|Saal|Monat|Teil|Band|Akt|Termin|Advent|Rang|Besuch|Versuch|"
    r"Satz|Geburtstag|Hof|Eingang|Sonntag|Samstag|Montag|Dienstag|Mittwoch|Donnerstag|Freitag)"
)


def _stem(number: int, reading: Reading) -> str | None:
    """Return an ordinal without its ending: `dritt`."""
    said = reading.say(f"im {number}. Stock")
    return said.removeprefix("im ").removesuffix("en Stock") if said and said.endswith("en Stock") else None


def _inflected(number: int, match: re.Match[str], reading: Reading, strong: str) -> str | None:
    stem, before = _stem(number, reading), match.string[: match.start()]
    if stem is None:
        return None
    ending = "en" if _OBLIQUE.search(before) else "e" if _WEAK.search(before) else strong
    return stem + ending


def _ordinal(match: re.Match[str], reading: Reading) -> Said:
    noun = match[2]
    if _DATIVE.search(before := match.string[: match.start()]) or (
        re.match(_FEMININE, noun) and re.search(r"\bder\ $", before, re.IGNORECASE)
    ):
        stem = _stem(int(match[1]), reading)
        return None if stem is None else f"{stem}en"
    strong = "e" if re.match(_FEMININE, noun) else "es" if re.match(_NEUTER, noun) else "er"
    return _inflected(int(match[1]), match, reading, strong)


def _dative(match: re.Match[str], reading: Reading) -> Said:
    """Read `in der 2. Halbzeit`, whatever the noun."""
    stem = _stem(int(match[1]), reading) if _DATIVE.search(match.string[: match.start()]) else None
    return None if stem is None else f"{stem}en"


def _roman_century(match: re.Match[str], reading: Reading) -> Said:
    return _inflected(roman(match[1]), match, reading, "es") if roman(match[1]) else None


def _date(match: re.Match[str], reading: Reading) -> Said:
    """Read `24.12.2026`, `24.12.`: the month by its name."""
    day, month, year = int(match["day"]), int(match["month"]), match["year"]
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    said = _inflected(day, match, reading, "er")
    named = f" {_year(year, reading)}" if year else ""
    return None if said is None else f"{said} {_MONTHS[month - 1]}{named}"


def _named_date(match: re.Match[str], reading: Reading) -> Said:
    """Read `3. Mai`; `1.–3. Mai` are two."""
    said = _inflected(int(match[2]), match, reading, "er")
    if said is None or not match[1]:
        return said
    first = _inflected(int(match[1]), match, reading, "er")
    return None if first is None else f"{first} bis {said[:-1] + 'n' if said.endswith('er') else said}"


def _iso(match: re.Match[str], reading: Reading) -> Said:
    month = int(match[2])
    said = _inflected(int(match[3]), match, reading, "er") if 1 <= month <= 12 else None
    return None if said is None else f"{said} {_MONTHS[month - 1]} {_year(match[1], reading)}"


def _year(year: str, reading: Reading) -> str:
    """Read a year: from 2000 on as a number, before in hundreds."""
    if len(year) == 2:
        return reading.say(year) or year
    return (reading.say(f"{year[0]}.{year[1:]}") if year.startswith("2") else reading.say(year)) or year


def _late_year(match: re.Match[str], reading: Reading) -> Said:
    return _year(match[0], reading)


def _king(match: re.Match[str], reading: Reading) -> Said:
    """Read `Ludwig XIV.`, `Ludwigs XIV.`: the fourteenth of his name."""
    value = roman(match[2])
    stem = _stem(value, reading) if value else None
    if stem is None:
        return None
    queen = match[1].rstrip("s") in {"Elisabeth", "Katharina", "Margarethe", "Maria"}
    article = (
        ("die " if queen else "der ")
        if not match[1].endswith("s") or match[1] in {"Ramses", "Pius", "Carlos", "Julius"}
        else "des "
    )
    if article == "der " and re.search(
        r"\b(?:von|unter|mit|bei|zu|seit|nach|dem|Papst|König|Kaiser)\ $", match.string[: match.start()]
    ):
        article = "dem " if not re.search(r"\b(?:Papst|König|Kaiser)\ $", match.string[: match.start()]) else "der "
    ends = match[3] and not match.string[match.end() :].strip(" \"'”’»)")
    return f"{match[1]} {article}{stem.capitalize()}{'e' if article in {'der ', 'die '} else 'en'}" + (
        "." if ends else ""
    )


def _roman(match: re.Match[str], reading: Reading) -> Said:
    said = reading.say(str(roman(match[2]))) if roman(match[2]) else None
    return None if said is None else f"{match[1]} {said}"


def _one(match: re.Match[str], reading: Reading) -> Said:
    """Read `1 Stunde`: eine."""
    del reading
    feminine = re.match(
        r"\w+(?:e|ung|heit|keit|ion|schaft|tät|thek|ur)\b|Person|Nacht|Tür|Zahl|Fahrt|Stadt|Wand|Hand|Bahn", match[1]
    )
    masculine = {"Name", "Junge", "Kollege", "Kunde", "Euro", "Käse", "Ende", "Auge", "Gebäude"}
    return "eine" if feminine and match[1] not in masculine else "ein"


def _half(match: re.Match[str], reading: Reading) -> Said:
    """Read `½ Stunde`, `2½ Stunden`."""
    whole = match[1]
    if whole:
        said = "ein" if whole == "1" else reading.say(whole)
        return None if said is None else f"{said}einhalb"
    following = re.match(r"\ (\w+)", match.string[match.end() :])
    if following is None:
        return "ein halb"
    if following[1] in {"Liter", "Kilo", "Kilogramm", "Meter", "Kilometer", "Pfund", "Jahr", "Glas", "Stück"}:
        return "ein halbes" if following[1] in {"Kilo", "Kilogramm", "Pfund", "Jahr", "Glas", "Stück"} else "ein halber"
    return "eine halbe" if following[1].endswith("e") else "ein halber"


_UNITS = {
    "Std.": ("Stunde", "Stunden"),
    "Min.": ("Minute", "Minuten"),
    "Std": ("Stunde", "Stunden"),
    "Min": ("Minute", "Minuten"),
    "min.": ("Minute", "Minuten"),
    "min": ("Minute", "Minuten"),
    "Sek.": ("Sekunde", "Sekunden"),
    "ct": ("Cent", "Cent"),
    "Ct.": ("Cent", "Cent"),
    "J.": ("Jahr", "Jahre"),
    "Pers.": ("Person", "Personen"),
    "Fr.": ("Franken", "Franken"),
    "Mio.": ("Million", "Millionen"),
    "Mrd.": ("Milliarde", "Milliarden"),
}


def _unit(match: re.Match[str], reading: Reading) -> Said:
    unit, number = match["unit"], match["number"]
    one = "ein" if unit in {"ct", "Ct.", "J.", "Fr."} else "eine"
    said = one if number == "1" else reading.number(number)
    named = None if said is None else f"{said} {_UNITS[unit][number != '1']}{stop(match, before_capital=False)}"
    return with_low(match, named, reading, one=one)


def _clock(match: re.Match[str], reading: Reading) -> Said:
    return reading.say(f"{match[1]}:{match[2]} Uhr")


def _street(match: re.Match[str], reading: Reading) -> Said:
    del reading
    return f"{match[1]}traße" if match[1] in {"S", "s"} else None


_ROYAL = (
    r"(?:Ludwig|Heinrich|Wilhelm|Friedrich|Karl|Otto|Ferdinand|Franz|Leopold|Maximilian|Rudolf|Philipp|Georg|"
    r"Eduard|Jakob|Elisabeth|Katharina|Peter|Alexander|Nikolaus|Napoleon|Johannes|Paul|Pius|Leo|Benedikt|"
    r"Gregor|Ramses|Gustav|Christian|Margarethe|August|Konrad|Albrecht|Joseph|Josef|Julius)s?"
)
_NUMBERED = (
    r"Kapitel|Teil|Band|Akt|Raum|Saal|Halle|Stufe|Phase|Typ|Klasse|Abschnitt|Tafel|Buch|Weltkrieg|Szene|Hartz|Terminal"
)
_ABBREVIATIONS = {
    "z. T.": "zum Teil",
    "z.T.": "zum Teil",
    "z. Zt.": "zur Zeit",
    "z.Zt.": "zur Zeit",
    "zzgl.": "zuzüglich",
    "exkl.": "exklusive",
    "MwSt.": "Mehrwertsteuer",
    "mind.": "mindestens",
    "max.": "maximal",
    "Tel.": "Telefon",
    "tel.": "telefonisch",
    "tägl.": "täglich",
    "v. a.": "vor allem",
    "v.a.": "vor allem",
    "v. Chr.": "vor Christus",
    "n. Chr.": "nach Christus",
    "geb.": "geboren",
    "gest.": "gestorben",
    "Abb.": "Abbildung",
    "Bd.": "Band",
    "Jh.": "Jahrhundert",
    "Jhd.": "Jahrhundert",
    "Str.": "Straße",
    "Pl.": "Platz",
    "einschl.": "einschließlich",
    "gegr.": "gegründet",
    "s. o.": "siehe oben",
    "s. u.": "siehe unten",
    "u. Ä.": "und Ähnliches",
    "o. Ä.": "oder Ähnliches",
    "Mo.": "Montag",
    "Di.": "Dienstag",
    "Mi.": "Mittwoch",
    "Do.": "Donnerstag",
    "Sa.": "Samstag",
    "Std.": "Stunden",
    "vgl.": "vergleiche",
    "ggf.": "gegebenenfalls",
    "i. d. R.": "in der Regel",
    "Kap.": "Kapitel",
}
_FIGURED = {"S.": "Seite", "§": "Paragraf", "Nr.": "Nummer", "No.": "Nummer"}
_DAY = "Mo|Di|Mi|Do|Fr|Sa|So"

RULES: tuple[Rule, ...] = (
    *COMMON[:2],
    rule(rf"(?<![\w.])(?P<first>(?:{_DAY})\.?)(?:\ ?[-–—]\ ?|\ bis\ )(?P<second>(?:{_DAY})\.?)(?!\w)", days),
    rule(rf"(?<![\w.])(?P<first>(?:{_DAY})\.?)(?P<second>)(?=,?\ \d)", days),
    rule(r"(?<![\d/.-])(?P<day>\d{1,2})\.\ ?(?P<month>\d{1,2})\.(?:\ ?(?P<year>\d{4}|\d{2}(?!\d)))?(?!\d)", _date),
    rule(r"(?<![\d/.-])(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})(?![\d/])", _date),
    rule(r"(?<![\d/.-])(\d{4})-(\d{2})-(\d{2})(?![\d/-])", _iso),
    rule(rf"(?<![\w.,])(?:(\d{{1,2}})\.\ ?[-–]\ ?)?(\d{{1,2}})\.(?=\ (?:{_MONTH})(?!\w))", _named_date),
    rule(rf"(?<![\w.,])(\d{{1,3}})\.(?=\ (\w*(?:{_FEMININE}|{_NEUTER}|{_MASCULINE})))", _ordinal),
    rule(r"(?<![\w.,])(\d{1,3})\.(?=\ [A-ZÄÖÜ])", _dative),
    rule(r"(?<!\w)([IVX]+)\.(?=\ (?:Jahrhundert|Jh))", _roman_century),
    rule(rf"\b({_ROYAL})\ ([IVX]+)(\.)?(?!\w)", _king),
    rule(rf"\b({_NUMBERED})\ ([IVX]+)\b", _roman),
    rule(r"(?<![\w.,])(\d{1,2})[.](\d{2})(?=\ ?Uhr\b)\ ?Uhr", _clock),
    rule(
        rf"(?<![\w.,-]){LOW}(?P<number>\d+(?:[.,]\d+)?)\ ?(?P<unit>{'|'.join(map(re.escape, _UNITS))})"
        r"(?!\w|\ ?[€$£])",
        _unit,
    ),
    rule(r"(?<![\w.,:/€$£-])20\d\d(?!\w|[.,:/]\d|\ ?[-–]\d|\ ?[€$£%°]|\.(?:\ |$)(?=[a-z]))", _late_year),
    rule(r"(?<![\w.,])(\d+)?\ ?½", _half),
    rule(r"(?<![\w.,:/-])1(?=\ ([A-ZÄÖÜ][\wäöüß]+))", _one),
    rule(r"(?<=[a-zäöüß])(s)tr\.(?=\ ?\d|\ |$|,)", _street),
    table(_FIGURED, after=r"(?= ?\d)"),
    table(_ABBREVIATIONS),
    *COMMON[2:],
    rule(
        rf"(?<![\w.,:/+-])(?P<number>{NUMBER})(?P<unit>{UNITS})(?![\w:/]|\.\d|\.\ [a-z])",
        plain_number,
    ),
)
