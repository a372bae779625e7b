"""Kinds of question: what each asks for, and by what a statement shows that it says such a thing.

All patterns are for normalised text, English and German. A question of an unknown kind asks for nothing special.
"""

import re
from dataclasses import dataclass
from functools import cache

from app.matching.guards.compare import stem
from app.matching.normalise import normalise, words
from app.matching.word_classes import CLASSES
from app.matching.word_lists import FUNCTION_WORDS, NUMBER_WORDS, word_list

_COUNTED = "|".join(
    sorted(
        word_list(
            "one dozen dozens hundred hundreds thousand thousands million ein eine einen einem dreizehn "
            "vierzehn fünfzehn "
            "sechzehn dreißig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig hundert tausend dutzend"
        ).union(NUMBER_WORDS),
        key=lambda word: (-len(word), word),
    )
)
_NUMBER = rf"(?:\d[\d.,]*|(?:(?:{_COUNTED})(?:-(?:{_COUNTED}))?))"
_YEAR = r"\b(?:1\d{3}|20\d\d)s?\b"
_SPAN = r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|centuries|century|summers?|winters?|"
_SPAN += r"sekunden?|minuten?|stunden?|tagen?|tage|nächte|wochen?|monate?n?|jahre?n?|jahrzehnte?n?|jahrhunderte?n?)"
_MONEY = r"(?:[$€£¥]|euros?|dollars?|pounds?|cents?|pence|francs?|franken|eur|usd|gbp|chf)"


def _any_of(*classes: str) -> str:
    return "|".join(sorted({word for name in classes for word in CLASSES[name] if word.isalpha()}))


_UNITS = {
    "heavy weigh weighs weight schwer wiegt gewicht": r"kg|kilos?|kilograms?|kilogramm|grams?|gramm|g|tonn?e?s?|tonnen|"
    r"pounds?|pfund|ounces?|stone|lbs?|heavy as|schwer wie",
    "tall high height deep depth wide width far big large size hoch tief breit weit gross groß länge höhe "
    "breite": r"mm|cm|m|km|millimet\w+|centimet\w+|zentimeter|met(?:er|re)s?|metern|kilomet\w+|miles?|meilen?|"
    r"inch\w*|foot|"
    r"feet|yards?|floors?|storeys?|stockwerke?|minutes?|minuten|blocks?|acres?|hectares?|square|as (?:tall|high|"
    r"deep|wide|"
    r"far|long|big|large) as|size of|so (?:hoch|tief|breit|weit|lang|gross) wie",
    "fast speed schnell": r"km/h|mph|knots?|knoten|an hour|per hour|pro stunde|a minute|per minute|fast as|schnell wie",
    "hot cold warm temperature heiss heiß kalt temperatur": r"degrees?|grad|°\w?|celsius|fahrenheit",
    "strong loud bright stark laut hell": r"watts?|decibels?|dezibel|horsepower|ps|kilowatts?|lux|strong as|loud as",
}


@dataclass(frozen=True, slots=True)
class AskedKind:
    """Kind of answer that a question asks for."""

    name: str
    """As in "the question asks for …"."""
    asked_as: str
    """Expression of the question."""
    said_as: str
    """Expression of what a statement has that says such a thing."""
    uses: frozenset[str] = frozenset()
    """Words of the question that only say its kind, and not what it is about."""

    @property
    def asked(self) -> re.Pattern[str]:
        """Return the expression of the question, compiled when it is first needed."""
        return _compiled(self.asked_as)

    @property
    def said(self) -> re.Pattern[str]:
        """Return the expression of a statement, compiled when it is first needed."""
        return _compiled(self.said_as)

    @property
    def of_a_thing(self) -> bool:
        """Return whether it is a price or a measure: each thing has its own."""
        return self.name == MONEY or self.name.startswith("a measure")


_compiled = cache(re.compile)


def _kind(name: str, asked: str, said: str, uses: str = "") -> AskedKind:
    return AskedKind(name, asked, said, word_list(uses))


