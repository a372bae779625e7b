"""Markdown reader: what a reader of the page sees as running text, and what is left out of it, by line.

Only words that can be said remain. Comments, tags, tables, code, footnotes, pictures and addresses do not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from app.text import sentences

LeftOut = Literal["comment", "html", "table", "code", "footnote", "picture", "address", "struck", "front matter"]
"""Kind of a part that a reader of the page would not hear read out."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text under its nearest heading; `section` is empty before the first heading below the title."""

    text: str
    section: str


@dataclass(frozen=True, slots=True)
class Page:
    """Page as words: its title (its first heading of the first level), its paragraphs, what is left out where."""

    title: str | None
    paragraphs: tuple[Paragraph, ...]
    left_out: tuple[tuple[LeftOut, int], ...]
    """Each kind with its line from 1, in the order of the file."""


_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TASK_BOX = re.compile(r"\A\[[ xX]\]\s+")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ADDRESS = re.compile(r"(?:https?://|ftp://|mailto:|www\.)\S+", re.IGNORECASE)
_UNSAID = "\ufffc"
"""Stands for an address in the text until the sentence that has it is left out."""


def read_page(text: str) -> Page:
    """Return the page of a Markdown text; never fails, since every text is Markdown."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(plain)
    body = "\n" * front[0].count("\n") + plain[front.end() :] if front else plain
    reading = _Reading()
    if front:
        reading.left_out.append(("front matter", 1))
    reading.read(_parser().parse(body))
    return Page(reading.title, tuple(reading.paragraphs), tuple(reading.left_out))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.block.ruler.before("reference", "footnote", _footnote_text, {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.before("link", "footnote_mark", _footnote_mark)
    return parser


def _footnote_text(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  markdown-it's
    """Read `[^1]: …` and the indented lines below it as one block of its own."""
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    mark = _FOOTNOTE.match(line)
    if mark is None or not line[mark.end() :].startswith(":"):
        return False
    if not silent:
        state.line = start + 1
        while state.line < end and _belongs(state, state.line, end):
            state.line += 1
        state.push("footnote", "", 0).map = [start, state.line]
    return True


def _belongs(state: StateBlock, line: int, end: int) -> bool:
    """Return whether a line goes on with a footnote: it is indented, or blank before one that is, or runs on."""
    if state.isEmpty(line):
        return line + 1 < end and not state.isEmpty(line + 1) and state.sCount[line + 1] >= state.blkIndent + 2
    if state.sCount[line] >= state.blkIndent + 2:
        return True
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    return not state.isEmpty(line - 1) and text[:1].isalnum()


def _footnote_mark(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  markdown-it's
    mark = _FOOTNOTE.match(state.src, state.pos)
    if mark is None:
        return False
    if not silent:
        state.push("footnote_mark", "", 0)
    state.pos = mark.end()
    return True


@dataclass(slots=True)
class _Reading:
    """Reading of a page's tokens."""

    title: str | None = None
    section: str = ""
    paragraphs: list[Paragraph] = field(default_factory=list)
    left_out: list[tuple[LeftOut, int]] = field(default_factory=list)

    def read(self, tokens: Sequence[Token]) -> None:
        """Go through the blocks in order; what stands inside a table is left out with it."""
        heading = ""
        in_table = 0
        for token in tokens:
            in_table += token.nesting if token.type.startswith("table") else 0
            line = token.map[0] + 1 if token.map else 0
            if token.type == "heading_open":
                heading = token.tag
            elif token.type == "inline" and not in_table:
                text, unclosed, _ = "".join(self._said(token.children or (), line)).partition("<!--")
                self._leave_out(("comment",) if unclosed else (), line)
                self._take(text, heading)
                heading = ""
            elif token.type in _BLOCKS:
                self._leave_out(_kinds(token), line)

    def _take(self, text: str, heading: str) -> None:
        plain = _TASK_BOX.sub("", text.strip())
        words = "".join(sentence for sentence in sentences(plain) if _UNSAID not in sentence).rstrip()
        if heading == "h1" and self.title is None:
            self.title = words or None
        elif heading:
            self.section = words
        elif words:
            self.paragraphs.append(Paragraph(words, self.section))

    def _said(self, parts: Sequence[Token], line: int) -> Iterator[str]:
        """Yield what is said of a paragraph that begins in this line, and note the rest."""
        struck = 0
        for token in parts:
            if token.type in _PARTS:
                self._leave_out(_kinds(token), line)
            struck += token.nesting if token.type.startswith("s_") else 0
            if token.type in {"softbreak", "hardbreak"} or token.content.lower().startswith("<br"):
                yield " "
            elif token.type in {"text", "code_inline"} and not struck:
                yield self._without_addresses(token.content, line)
            line += token.type.endswith("break") + token.content.count("\n")

    def _without_addresses(self, text: str, line: int) -> str:
        bare = _ADDRESS.sub(_UNSAID, text)
        if bare != text:
            self._leave_out(("address",), line)
        return bare

    def _leave_out(self, kinds: Sequence[LeftOut], line: int) -> None:
        self.left_out += [(kind, line) for kind in kinds if (kind, line) not in self.left_out]


_BLOCKS: dict[str, LeftOut] = {
    "html_block": "html",
    "fence": "code",
    "code_block": "code",
    "footnote": "footnote",
    "table_open": "table",
}
_PARTS: dict[str, LeftOut] = {
    "html_inline": "html",
    "image": "picture",
    "footnote_mark": "footnote",
    "link_open": "address",
    "s_open": "struck",
}


def _kinds(token: Token) -> tuple[LeftOut, ...]:
    """Return what a token is to a reader; a block of HTML may be a comment, words between tags, or both."""
    kind = _BLOCKS.get(token.type) or _PARTS[token.type]
    if kind != "html" or "<!--" not in token.content:
        return (kind,)
    return ("comment", "html") if _COMMENT.sub("", token.content).strip() else ("comment",)
