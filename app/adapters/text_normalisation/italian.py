"""Rules of Italian."""

import re

from app.adapters.text_normalisation.english import roman
from app.adapters.text_normalisation.reading import Reading, Rule, Said, rule, stop, table
from app.adapters.text_normalisation.rules import (
    BEFORE_DAY,
    COMMON,
    LOW,
    NO_INITIAL,
    NUMBER,
    SHORT_TIMES,
    UNITS,
    days,
    listed_day,
    plain_number,
    with_low,
)


def _royal(match: re.Match[str], reading: Reading) -> Said:
    """Read `Luigi XIV`: the fourteenth."""
    value = roman(match[2])
    queen = match[1] in {"Elisabetta", "Caterina", "Maria", "Margherita", "Cristina"}
    said = reading.say(f"{value}{'ª' if queen else 'º'}") if value else None
    return None if said is None else f"{match[1]} {said}"


def _roman(match: re.Match[str], reading: Reading) -> Said:
    value = roman(match[2])
    said = reading.say(str(value)) if value else None
    return None if said is None else f"{match[1]} {said}"


def _century(match: re.Match[str], reading: Reading) -> Said:
    said = reading.say(f"{roman(match[1])}º") if roman(match[1]) else None
    return None if said is None else f"secolo {said}"


def _range(match: re.Match[str], reading: Reading) -> Said:
    """Read a range of numbers: from one to the other."""
    first, second = reading.number(match["first"]), reading.say(f"{match['second']}{match['unit'] or ''}")
    if first is None or second is None:
        return None
    before = match.string[: match.start()]
    if re.search(r"\bore\ $", before):
        return f"{first} alle {second}"
    if re.search(r"\b(?:da|dal|dalle|tra|fra)\ $", before):
        return f"{first} a {second}"
    years = all(re.fullmatch(r"1\d{3}|20\d{2}", match[name]) for name in ("first", "second"))
    return f"dal {first} al {second}" if years else f"da {first} a {second}"


def _half(match: re.Match[str], reading: Reading) -> Said:
    """Read `½ ora`, `2 ½ ore`."""
    whole, noun = match[1], match[2]
    if noun in {"kg", "g", "l", "km", "m"}:
        return None
    feminine = noun[-1] in "ae" and noun not in {"mese", "bicchiere"}
    if not whole:
        return f"mezz'{noun}" if noun[0] in "aeiou" else f"{'mezza' if feminine else 'mezzo'} {noun}"
    said = reading.say(f"{whole} {noun}")
    return None if said is None else f"{said} e {'mezza' if feminine else 'mezzo'}"


def _one(match: re.Match[str], reading: Reading) -> Said:
    """Read `1 ora`: un'ora."""
    del reading
    return f"un'{match[1]}"


def _cents(match: re.Match[str], reading: Reading) -> Said:
    said = with_low(match, reading.say(f"0,{match['number'].zfill(2)} €"), reading)
    return None if said is None else said + stop(match, before_capital=True)


def _saint(match: re.Match[str], reading: Reading) -> Said:
    """Read `S. Pietro`, `S. Anna`, `S. Stefano` by the name that follows."""
    del reading
    name = match[1]
    if name[0] in "AEIOU":
        return "Sant'"
    if name in _SHE or (name.endswith("a") and name not in {"Luca", "Andrea", "Mattia", "Barnaba"}):
        return "Santa "
    return "Santo " if re.match(r"S[^aeiou]|Z", name) else "San "