def _measure(group: str, units: str) -> AskedKind:
    """Return the kind of question after a quality that is measured in these units."""
    listed = group.split()
    qualities = "|".join(listed)
    verbs = "do|does|did|can|will|have|has|take"
    asked = rf"\bhow (?:{qualities})\b(?! (?:{verbs})\b)|\bhow much .*\b(?:{qualities})\b|\bwie (?:{qualities})\b"
    return _kind(f"a measure ({listed[0]})", asked, rf"(?:\b|\d)(?:{units})\b", group)


_PERSONS = (
    "nobody somebody someone everybody everyone anybody anyone people person man men woman women boy boys girl girls "
    "child children visitors? guests? members? staff team couple family mother father sister brother son daughter wife "
    "husband we i you niemand jemand leute mann frau kind kinder gäste besucher wir sie"
)

MONEY = "an amount of money"
PERSON = "a person"
AGE = "an age"
COUNT = "a number of things"
REASON = "a reason"

_TALKED_ABOUT_MONEY = (
    rf"{_MONEY}|\bfree\b|\bfor nothing\b|\bno (?:charge|fee)\b|\bhalf the price\b|\bhalf price\b|\bkostenlos\b|"
    rf"\bgratis\b|"
    rf"\bumsonst\b|\bfrei\b|\bprices? (?:is|are)\b|\bcosts? {_NUMBER}|\b{_NUMBER} (?:marks?|coins?|shillings?)\b"
)

