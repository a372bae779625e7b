"""Aspects: what a question wants to know of a thing (its price, its place...), and what an intent tells.

English and German, closed classes. A missing word costs a clip, never makes one wrong.
"""

import re

_ASKED = {
    "price": re.compile(
        r"\b(?:how much|how expensive|costs?|prices?|fees?|charges?|pay|free|expensive|wie ?viel|wie teuer|kostet|"
        r"kosten|kostenlos|gratis|preise?|zahlen|bezahlen|gebühr(?:en)?)\b"
    ),
    "duration": re.compile(r"\b(?:how long|how much time|how many (?:hours|minutes|days|weeks)|wie lange?)\b"),
    "time": re.compile(
        r"\b(?:when|what time|which (?:days?|times?)|how late|how early|wann|um wie ?viel uhr|welche[nrs]? tage?)\b"
    ),
    "place": re.compile(r"\b(?:where|which (?:floor|room|way)|how far|wo|wohin|welche[mnrs]? (?:stock|raum|etage))\b"),
    "person": re.compile(r"\b(?:who|whose|whom|wer|wem|wen|wessen)\b"),
    "reason": re.compile(r"\b(?:why|how come|warum|wieso|weshalb)\b"),
    "age": re.compile(r"\b(?:how old|(?:what|which) ages?|wie alt|welche[mrs]? alter)\b"),
    "number": re.compile(r"\b(?:how many|wie ?viele)\b"),
}
"""Words that ask for an aspect; in an intent's phrases they show that its answer tells it."""

_COUNT = (
    r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|half|several|ein|eine[nrm]?|zwei|drei|vier|fünf|zehn)"
)

_TOLD = {
    "price": re.compile(r"\b(?:euros?|dollars?|pounds?|francs?|franken|cents?|pence|free|gratis|kostenlos)\b|[€$£]"),
    "duration": re.compile(
        rf"\b{_COUNT} (?:\w+ )?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|"
        r"sekunden?|minuten?|stunden?|tage?|wochen?|monate?n?|jahre?n?)\b"
    ),
    "time": re.compile(
        r"\b(?:o'clock|uhr|daily|every day|täglich|noon|mittags?|mornings?|evenings?|morgens|abends|"
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?)\b"
    ),
    "place": re.compile(
        r"\b(?:floor|upstairs|downstairs|next to|beside|opposite|behind|street|stock|etage|neben|gegenüber|strasse)\b"
    ),
    "number": re.compile(r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|zwei|drei|vier|fünf|zehn)\b"),
}
"""Words of an answer that tell an aspect."""


def asked_aspects(text: str) -> frozenset[str]:
    """Return the aspects that a normalised question asks for."""
    found = {name for name, words in _ASKED.items() if words.search(text)}
    if "duration" in found and "price" in found:
        found -= {"price"} if re.search(r"\bhow much time\b", text) else set()
    return frozenset(found - {"number"} if "duration" in found else found)


def told_aspects(text: str) -> frozenset[str]:
    """Return the aspects that a normalised answer tells."""
    return frozenset(name for name, words in _TOLD.items() if words.search(text))


def without_aspect(text: str) -> str:
    """Return a normalised question without the words that ask for an aspect."""
    for words in _ASKED.values():
        text = words.sub(" ", text)
    return " ".join(text.split())