_SHE = {"Agnese", "Irene", "Matilde"}
_ROYAL = (
    "Luigi|Carlo|Vittorio[ ]Emanuele|Umberto|Pio|Leone|Benedetto|Gregorio|Clemente|Enrico|Federico|Filippo|"
    "Ferdinando|Francesco|Elisabetta|Caterina|Giovanni[ ]Paolo|Giovanni|Paolo|Alessandro|Napoleone|Ramses|"
    "Giorgio|Edoardo|Guglielmo|Cosimo|Urbano|Giulio|Sisto|Innocenzo|Bonifacio|Ottone|Margherita"
)
_NUMBERED = (
    "[Cc]apitol[oi]|[Pp]art[ei]|[Tt]om[oi]|[Vv]olum[ei]|[Ss]al[ae]|[Aa]tt[oi]|[Ff]as[ei]|[Ll]ivello|[Tt]ipo|"
    "[Cc]lasse|[Ll]ibro|[Ss]ezione|[Tt]erminal"
)
_ABBREVIATIONS = {
    "ca.": "circa",
    "tel.": "telefono",
    "Tel.": "Telefono",
    "max.": "massimo",
    "min.": "minuti",
    "a.C.": "avanti Cristo",
    "d.C.": "dopo Cristo",
    "a. C.": "avanti Cristo",
    "d. C.": "dopo Cristo",
    "cap.": "capitolo",
    "incl.": "incluso",
    "p.zza": "piazza",
    "P.zza": "Piazza",
    "c.so": "corso",
    "C.so": "Corso",
    "v.le": "viale",
    "lun.": "lunedì",
    "gio.": "giovedì",
    "ven.": "venerdì",
    "sab.": "sabato",
    "dom.": "domenica",
    "pagg.": "pagine",
    "p.es.": "per esempio",
    "p. es.": "per esempio",
    "n°": "numero",
    "N°": "Numero",
}
_BEFORE_FIGURES = {
    "n°": "numero",
    "N°": "Numero",
    "vol.": "volume",
    "fig.": "figura",
}
_DAYS = {"mar.": "martedì", "mer.": "mercoledì"}
"""Abbreviations that are words, too, or names: `al mar.`"""

_DAY = "[Ll]un|[Mm]ar|[Mm]er|[Gg]io|[Vv]en|[Ss]ab|[Dd]om"

RULES: tuple[Rule, ...] = (
    *COMMON[:2],
    rule(rf"(?<![\w.])(?P<first>(?:{_DAY})\.?)(?:\ ?[-–—]\ ?|\ (?P<to>al?)\ )(?P<second>(?:{_DAY})\.?)(?!\w)", days),
    rule(rf"\b({_ROYAL})\ ([IVX]+)(?!\w){NO_INITIAL}", _royal),
    rule(rf"\b({_NUMBERED})\ ([IVX]+)(?!\w)", _roman),
    rule(r"(?<!\w)sec\.\ ([IVX]+)(?!\w)", _century),
    rule(r"(?<![\w.,])(\d+)?\ ?½\ (\w+)", _half),
    rule(r"(?<![\w.,:/-])1\ (ora|arancia|altra|entrata|uscita|opera|area|aula|offerta|iscrizione)\b", _one),
    rule(rf"(?<![\w.,-]){LOW}(?P<number>\d{{1,2}})\ ?(?:¢|cts?\b\.?)", _cents),
    rule(r"(?<![\w.])S\.\ (?=([A-Z][a-zàèéìòù]+))", _saint),
    SHORT_TIMES,
    table(_DAYS, after=BEFORE_DAY),
    rule(r"(?<![\w.])(?:[Mm]ar|[Mm]er)\.(?!\w)", listed_day),
    table(_BEFORE_FIGURES, after=r"(?= ?\d)"),
    table(_ABBREVIATIONS, closing=frozenset({"min.", "max.", "a.C.", "d.C."})),
    *COMMON[2:],
    rule(
        r"(?<![\w.,:/€$£+-])(?P<first>\d{1,4})\ ?[-–]\ ?(?P<second>\d{1,4})"
        r"(?P<unit>\ ?(?:%|km|m|cm|kg|g|l|min|°C))?(?!\w|[.,:/-]\d|\ ?[€$£-])",
        _range,
    ),
    rule(rf"(?<![\w.,:/+-])(?P<number>{NUMBER})(?P<unit>{UNITS})(?![\w:/])", plain_number),
)
