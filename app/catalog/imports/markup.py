"""Markup of written answers: HTML, SSML and Markdown become words to be spoken, with the links that they had."""

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,12});")
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\]\([^()\s]{0,500}(?:\s[^()\n]{0,200})?\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\(([^()\s]{1,500})(?:\s[^()\n]{0,200})?\)")
_BRACKETED = re.compile(r"<(https?://[^<>\s]{1,500})>")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^\n]{1,500}?)(?<=\S)\1")
_LEANING = re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])([^*_\n]{1,300})(?<=[^\s*_])\1(?![\w*_])")
_CODE = re.compile(r"`{1,3}([^`\n]{1,300})`{1,3}")
_HEADING = re.compile(r"^#{1,6}\s+")
_ITEM = re.compile(r"^(?:[-*•–·]|\d{1,2}[.)])\s+")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()]{3,}")
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "tr",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "section",
        "article",
        "dd",
        "dt",
    ]
)
_SILENT = frozenset(["script", "style", "audio", "template", "svg", "head", "title"])
_ENDS = tuple(".!?…:;,。！？")


@dataclass(frozen=True, slots=True)
class PlainWords:
    """Words without markup; `links` in their order, `marks` names what was taken away."""

    text: str
    links: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


def spoken(written: str) -> PlainWords:
    """Return the words of a written answer on one line."""
    text, links, marks = written[:20_000], list[str](), list[str]()
    if _TAG.search(_BRACKETED.sub(r"\1", text)):
        text, links = _without_tags(_BRACKETED.sub(r"\1", text))
        marks.append("HTML")
    elif _ENTITY.search(text):
        text = html.unescape(text)
        marks.append("HTML")
    plain = _without_markdown(text, links)
    if plain != text:
        marks.append("Markdown")
    lines = _lines(plain)
    joined = _joined([line for line, _ in lines])
    if any(listed for _, listed in lines) and "Markdown" not in marks:
        marks.append("a list")
    links += [one for one in _ADDRESS.findall(joined) if one not in links]
    return PlainWords(joined, tuple(dict.fromkeys(links)), tuple(marks))


def has_address(text: str) -> bool:
    """Return whether a text has an address that would be read out letter by letter."""
    return _ADDRESS.search(text) is not None


def _without_markdown(text: str, links: list[str]) -> str:
    text = _IMAGE.sub("", _BRACKETED.sub(r"\1", text))
    links += [target for _, target in _LINK.findall(text)]
    text = _LINK.sub(r"\1", text)
    for mark, group in ((_STRONG, r"\2"), (_LEANING, r"\2"), (_CODE, r"\1")):
        text = mark.sub(group, text)
    return "\n".join(_HEADING.sub("", line) for line in text.split("\n"))


def _lines(text: str) -> list[tuple[str, bool]]:
    """Return each line that has something, and whether it was an item of a list."""
    found = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        plain = " ".join(line.split())
        item = _ITEM.sub("", plain)
        if item.strip("-=*_| "):
            found.append((item, item != plain))
    return found


def _joined(lines: list[str]) -> str:
    """Return lines as sentences: one that ends without a mark gets a full stop, unless the next goes on small."""
    said = ""
    for line in lines:
        if said and not said.endswith(_ENDS) and not line[:1].islower():
            said += "."
        said += f" {line}" if said else line
    return "".join(char for char in said if char.isprintable() or char in "\u200d\u200c").strip()


class _TagReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag in _BLOCKS:
            self.words.append("\n")
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.links.append(target)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))


def _without_tags(text: str) -> tuple[str, list[str]]:
    reader = _TagReader()
    reader.feed(text)
    reader.close()
    return "".join(reader.words), reader.links