KINDS = (
    _kind(
        MONEY,
        r"\bhow (?:much|expensive)(?: (?:is|are|was|were|do|does|did|for|to|would|will|can)\b(?!.*\bweigh)|$)|"
        r"\bhow expensive\b|\bwhat (?:do|does|did|would|is|are|was|were) .*\b(?:costs?|price|prices|charge|fee|pay)\b|"
        r"\bhow much .*\b(?:costs?|pay|charge)\b|\bprice of\b|\bwas kostet\b|\bwie viel kostet\b|\bwie teuer\b|"
        r"\bwieviel kostet\b|\bwas kosten\b",
        rf"(?<![a-zäöü])(?:{_TALKED_ABOUT_MONEY})",
        "much expensive cost costs price prices charge fee pay kostet kosten teuer viel wieviel",
    ),
    _kind(
        AGE,
        r"\bhow old\b|\bwhat age\b|\bwie alt\b",
        rf"\b(?:founded|built|born|opened|established|erected|put up|invented|made|dates?|gegründet|erbaut|"
        rf"gebaut|geboren|"
        rf"eröffnet|stammt)\b.*{_YEAR}|{_YEAR}.*\b(?:founded|built|born|opened|erected|gegründet|erbaut)\b|"
        rf"\bfrom (?:about |around |the year )?{_YEAR}|\byears old\b|\bjahre alt\b|\bage of\b|\b{_NUMBER} years ago\b",
        "old age alt",
    ),
    _kind(
        "how long something takes",
        r"\bhow (?:long|much time) .*\b(?:takes?|took|need|needs|lasts?|spend)\b|\bwie lange (?:dauert|braucht|"
        r"dauerte)\b",
        rf"\b(?:takes?|took|taken|lasts?|lasted|within|needs?|spend|allow|dauert|dauerte|braucht|"
        rf"innerhalb)\b.*{_SPAN}\b|"
        rf"{_SPAN}\b.*\b(?:long|lasts?|lang)\b|\bovernight\b",
        "long time lange take takes took last lasts dauert",
    ),
    _kind(
        "a length of time",
        r"\bhow (?:long|much time)\b(?! ago)|\bhow many (?:minutes|hours|days|weeks|months|years)\b|\bwie lange\b",
        rf"(?<!within )(?<!innerhalb von )\b(?:{_NUMBER}|half an?|an?|few|several|many|whole|eine|einen|paar|halbe) "
        rf"(?:\w+ ){{0,2}}{_SPAN}\b|"
        rf"-{_SPAN}\b|"
        rf"\bfor {_SPAN}\b|\bovernight\b|\bforever\b|\buntil\b|\ball (?:day|night|year)\b|\bstunden\b|\bbis\b|"
        rf"\bsince (?:\w+ )?{_YEAR}|\b(?:met(?:er|re)s?|metern|km|kilomet\w+|miles?|feet|inches|cm)\b",
        "long time lange take takes took last lasts dauert minutes hours days weeks months years",
    ),
    _kind(
        "how often something is",
        r"\bhow (?:often|frequently|many times)\b|\bwie oft\b|\bwie häufig\b",
        r"\b(?:once|twice|times|every|each|daily|weekly|monthly|yearly|annually|hourly|always|never|seldom|"
        r"rarely|usually|"
        r"sometimes|(?:a|per) (?:day|week|month|year)|\w+days|einmal|zweimal|mal|jede[nrsm]?|täglich|"
        r"wöchentlich|jährlich|"
        r"monatlich|immer|nie|selten|meist|im jahr|pro jahr|am tag)\b",
        "often frequently many times oft häufig",
    ),
    _kind(
        COUNT,
        r"\bhow many\b(?! times)|\bwie viele\b|\bwieviele\b",
        rf"\b{_NUMBER}\b|\b(?:several|many|few|none|no|both|pair|single|nobody knows|mehrere|viele|keine|beide|"
        rf"einige)\b",
        "many viele wieviele number",
    ),
    _kind(
        "a date",
        r"\bwhen (?:did|was|were)\b|\b(?:which|what) year\b|\bsince when\b|\bwann (?:wurden?|war|waren|hat|haben)\b|"
        r"\bwelche[ms] jahr\b|\bseit wann\b",
        rf"{_YEAR}|\b(?:{_any_of('month')})\b|\bago\b|\bcentury\b|\bjahrhundert\b|\bvor {_NUMBER} jahren\b|"
        rf"\b(?:yesterday|"
        r"last (?:week|month|year|spring|summer|autumn|winter)|gestern)\b",
        "year date jahr",
    ),
    _kind(
        "a time",
        r"\bwhen\b|\bwhat (?:time|day|days|hours|date)\b|\bwhich (?:day|days|month|weekday)\b|\bwann\b|"
        r"\bum wie viel uhr\b|"
        r"\bwelche[mn]? tag\b",
        rf"{_YEAR}|\b(?:{_any_of('weekday', 'month', 'season', 'holiday', 'day', 'time of day')})s?\b|\b\d+:\d\d\b|"
        rf"\bo'clock\b|\b(?:am|pm|uhr)\b|\b(?:after|before|until|within|every|each|by|from|in|on|nach|vor|bis|"
        rf"jede[nrsm]?|"
        rf"ab) (?:\w+ ){{0,2}}(?:{_SPAN}|{_NUMBER})\b|\b(?:daily|weekly|always|never|once|twice|täglich|immer|nie)\b|"
        r"\b(?:if|when|as soon as|after|before|during|wenn|sobald|während)\b",
        "time day days date hours uhr tag",
    ),
    _kind(
        REASON,
        r"\b(?:why|how come|what for|warum|wieso|weshalb|wozu)\b|\b(?:reason|grund)\b",
        r"\b(?:because|since|so that|reason|why|therefore|thanks to|due to|owing to|in order|accident|caused?|"
        r"wanted to|so (?!much|many|few|little|far|long|well|often|\w+ that)|after .* had|to avoid|to keep|"
        r"for (?:she|he|it|they|when|we|that)|weil|damit|denn|deshalb|darum|daher|wegen|grund|um .* zu)\b",
        "reason grund come",
    ),
    _kind(
        "a way to get there",
        r"\bhow (?:do|can|could|would|should) (?:i|we|you|one) (?:\w+ )?(?:get|come|go|travel|reach)\b(?! (?:my|"
        r"a|an|in touch)\b)|"
        r"\bhow to (?:get|reach)\b|\bwie (?:komme|kommt|gelange)\b",
        rf"\b(?:{_any_of('vehicle')})(?:s|es)?\b|\b(?:walk|walking|drives?|driving|foot|road|path|station|stop|"
        rf"stairs|lift|"
        r"turn|follow|minutes?|metro|underground|laufen|fuss|weg|strasse|haltestelle|bahnhof|treppe|minuten?)\b",
    ),
    _kind(
        "what became of something",
        r"\bwhat (?:happened|became|has become)\b|\bwas (?:geschah|passierte|wurde aus|ist .* passiert)\b",
        r"\b(?:ended?|died|burn(?:ed|t)|broken?|lost|closed|fell|destroyed|stolen|sank|moved|sold|disappeared|"
        r"became|becomes?|"
        r"found|brought|took|taken|hit|demolished|rebuilt|repaired|restored|stood|left|stopped|given|remains?|still|starb|brannte|"
        r"verloren|verkauft|geschlossen|zerstört|wurde)\b",
        "happened became become",
    ),
    _kind(
        PERSON,
        r"(?<!body )(?<!one )(?<!people )(?<!person )(?<!man )(?<!woman )\b(?:who|whose|whom|wer|wem|wen|wessen)\b",
        rf"\b(?:{'|'.join(_PERSONS.split())})\b",
    ),
    _kind(
        "a place",
        r"\b(?:where|wo|wohin|woher)\b",
        r"\b(?:in|at|on|behind|beside|besides|near|under|above|below|opposite|next|from|between|through|into|to|"
        r"over|outside|"
        r"inside|upstairs|downstairs|here|there|im|am|an|auf|hinter|neben|unter|über|vor|gegenüber|bei|beim|"
        r"zwischen|aus)\b(?! (?:1\d{3}|20\d\d)\b)",
    ),
    _kind(
        "a name",
        r"\bwie hei(?:ß|ss)(?:t|en)\b|\bwhat(?:'s| is| are) .*\bcalled\b",
        r"\b(?:hei(?:ß|ss)(?:t|en)|namen?|names?|called|named)\b",
        "heißt heissen heisst heißen called",
    ),
    _kind(
        "whether one may go there",
        r"^(?:can|may|could|are we allowed|am i allowed|kann|können|darf|dürfen)\b.*\b(?:"
        r"go (?:up|in|into|inside|down|on)|get (?:in|into|inside|up)|climb|enter|"
        r"hinauf|hinein|rauf|rein|betreten|besteigen)\b",
        r"\b(?:can|may|must|allowed|open\w*|closed|visit\w*|climb\w*|enter\w*|tours?|access\w*|welcome|no|not|"
        r"only|kann|können|darf|dürfen|offen|geöffnet|geschlossen|besichtig\w*|besucher|führungen?|nicht|nur|kein\w*)\b",
        "go up in into inside down get climb enter",
    ),
    _kind(
        "a colour",
        r"\b(?:what|which) colou?r|\bwelche farbe",
        rf"\b(?:{_any_of('colour')})\w*\b",
        "colour color farbe",
    ),
    _kind(
        "a material",
        r"\bmade (?:of|out of|from)$|\bwhat .*\bmade (?:of|from)\b|\b(?:what|which) material\b|"
        r"\bwelche[mns]? material\b|"
        r"\bworaus\b",
        rf"\b(?:{_any_of('material')})\b|\bmade (?:of|from)\b|\bbrass\b|\bceramic\b|\bstone\b|\bcard\b|\btin\b",
        "made material",
    ),
    _kind(
        "a number",
        r"\b(?:phone|telephone|house|room|account|what|which) number\b|\bcode\b|\btelefonnummer\b|\bnummer\b",
        rf"\b{_NUMBER}\b",
    ),
    *(_measure(group, units) for group, units in _UNITS.items()),
)
"""The more special kinds first: the first one that a question is of counts."""

