"""Words of the rules, by language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


def listed(text: str) -> tuple[str, ...]:
    """Return the words of a text."""
    return tuple(text.split())


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one language: digits, signs, parts of addresses, days."""

    digits: tuple[str, ...]
    to: str
    and_: str
    by: str
    times: str
    plus: str
    number: str
    at: str
    dot: str
    slash: str
    hyphen: str
    underscore: str
    www: str
    days: Mapping[str, str]
    """Abbreviated days, in small letters and without a point."""
    months: tuple[str, ...]
    signs: Mapping[str, str]
    """Other signs inside addresses."""


def _days(written: str, names: str) -> dict[str, str]:
    """Return each abbreviation's day; abbreviations of one day are joined by `/`."""
    pairs = zip(written.split(), names.split(), strict=True)
    return {short: name for shorts, name in pairs for short in shorts.split("/")}


WORDS: Final[dict[str, Words]] = {
    "en": Words(
        digits=listed("zero one two three four five six seven eight nine"),
        to="to",
        and_="and",
        by="by",
        times="times",
        plus="plus",
        number="number",
        at="at",
        dot="dot",
        slash="slash",
        hyphen="dash",
        underscore="underscore",
        www="w w w",
        days=_days(
            "mon tue/tues wed/weds thu/thur/thurs fri sat sun",
            "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        ),
        months=listed("January February March April May June July August September October November December"),
        signs={"+": "plus", "?": "question mark", "=": "equals", "&": "and", "#": "hash", "%": "percent", "~": "tilde"},
    ),
    "de": Words(
        digits=listed("null eins zwei drei vier fünf sechs sieben acht neun"),
        to="bis",
        and_="und",
        by="mal",
        times="mal",
        plus="plus",
        number="Nummer",
        at="at",
        dot="Punkt",
        slash="Schrägstrich",
        hyphen="Bindestrich",
        underscore="Unterstrich",
        www="w w w",
        days=_days("mo di mi do fr sa so", "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
        months=listed("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
        signs={"+": "plus", "?": "Fragezeichen", "=": "gleich", "&": "und", "#": "Raute", "%": "Prozent", "~": "Tilde"},
    ),
    "es": Words(
        digits=listed("cero uno dos tres cuatro cinco seis siete ocho nueve"),
        to="a",
        and_="y",
        by="por",
        times="veces",
        plus="más",
        number="número",
        at="arroba",
        dot="punto",
        slash="barra",
        hyphen="guion",
        underscore="guion bajo",
        www="tres uves dobles",
        days=_days("lun mar mié/mie jue vie sáb/sab dom", "lunes martes miércoles jueves viernes sábado domingo")
        | _days("l m x j v s d", "lunes martes miércoles jueves viernes sábado domingo"),
        months=listed("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        signs={"+": "más", "?": "interrogación", "=": "igual", "&": "y", "#": "almohadilla", "%": "por ciento"},
    ),
    "fr": Words(
        digits=listed("zéro un deux trois quatre cinq six sept huit neuf"),
        to="à",
        and_="et",
        by="par",
        times="fois",
        plus="plus",
        number="numéro",
        at="arobase",
        dot="point",
        slash="slash",
        hyphen="tiret",
        underscore="tiret bas",
        www="w w w",
        days=_days("lun mar mer jeu ven sam dim", "lundi mardi mercredi jeudi vendredi samedi dimanche"),
        months=listed("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
        signs={"+": "plus", "?": "point d'interrogation", "=": "égal", "&": "et", "#": "dièse", "%": "pour cent"},
    ),
    "it": Words(
        digits=listed("zero uno due tre quattro cinque sei sette otto nove"),
        to="a",
        and_="e",
        by="per",
        times="volte",
        plus="più",
        number="numero",
        at="chiocciola",
        dot="punto",
        slash="barra",
        hyphen="trattino",
        underscore="trattino basso",
        www="vu vu vu",
        days=_days("lun mar mer gio ven sab dom", "lunedì martedì mercoledì giovedì venerdì sabato domenica"),
        months=listed("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
        signs={"+": "più", "?": "punto interrogativo", "=": "uguale", "&": "e", "#": "cancelletto", "%": "per cento"},
    ),
}
