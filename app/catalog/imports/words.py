"""Words of foreign exports: clean lines, ids, titles, language tags, and places that only a program fills in."""

import re
import unicodedata

from app.text import fold

_LETTERS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "o",
        "å": "a",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "þ": "th",
    }
)
_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\s_./\\:-]+")
_INNER = re.compile(r"(?<=[a-z0-9])[._](?=[a-z])")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

_LANGUAGES = {
    "english": "en", "englisch": "en", "anglais": "en", "inglés": "en", "deutsch": "de", "german": "de",
    "allemand": "de", "alemán": "de", "français": "fr", "french": "fr", "französisch": "fr", "español": "es",
    "spanish": "es", "spanisch": "es", "italiano": "it", "italian": "it", "italienisch": "it",
    "português": "pt", "portuguese": "pt", "nederlands": "nl", "dutch": "nl", "polski": "pl", "polish": "pl",
    "japanese": "ja", "chinese": "zh", "turkish": "tr", "türkçe": "tr", "russian": "ru",
}  # fmt: skip

PLACEHOLDER = re.compile(r"\{[^{}\n]{0,120}\}|\{\{|<\?|\$[A-Za-z_][\w.-]*|#[A-Za-z_][\w-]*\.[\w.-]+|\[%|%\{|\$\{")
"""What a program would fill in: a slot, a parameter, an expression."""


def cleaned(value: object) -> str:
    """Return a text on one line, without control characters; empty for anything else but numbers."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    line = " ".join(str(value)[:20_000].split())
    return "".join(char for char in line if char.isprintable() or char in "\u200d\u200c").strip()


def slug(text: str, *, otherwise: str = "intent") -> str:
    """Return an id made of a text: its first words in plain lower-case letters, joined by hyphens."""
    spaced = _BEFORE_CAPITAL.sub(" ", text[:400]) if " " not in text.strip() else text[:400]
    plain = unicodedata.normalize("NFKD", spaced.lower().translate(_LETTERS))
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’\u0300-\u036f]", "", plain))
    name = ""
    for word in words:
        longer = f"{name}-{word}".strip("-")
        if len(longer) > 48:
            break
        name = longer
    return name or (words[0][:48] if words else otherwise)


def title_of(name: str) -> str:
    """Return a title made of a technical name: `faq/ask_parking` is `Ask parking`; a sentence stays as it is."""
    plain = cleaned(name)
    if " " in plain:
        plain = plain if "?" in plain else _INNER.sub(" ", plain)
    else:
        plain = " ".join(_SEPARATORS.sub(" ", _BEFORE_CAPITAL.sub(" ", plain.rpartition("/")[2])).split()) or plain
        plain = plain if any(char.isupper() for char in plain[1:] if not plain.istitle()) else plain.lower()
    return shortened(plain[:1].upper() + plain[1:], 200)


def shortened(text: str, longest: int) -> str:
    """Return a text cut at a word."""
    return text if len(text) <= longest else text[: longest - 1].rpartition(" ")[0][: longest - 1] + "…"


def locale_of(tag: object) -> str:
    """Return a language tag as catalogs write it (`en_US` is `en-US`, `Deutsch` is `de`); empty if it is none."""
    plain = cleaned(tag).replace("_", "-")
    known = _LANGUAGES.get(plain.casefold())
    if known:
        return known
    language, dash, rest = plain.partition("-")
    written = language.lower() + dash + (rest.upper() if len(rest) == 2 else rest)
    return written if len(written) <= 35 and _LOCALE.fullmatch(written) else ""


def language_of_tag(tag: str) -> str:
    """Return the language of a tag: `en` of `en-US`."""
    return tag.partition("-")[0].lower()


def same(one: str, other: str) -> bool:
    """Return whether two texts have the same words."""
    return fold(one) == fold(other)