_CAPITAL = re.compile(
    r"(?<=[\w,;:)(“\"] )[A-ZÄÖÜ][\w'’-]+|(?<=\b[A-Z]\. )[A-ZÄÖÜ][\w'’-]+|(?<=\b(?:Dr|Mr|Ms)\. )[A-ZÄÖÜ][\w'’-]+"
)


_FULL_NAME = re.compile(r"\b[A-ZÄÖÜ]\w+ [A-ZÄÖÜ][\w'’-]+")
_GERMAN = re.compile(r"\b(?:der|das|und|ist|wurde|wird|ein|eine|dem|von|nicht|sich)\b")

_CALENDAR = CLASSES["month"] | CLASSES["weekday"] | CLASSES["holiday"]


def kind_of(question: str) -> AskedKind | None:
    """Return what a normalised question asks for; None if nothing special."""
    return next((one for one in KINDS if one.asked.search(question)), None)


def says(kind: AskedKind, statement: str, question: str, around: str) -> bool:
    """Return whether a statement, as written, says such a thing; question and what is around it are normalised."""
    plain = normalise(statement)
    if kind.name == PERSON:
        written = _FULL_NAME if _GERMAN.search(plain) else _CAPITAL  # every German noun has a capital
        named = {name for found in written.findall(statement) for name in words(normalise(found))}
        return (
            bool(named - set(words(question)) - _CALENDAR)
            or kind.said.search(plain) is not None
            or _acts(question, plain)
        )
    if kind.name == COUNT:
        return _counts(question, plain, kind, around)
    return kind.said.search(plain) is not None


