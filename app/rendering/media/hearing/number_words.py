"""Number words of five languages: runs of them become digits, so that `nineteen thirty-one` is 1931."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final


@dataclass(frozen=True)
class Numerals:
    """Number words of a language.

    `values`: words that stand for a number by themselves; `hundred`, `thousand`, `million`: words that multiply what
    comes before; `links`: words inside a number (`and`); `points`: words of the decimal mark; `ones`: words that are
    articles or pronouns as well, and count only beside other number words; `compounds`: numbers are written in one.
    """

    values: Mapping[str, int]
    hundred: frozenset[str]
    thousand: frozenset[str]
    million: frozenset[str]
    links: frozenset[str]
    points: frozenset[str]
    ones: frozenset[str]
    compounds: bool = False


def _counted(*rows: tuple[int, int, str]) -> dict[str, int]:
    """Return words with their values: each row is a first value, a step and words; forms of one value have a `/`."""
    return {
        form: first + at * step
        for first, step, words in rows
        for at, forms in enumerate(words.split())
        for form in forms.split("/")
    }


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NUMERALS: Final[Mapping[str, Numerals]] = {
    "en": Numerals(
        _counted(
            (0, 1, "zero/oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"),
            (16, 1, "sixteen seventeen eighteen nineteen"),
            (20, 10, "twenty thirty forty/fourty fifty sixty seventy eighty ninety"),
            (1, 1, "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"),
            (14, 1, "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"),
            (20, 10, "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"),
        ),
        _set("hundred hundredth"), _set("thousand thousandth"), _set("million millionth"), _set("and"), _set("point"),
        _set("one first oh"),
    ),
    "de": Numerals(
        _counted(
            (0, 1, "null eins/ein/eine/einen/einem/einer/eines zwei/zwo drei vier fünf sechs sieben acht neun zehn"),
            (11, 1, "elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"),
            (20, 10, "zwanzig dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig"),
            (1, 1, "erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft"),
        ),
        _set("hundert"), _set("tausend"), _set("million millionen"), _set("und"), _set("komma"),
        _set("eins ein eine einen einem einer eines erst"), compounds=True,
    ),
    "es": Numerals(
        _counted(
            (0, 1, "cero uno/un/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"),
            (16, 1, "dieciséis/dieciseis diecisiete dieciocho diecinueve veinte veintiuno/veintiún/veintiuna"),
            (22, 1, "veintidós/veintidos veintitrés/veintitres veinticuatro veinticinco veintiséis/veintiseis"),
            (27, 1, "veintisiete veintiocho veintinueve treinta"),
            (40, 10, "cuarenta cincuenta sesenta setenta ochenta noventa cien/ciento"),
            (200, 100, "doscientos/doscientas trescientos/trescientas cuatrocientos/cuatrocientas"),
            (500, 100, "quinientos/quinientas seiscientos/seiscientas setecientos/setecientas"),
            (800, 100, "ochocientos/ochocientas novecientos/novecientas"),
            (1, 1, "primero/primer/primera segundo/segunda tercero/tercer/tercera cuarto/cuarta quinto/quinta"),
            (6, 1, "sexto/sexta séptimo/séptima octavo/octava noveno/novena décimo/décima"),
        ),
        frozenset(), _set("mil"), _set("millón millones"), _set("y"), _set("coma"),
        _set("uno un una primero primer primera"),
    ),
    "fr": Numerals(
        _counted(
            (0, 1, "zéro un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"),
            (20, 10, "vingt/vingts trente quarante cinquante soixante septante huitante/octante nonante"),
            (1, 1, "premier/première deuxième/second/seconde troisième quatrième cinquième sixième septième huitième"),
            (9, 1, "neuvième dixième onzième douzième treizième quatorzième quinzième seizième"),
        ),
        _set("cent cents centième"), _set("mille"), _set("million millions"), _set("et"), _set("virgule"),
        _set("un une premier première"),
    ),
    "it": Numerals(
        _counted(
            (0, 1, "zero uno/un/una due tre/tré quattro cinque sei sette otto nove dieci undici dodici tredici"),
            (14, 1, "quattordici quindici sedici diciassette diciotto diciannove"),
            (20, 10, "venti/vent trenta/trent quaranta/quarant cinquanta/cinquant sessanta/sessant settanta/settant"),
            (80, 10, "ottanta/ottant novanta/novant"),
            (1, 1, "primo/prima secondo/seconda terzo/terza quarto/quarta quinto/quinta sesto/sesta settimo/settima"),
            (8, 1, "ottavo/ottava nono/nona decimo/decima"),
        ),
        _set("cento cent"), _set("mille mila"), _set("milione milioni"), _set("e"), _set("virgola"),
        _set("uno un una primo prima sei"), compounds=True,
    ),
}  # fmt: skip
"""Number words by language."""

STOPS: Final = frozenset(",;:.!?")
"""Marks between words that end a number, unless it is said digit by digit."""

_FIGURES = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Run:
    """Word, or a run of number words in digits; `numbers` are those that a longer run was written together from."""

    text: str
    numbers: tuple[str, ...] = ()


def with_figures(tokens: Sequence[str], language: str) -> tuple[str, ...]:
    """Return words with each run of number words as digits, without stops."""
    return tuple(run.text for run in runs_of(tokens, language))


def runs_of(tokens: Sequence[str], language: str) -> tuple[Run, ...]:
    """Return words and runs of numbers, without stops; a language without a table keeps its words."""
    numerals = NUMERALS.get(language)
    if numerals is None:
        return tuple(Run(token) for token in tokens if token not in STOPS)
    return tuple(_runs([part for token in tokens for part in _atoms(token, language)], numerals))


def is_figure(word: str) -> bool:
    """Return whether a word is a number in digits."""
    return _FIGURES.fullmatch(word) is not None


@lru_cache(maxsize=4096)
def _atoms(token: str, language: str) -> tuple[str, ...]:
    """Return the number words that a compound is written from, such as `zweihundertfünf`; else the word alone."""
    numerals = NUMERALS[language]
    if not numerals.compounds or _is_numeral(token, numerals):
        return (token,)
    stem = re.sub(r"(?:st)?e[nrsm]?$", "", token) if language == "de" and len(token) > 4 else token
    return _taken_apart(token, language) or _taken_apart(stem, language) or (token,)


@lru_cache(maxsize=4096)
def _taken_apart(token: str, language: str) -> tuple[str, ...]:
    numerals = NUMERALS[language]
    parts = [
        *(word for word in numerals.values),
        *numerals.hundred,
        *numerals.thousand,
        *(numerals.links if language == "de" else ()),
    ]
    for part in sorted(parts, key=len, reverse=True):
        if token == part:
            return (part,)
        if token.startswith(part):
            rest = _taken_apart(token[len(part) :], language)
            if rest:
                return (part, *rest)
    return ()


def _is_numeral(token: str, numerals: Numerals) -> bool:
    return (
        token in numerals.values or token in numerals.hundred or token in numerals.thousand or token in numerals.million
    )


def _runs(tokens: Sequence[str], numerals: Numerals) -> Iterator[Run]:
    at = 0
    while at < len(tokens):
        end = _end_of_run(tokens, at, numerals)
        run = tokens[at:end]
        if run and not (len(run) == 1 and run[0] in numerals.ones):
            yield _digits(run, numerals)
            at = end
            continue
        if tokens[at] not in STOPS:
            yield Run(tokens[at], tuple(str(numerals.values[token]) for token in run))
        at += 1


def _end_of_run(tokens: Sequence[str], start: int, numerals: Numerals) -> int:
    end = start
    for at in range(start, len(tokens)):
        token = tokens[at]
        if _counts(token, numerals):
            end = at + 1
        elif (
            at == start
            or at != end
            or not (token in numerals.points or _links(tokens, at, numerals) or _goes_over(tokens, start, at, numerals))
        ):
            break
    return end


def _counts(token: str, numerals: Numerals) -> bool:
    return _is_numeral(token, numerals) or is_figure(token)


def _goes_over(tokens: Sequence[str], start: int, at: int, numerals: Numerals) -> bool:
    """Return whether a number goes on after a stop: `two thousand, five hundred`, and one said digit by digit."""
    if tokens[at] not in STOPS:
        return False
    if tokens[at] == "," and tokens[at - 1] in numerals.thousand | numerals.million:
        return True
    before = [token for token in tokens[start:at] if token not in STOPS]
    end = at + 1
    while end < len(tokens) and _counts(tokens[end], numerals):
        end += 1
    after = tokens[at + 1 : end]
    is_code = len(_sizes(before, numerals)) > 1 and _sizes(before, numerals)[0] == "0"
    return (is_code or _is_spelled(before, numerals)) and (
        _is_spelled(after, numerals) or (is_code and len(_sizes(after, numerals)) > 1)
    )


def _sizes(words: Sequence[str], numerals: Numerals) -> str:
    """Return the digits of words, one after the other."""
    return "".join(str(numerals.values.get(word, word)) for word in words)


def _is_spelled(words: Sequence[str], numerals: Numerals) -> bool:
    """Return whether a number is said digit by digit."""
    digits = _sizes(words, numerals)
    return (len(words) > 1 and len(digits) == len(words)) or (len(digits) > 1 and digits[0] == "0")


def _links(tokens: Sequence[str], at: int, numerals: Numerals) -> bool:
    """Return whether a link stands inside one number: `hundred and five`, `treinta y uno`, `fünf und zwanzig`."""
    if tokens[at] not in numerals.links:
        return False
    before, after = tokens[at - 1], tokens[at + 1] if at + 1 < len(tokens) else ""
    big = before in numerals.hundred | numerals.thousand | numerals.million
    value, following = numerals.values.get(before, 0), numerals.values.get(after, 0)
    tens = 20 <= value < 100 and 0 < following < 12 and "hundred" not in numerals.hundred
    turned = "hundert" in numerals.hundred and 0 < value < 10 and 20 <= following < 100
    return bool(following) and (big or tens or turned)


class _NumberRun:
    """Run of number words that become digits; `room` is what the next word must be smaller than to go on a number."""

    def __init__(self, numerals: Numerals) -> None:
        self._numerals = numerals
        self._twenties = "vingt" in numerals.values
        self._parts: list[str] = []
        self._start()

    def _start(self) -> None:
        self._total = self._part = 0
        self._room = 1
        self._begun = False

    def end(self) -> Run:
        """End the number and return the digits of the whole run."""
        if self._begun:
            self._parts.append(str(self._total + self._part))
        self._start()
        text = "".join(self._parts)
        return Run(text, tuple(self._parts) if "." not in text else ())

    def word(self, token: str) -> None:
        """Take the next word."""
        numerals = self._numerals
        if is_figure(token):
            self._figure(token)
        elif token in numerals.points:
            self.end()
            self._parts.append(".")
        elif token in numerals.hundred:
            self._hundred()
        elif token in numerals.thousand or token in numerals.million:
            self._thousand(1000 if token in numerals.thousand else 1_000_000)
        else:
            self._value(numerals.values[token])

    def _figure(self, token: str) -> None:
        if self._begun or token.startswith("0") or "." in token or len(token) > 3:
            self.end()
            self._parts.append(token)
        else:
            self._add(int(token))

    def _hundred(self) -> None:
        if self._begun and self._room <= 100 and not 0 < self._part < 100:
            self.end()
        self._part = self._part * 100 if 0 < self._part < 100 else self._part + 100
        self._begun, self._room = True, 100

    def _thousand(self, by: int) -> None:
        if any("." in part for part in self._parts):
            whole = Decimal(self.end().text) * by  # two point five million
            self._parts.clear()
            self._total = int(whole)
            self._begun, self._room = True, by
            return
        before = self._part or 1
        self._total = (self._total + before) * by if by > 1000 else self._total + before * by
        self._part = 0
        self._begun, self._room = True, by

    def _value(self, value: int) -> None:
        if self._twenties and value == 20 and self._begun and self._part % 100 == 4:
            self._part += 76  # four twenties
            self._room = 10
            return
        if not self._goes_on(value):
            self.end()
        self._add(value)

    def _goes_on(self, value: int) -> bool:
        """Return whether a value belongs to the number; French counts on from sixty, eighty and ten."""
        if not self._begun or 0 < value < self._room:
            return True
        rest = self._part % 100
        return self._twenties and (
            (rest in {60, 80} and 10 <= value < 17) or (rest in {10, 70, 90} and 7 <= value <= 9)
        )

    def _add(self, value: int) -> None:
        self._part += value
        self._begun = True
        self._room = 1 if value < 20 else 10 if value < 100 else 100


def _digits(run: Sequence[str], numerals: Numerals) -> Run:
    """Return the digits of a run: its numbers one after the other, decimal marks as points."""
    digits = _NumberRun(numerals)
    for token in _turned(run, numerals):
        digits.word(token)
    return digits.end()


def _turned(run: Sequence[str], numerals: Numerals) -> list[str]:
    """Return the run with `fünf und zwanzig` as `zwanzig fünf`, and without other links."""
    words = list(run)
    if "hundert" in numerals.hundred:
        for at in range(1, len(words) - 1):
            before, after = numerals.values.get(words[at - 1], 0), numerals.values.get(words[at + 1], 0)
            if words[at] in numerals.links and 0 < before < 10 and 20 <= after < 100:
                words[at - 1], words[at + 1] = words[at + 1], words[at - 1]
    return [word for word in words if word not in numerals.links | STOPS]
