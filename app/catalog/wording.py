"""Wording of a text that will be read and spoken: what in it is no words, and what nobody meant to write."""

import re
import unicodedata
from collections.abc import Iterator

_LINK = re.compile(
    r"(?:https?://|ftp://|mailto:|www\.)[^\s<>\"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|"
    r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/[\w?=&%./-]*",
    re.IGNORECASE,
)
_MARKUP: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\[[^\]\n]+\]\([^)\n]*\)"), "a Markdown link"),
    (re.compile(r"(\*\*|__|~~)(?=\S)[^\n]*?\1"), "Markdown"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])[^*\n]*[^\s*]\*(?![\w*])|(?<!\w)_(?=[^\s_])[^_\n]*[^\s_]_(?!\w)"), "Markdown"),
    (re.compile(r"`[^`\n]+`|^#{1,6} ", re.MULTILINE), "Markdown"),
    (re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>|<!--"), "an HTML tag"),
    (re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});"), "an HTML sign"),
    (
        re.compile(
            r"(?m)^[ \t]*(?:[-*–•‣▪●◦][ \t]|\d{1,2}[.)][ \t])(?=.*\n[ \t]*(?:[-*–•‣▪●◦][ \t]|\d{1,2}[.)][ \t]))"
        ),
        "a list",
    ),
    (re.compile(r"[•‣▪●◦]|: - "), "a list"),
)
_PLACEHOLDERS = re.compile(
    r"(?<!\{)\{[^{}\n]{0,60}\}(?!\})|\[(?!…|\.\.\.|sic\])[^\]\n]{1,40}\](?!\()|\b(?:TODO|TBD|FIXME|XXX+)\b|_{3,}|"
    r"\b[Ll]orem [Ii]psum\b"
)
_ALL = frozenset({"es", "gl", "pt"})
"""Languages in which TODO is a word: all."""

_SIZES = re.compile(
    r"\b(?:X{1,4}[SL]|[2-5]X[SL]|sizes?|gr(?:ö|oe)(?:ß|ss)en?|tallas?|tailles?|taglia|taglie|tamanhos?|maat|maten)\b",
    re.IGNORECASE,
)
_SPOKEN_SIGNS = frozenset("+=×±÷−°©®™№¬¦·♯♭")
"""Signs of the categories below that are read, or that nobody misses."""

_SILENT_SIGNS = frozenset("|~^\\_<>")
_EITHER = re.compile(r"\b[^\W\d_]{2,}/[^\W\d_]{2,}\b")
_QUESTION_INSIDE = re.compile(r"[A-Za-zÀ-ɏ]\?[a-zß-ɏ]")
"""Letter that was lost; where no blanks are written, as in Chinese, a question may end there."""

_MOJIBAKE = re.compile(r"(?:[À-ô][\x80-¿‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ€]+)+")
_BROKEN = re.compile(r"[\ufffd\x80-\x9f\ue000-\uf8ff\ufff9-\ufffb\ufdd0-\ufdef]")
_WRAPPED = re.compile(r"\A(?:“[^“”]*”|„[^„“”]*[“”]|‘[^‘]*’|‚[^‚‘’]*[‘’])\Z", re.DOTALL)


def links(text: str) -> Iterator[str]:
    """Yield addresses of pages and of mail."""
    yield from (found.rstrip(".,;:!?)") for found in _LINK.findall(text))


def markup(text: str) -> tuple[str, str] | None:
    """Return the first mark of a page's language and its name: Markdown, an HTML tag, a list."""
    found = ((match, name) for pattern, name in _MARKUP if (match := pattern.search(text)))
    match, name = min(found, key=lambda one: one[0].start(), default=(None, ""))
    return (match[0].strip(), name) if match else None


def placeholder(text: str, locale: str = "") -> str:
    """Return the first place that was left to be filled: `{name}`, `[name]`, `TODO`; empty if there is none."""
    return next((one[0] for one in _PLACEHOLDERS.finditer(text) if not _is_word(one[0], text, locale)), "")


def _is_word(found: str, text: str, locale: str) -> bool:
    """Return whether capitals that look like a mark are a word of the text: TODO in Spanish, the size XXX."""
    if found == "TODO":
        return locale.lower().partition("-")[0] in _ALL
    return found == "XXX" and _SIZES.search(text) is not None


def sign(text: str) -> str:
    """Return the first sign that no voice says: a picture, an arrow, a bar, a slash between words."""
    for char in text:
        if char in _SILENT_SIGNS or (unicodedata.category(char) in {"So", "Sm"} and char not in _SPOKEN_SIGNS):
            return char
    found = _EITHER.search(text)
    return found[0] if found else ""


def broken(text: str) -> tuple[str, str] | None:
    """Return the first word with letters that were lost or read wrongly, and what it probably was (or nothing)."""
    text = _LINK.sub(lambda link: " " * len(link[0]), text)
    for found in _MOJIBAKE.finditer(text):
        meant = "" if _ends_a_quote(text, found) else _reread(found[0])
        if meant:
            start, end = _word_around(text, found.start(), found.end())
            return text[start:end], text[start : found.start()] + meant + text[found.end() : end]
    lost = _BROKEN.search(text) or _QUESTION_INSIDE.search(text)
    if lost is None:
        return None
    start, end = _word_around(text, lost.start(), lost.end())
    return text[start:end], ""


_OPENED_BY = {"»": "«›", "”": "“„", "“": "„", "’": "‘", "‘": "‚", "›": "‹"}
"""Quotes that close, and those that open before them."""


def _ends_a_quote(text: str, found: re.Match[str]) -> bool:
    """Return whether what looks like two bytes of a letter is a capital and the quote after it: `«CAFFÈ»`.

    Letters of Western Europe were misread as `Ã` and `Â`, so that behind these a quote must have been opened.
    """
    capital, quote = found[0][0], found[0][1:]
    if not "À" <= capital <= "Þ" or quote not in _OPENED_BY:
        return False
    before, after = text[: found.start()], text[found.end() : found.end() + 1]
    if before[-1:].islower() or (after.isalpha() and quote != "’"):
        return False
    return capital not in "ÂÃ" or any(sign in before for sign in _OPENED_BY[quote])


def wrapped(text: str) -> bool:
    """Return whether a word processor's quotes stand around the whole text."""
    return _WRAPPED.match(text.strip()) is not None


def _reread(garbled: str) -> str:
    """Return UTF-8 that was read as Windows letters, if it makes letters and signs of Europe's languages."""
    raw = bytearray()
    for char in garbled:
        try:
            raw += char.encode("cp1252")
        except UnicodeEncodeError:
            if ord(char) > 0xFF:
                return ""
            raw.append(ord(char))
    try:
        meant = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    many = len(meant) > 2
    return meant if all(_european(char) or (many and char.isalpha()) for char in meant) else ""


def _european(char: str) -> bool:
    return "\u00a0" <= char <= "\u024f" or "\u2010" <= char <= "\u20bf" or char == "\u2122"


def _word_around(text: str, start: int, end: int) -> tuple[int, int]:
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return start, end