_DEED = re.compile(r"\b(?:who|wer) (\w+)")
_BEFORE_A_NOUN = word_list("for of in after before during a the zum zur beim der die das für nach vor")
_SUFFERED = re.compile(r"(?:is|are|was|were|be|been|being|to|wurden?|wird|worden|werden)$")


def _acts(question: str, statement: str) -> bool:
    """Return whether something does in the statement what the question asks of somebody: "the town paid"."""
    asked = _DEED.search(question)
    spoken = words(statement)
    places = [
        at for at, word in enumerate(spoken) if asked and stem(word) == stem(asked[1]) and word not in FUNCTION_WORDS
    ]
    return any(at > 0 and not _SUFFERED.match(spoken[at - 1]) and not _is_deed(spoken, at) for at in places)


def _is_deed(spoken: tuple[str, ...], at: int) -> bool:
    """Return whether a word names the deed itself, and nobody who does it: "for cleaning"."""
    return spoken[at].endswith("ing") or spoken[at - 1] in _BEFORE_A_NOUN


_THING = re.compile(r"\b(?:how many|wie viele|wieviele) (?:of (?:the |your )?)?([\w-]+)")
_PREFIX = 4
"""Letters by which a thing is known in the singular and the plural."""

_PRONOUNS = word_list("they them these of sie davon")
_IN_A_YEAR = re.compile(r"\b(?:in|since|by|from|until|im jahr|jahr|seit|bis|von) (?:1\d{3}|20\d\d)\b")
"""Years count nothing."""

_BETWEEN = 3
"""Most words between a number and what it counts."""


def _counts(question: str, statement: str, kind: AskedKind, around: str) -> bool:
    """Return whether a number stands by the thing asked for; any number does if nothing around names the thing."""
    asked, statement = _THING.search(question), _IN_A_YEAR.sub(" ", statement)
    thing = asked[1][:_PREFIX] if asked else ""
    spoken = words(statement)
    at = [place for place, word in enumerate(spoken) if thing and word.startswith(thing)]
    if not at:
        elsewhere = bool(thing) and any(word.startswith(thing) for word in words(around))
        return kind.said.search(statement) is not None and (not elsewhere or not _PRONOUNS.isdisjoint(spoken))
    return any(kind.said.search(" ".join(spoken[max(0, place - _BETWEEN) : place + 2])) for place in at)
