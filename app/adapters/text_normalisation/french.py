"""Rules of French."""

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


def _euros(match: re.Match[str], reading: Reading) -> Said:
    """Read `12€50`: the cents after the sign."""
    return reading.say(f"{match[1]},{match[3]} {match[2]}")


def _royal(match: re.Match[str], reading: Reading) -> Said:
    """Read `Louis XIV`: a number, but the first."""
    value = roman(match[2])
    said = {1: "premier"}.get(value) or (reading.say(str(value)) if value else None)
    return None if said is None else f"{match[1]} {said}"


def _roman(match: re.Match[str], reading: Reading) -> Said:
    said = reading.say(str(roman(match[2]))) if roman(match[2]) else None
    return None if said is None else f"{match[1]} {said}"


def _half(match: re.Match[str], reading: Reading) -> Said:
    """Read `½ heure`, `2 ½ heures`."""
    whole, noun = match[1], match[2]
    if noun in {"kg", "g", "l", "km", "m"}:
        return None
    if not whole:
        return f"une demi-{noun}" if noun in {"heure", "journée", "douzaine", "bouteille"} else f"un demi-{noun}"
    said = reading.say(f"{whole} {noun}")
    return (
        None if said is None else f"{said} et {'demie' if noun.startswith(('heure', 'journée', 'semaine')) else 'demi'}"
    )


def _cents(match: re.Match[str], reading: Reading) -> Said:
    said = with_low(match, reading.say(f"0,{match['number'].zfill(2)} €"), reading)
    return None if said is None else said + stop(match, before_capital=True)


def _pages(match: re.Match[str], reading: Reading) -> Said:
    first, second = reading.say(match[1]), reading.say(match[2]) if match[2] else ""
    if first is None or second is None:
        return None
    return f"pages {first} à {second}" if match[2] else f"page {first}"


_ROYAL = (
    "Louis|Charles|Henri|François|Philippe|Napoléon|Jean|Jean-Paul|Paul|Pie|Léon|Benoît|Grégoire|Clément|"
    "Édouard|George|Guillaume|Frédéric|Élisabeth|Catherine|Pierre|Alexandre|Nicolas|Ramsès|Albert|Léopold|"
    "Ferdinand|Jacques|Richard|Jules"
)
_NUMBERED = (
    "[Cc]hapitres?|[Pp]arties?|[Tt]omes?|[Vv]olumes?|[Ss]alles?|[Aa]ctes?|[Pp]hases?|[Nn]iveau|[Tt]ype|"
    "[Cc]lasse|[Ll]ivre|[Ss]ection|[Tt]erminal|[Pp]lanche"
)
_ABBREVIATIONS = {
    "tél.": "téléphone",
    "Tél.": "Téléphone",
    "max.": "maximum",
    "bd": "boulevard",
    "Bd": "Boulevard",
    "boul.": "boulevard",
    "chap.": "chapitre",
    "incl.": "inclus",
    "vs": "contre",
    "lun.": "lundi",
    "ven.": "vendredi",
    "dim.": "dimanche",
    "pl.": "place",
    "hab.": "habitants",
    "éd.": "édition",
    "bât.": "bâtiment",
    "r.": "rue",
    "janv.": "janvier",
    "févr.": "février",
    "juill.": "juillet",
    "oct.": "octobre",
    "nov.": "novembre",
    "déc.": "décembre",
}
_BEFORE_FIGURES = {
    "vol.": "volume",
    "fig.": "figure",
    "sept.": "septembre",
}
_DAYS = {"mar.": "mardi", "mer.": "mercredi", "jeu.": "jeudi", "sam.": "samedi"}
"""Abbreviations that are words, too, or names: `la mer.`, `un jeu.`"""

_NAMED = {"St": "Saint", "Ste": "Sainte", "Sts": "Saints"}
_DAY = "[Ll]un|[Mm]ar|[Mm]er|[Jj]eu|[Vv]en|[Ss]am|[Dd]im"

RULES: tuple[Rule, ...] = (
    *COMMON[:2],
    rule(rf"(?<![\w.])(?P<first>(?:{_DAY})\.?)(?:\ ?[-–—]\ ?|\ au\ )(?P<second>(?:{_DAY})\.?)(?!\w)", days),
    rule(r"(?<![\w.,])(\d+)\ ?(€|£|\$)\ ?(\d{2})(?![\d%€])", _euros),
    rule(rf"\b({_ROYAL})\ ([IVX]+)(?!\w){NO_INITIAL}", _royal),
    rule(rf"\b({_NUMBERED})\ ([IVX]+)(?!\w)", _roman),
    rule(r"(?<![\w.,])(\d+)?\ ?½\ ([\wé]+)", _half),
    rule(rf"(?<![\w.,-]){LOW}(?P<number>\d{{1,2}})\ ?(?:¢|cts?\b\.?)", _cents),
    rule(r"(?<!\w)pp?\.\ ?(\d+)(?:\ ?[-–]\ ?(\d+))?", _pages),
    rule(r"(?<!\w)[nN]°(\d+)", lambda match, reading: (said := reading.say(match[1])) and f"numéro {said}"),
    rule(r"(?<!\w)av\.(?=\ [A-ZÉ](?!\.|-))", lambda _, __: "avenue"),
    table(_NAMED, after=r"(?=[- ][A-ZÉ])"),
    rule(r"(?<=\d\ )sept\.(?!\w)", lambda _, __: "septembre"),
    SHORT_TIMES,
    table(_DAYS, after=BEFORE_DAY),
    rule(r"(?<![\w.])(?:[Mm]ar|[Mm]er|[Jj]eu|[Ss]am)\.(?!\w)", listed_day),
    table(_BEFORE_FIGURES, after=r"(?= ?\d)"),
    table(_ABBREVIATIONS, closing=frozenset({"hab.", "max.", "éd."})),
    *COMMON[2:],
    rule(rf"(?<![\w.,:/+-])(?P<number>{NUMBER})(?P<unit>{UNITS})(?![\w:/])", plain_number),
)
