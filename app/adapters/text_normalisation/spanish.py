"""Rules of Spanish."""

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


def _shortened(match: re.Match[str], reading: Reading) -> Said:
    """Read `3.º piso`: an ordinal before its noun loses its end."""
    return "primer" if match[1] == "1" else "tercer" if match[1] == "3" else reading.say(f"{match[1]}.º")


def _royal(match: re.Match[str], reading: Reading) -> Said:
    """Read `Felipe II`, `Isabel II`: an ordinal up to ten, then a number."""
    value = roman(match[2])
    if not value:
        return None
    queen = match[1] in {"Isabel", "Catalina", "María", "Margarita", "Cristina"}
    said = reading.say(f"{value}.{'ª' if queen else 'º'}") if value <= 10 else reading.say(str(value))
    return None if said is None else f"{match[1]} {said}"


def _roman(match: re.Match[str], reading: Reading) -> Said:
    said = reading.say(str(roman(match[2]))) if roman(match[2]) else None
    return None if said is None else f"{match[1]} {said}"


def _century(match: re.Match[str], reading: Reading) -> Said:
    said = reading.say(str(roman(match[1]))) if roman(match[1]) else None
    return None if said is None else f"siglo {said}"


def _half(match: re.Match[str], reading: Reading) -> Said:
    """Read `½ hora`, `2 ½ horas`."""
    whole, noun = match[1], match[2]
    if noun in {"kg", "g", "l", "km", "m"}:
        return None
    feminine = noun.endswith(("a", "as"))
    if not whole:
        return f"media {noun}" if feminine else f"medio {noun}"
    said = reading.say(f"{whole} {noun}")
    return None if said is None else f"{said} y {'media' if feminine else 'medio'}"


def _hours(match: re.Match[str], reading: Reading) -> Said:
    """Read `9:30 h` and `17:00 h`."""
    said = reading.say(f"{match[1]}:{match[2]}")
    return None if said is None else (f"{said} horas" if match[2] == "00" else said)


def _cents(match: re.Match[str], reading: Reading) -> Said:
    said = with_low(match, reading.say(f"0,{match['number'].zfill(2)} €"), reading)
    return None if said is None else said + stop(match, before_capital=True)


def _pages(match: re.Match[str], reading: Reading) -> Said:
    first, second = reading.say(match[1]), reading.say(match[2])
    return None if first is None or second is None else f"páginas {first} a {second}"


_ROYAL = (
    "Felipe|Alfonso|Carlos|Fernando|Isabel|Juan|Pedro|Jaime|Enrique|Sancho|Luis|Pío|León|Benedicto|Gregorio|"
    "Clemente|Napoleón|Jorge|Eduardo|Guillermo|Federico|Ramsés|Francisco|José|Amadeo|Catalina|Juan[ ]Pablo|"
    "Alejandro|Julio"
)
_NUMBERED = (
    "[Cc]apítulos?|[Pp]artes?|[Tt]omos?|[Vv]olumen|[Ss]alas?|[Aa]ctos?|[Ff]ases?|[Nn]ivel|[Tt]ipo|[Cc]lase|"
    "[Ll]ibro|[Ss]ección|[Mm]undial|[Tt]erminal"
)
_ABBREVIATIONS = {
    "prof.": "profesor",
    "Prof.": "Profesor",
    "Profa.": "Profesora",
    "tel.": "teléfono",
    "Tel.": "Teléfono",
    "tfno.": "teléfono",
    "teléf.": "teléfono",
    "máx.": "máximo",
    "mín.": "mínimo",
    "dpto.": "departamento",
    "Dpto.": "Departamento",
    "Av.": "Avenida",
    "Avda.": "Avenida",
    "av.": "avenida",
    "avda.": "avenida",
    "c/": "calle",
    "C/": "Calle",
    "pl.": "plaza",
    "Pl.": "Plaza",
    "Pza.": "Plaza",
    "págs.": "páginas",
    "vs.": "contra",
    "incl.": "incluido",
    "izq.": "izquierda",
    "dcha.": "derecha",
    "hab.": "habitantes",
    "min.": "minutos",
    "cap.": "capítulo",
    "edif.": "edificio",
    "lun.": "lunes",
    "mié.": "miércoles",
    "jue.": "jueves",
    "vie.": "viernes",
    "sáb.": "sábado",
    "dom.": "domingo",
}
_DAYS = {"mar.": "martes"}
"""An abbreviation that is a word, too: `el mar.`"""

_DAY = "[Ll]un|[Mm]ar|[Mm]i[eé]|[Jj]ue|[Vv]ie|[Ss][aá]b|[Dd]om"

RULES: tuple[Rule, ...] = (
    *COMMON[:2],
    rule(rf"(?<![\w.])(?P<first>(?:{_DAY})\.?)(?:\ ?[-–—]\ ?|\ a\ )(?P<second>(?:{_DAY})\.?)(?!\w)", days),
    rule(r"(?<![\w.-])(?P<first>L)\ ?[-–]\ ?(?P<second>[VSDJ])(?![\w-])", days),
    rule(r"(?<![\w.,])([1-9]|10)\.?[º°](?=\ [a-záéíóúñ])", _shortened),
    rule(rf"\b({_ROYAL})\ ([IVX]+)(?!\w){NO_INITIAL}", _royal),
    rule(rf"\b({_NUMBERED})\ ([IVX]+)(?!\w)", _roman),
    rule(r"(?<!\w)s\.\ ?([IVX]+)(?!\w)", _century),
    rule(r"(?<![\w.,])(\d+)?\ ?½\ (\w+)", _half),
    rule(r"(?<![\w.,:])(\d{1,2})[:.](\d{2})\ ?h(?:oras|rs?)?\b", _hours),
    rule(rf"(?<![\w.,-]){LOW}(?P<number>\d{{1,2}})\ ?(?:¢|cts?\b\.?)", _cents),
    rule(r"(?<!\w)págs?\.\ (\d+)\ ?[-–]\ ?(\d+)", _pages),
    SHORT_TIMES,
    table(_DAYS, after=BEFORE_DAY),
    rule(r"(?<![\w.])(?:[Mm]ar)\.(?!\w)", listed_day),
    table({"fig.": "figura"}, after=r"(?= ?\d)"),
    table(
        _ABBREVIATIONS,
        after=r"(?=\s|\d|$)",
        closing=frozenset({"min.", "hab.", "izq.", "dcha.", "máx.", "mín."}),
    ),
    *COMMON[2:],
    rule(
        rf"(?<![\w.,:/+-])(?P<number>{NUMBER})(?P<unit>{UNITS})(?![\w:/º]|\.[º\d])",
        plain_number,
    ),
)
