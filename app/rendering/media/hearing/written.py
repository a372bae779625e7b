"""Figures as recognisers write them, brought to the way that a text normaliser reads: `17.30` is `17:30`."""

import re

from app.rendering.media.hearing.vocabulary import CURRENCIES, VOCABULARIES

_ALWAYS = re.compile(r"(?<![\d.,])24 ?- ?7(?![\d.,]*\d)")
_CURRENCY = "|".join(sorted(CURRENCIES, key=len, reverse=True))
_PRICE = re.compile(rf"(?<![\d.,])(\d+)\.(\d{{2}}) ?(?={_CURRENCY})", re.IGNORECASE)
_TIME = re.compile(r"(?<![\d.,€$£])(?<![€$£] )([01]?\d|2[0-3])\.([0-5]\d)(?![\d%]|[.,:]\d)(?= ?([^\W\d]*))")


def as_read(text: str, language: str) -> str:
    """Return a text with times, prices and `24/7` as a normaliser knows them."""
    words = VOCABULARIES[language]

    def timed(found: re.Match[str]) -> str:
        following = found[3].lower()
        is_time = not following or following in words.small or following in words.dates or following in words.hours
        return f"{found[1]}:{found[2]}" if is_time else found[0]

    text = _ALWAYS.sub("24/7", text)
    if language != "en":
        text = _PRICE.sub(r"\1,\2 ", text)
    return _TIME.sub(timed, text)
