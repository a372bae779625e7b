"""Documents of a catalog: Markdown files to passages that can be said, and findings about the rest."""

from collections.abc import Iterator
from pathlib import Path

from app.adapters.catalog_files.markdown import LeftOut, Page, read_page
from app.adapters.catalog_files.reader import Reader
from app.catalog.findings import Finding, Level
from app.catalog.model import Document
from app.catalog.rules.words import broken_message
from app.catalog.wording import broken
from app.text import sentences

MAX_PASSAGE_CHARACTERS = 400
"""Longest passage: about 25 seconds of speech; longer paragraphs are cut between sentences."""

MAX_PASSAGE_SENTENCES = 3

_SHOWN_LINES = 5

_NAMES: dict[LeftOut, tuple[str, str]] = {
    "comment": ("a comment", "Nothing to do, unless visitors should hear it."),
    "html": ("HTML", "Write what visitors should hear without tags."),
    "table": ("a table", "Write what visitors should hear as sentences."),
    "code": ("code", "Write what visitors should hear as sentences, and do not indent them by four blanks."),
    "footnote": ("a footnote", "Write it into the text if visitors should hear it."),
    "picture": ("a picture", "Write what it shows as a sentence if visitors should hear it."),
    "address": ("the address of a link", "Say in words where to find it if visitors should hear it."),
    "struck": ("struck-out words", "Remove them, or the `~~` around them."),
    "front matter": ("the settings at the top", "Nothing to do, unless visitors should hear them."),
}
"""What is left out of a document: its name, and what to do if it should be said."""


def read_document(reader: Reader, file: str, text: str) -> Document:
    """Return the document of a Markdown file, and report once a kind what is left out of it."""
    page = read_page(text)
    for finding in (*_left_out(file, page), *_unfit(file, page, text)):
        reader.add(finding)
    return to_document(Path(file).stem, page)


def to_document(stem: str, page: Page) -> Document:
    """Return a page as a document: its title (else the stem), its paragraphs in passages under their headings."""
    passages = [(piece, paragraph.section) for paragraph in page.paragraphs for piece in _pieces(paragraph.text)]
    sections = tuple(section for _, section in passages)
    return Document(
        id=stem,
        title=page.title or stem,
        passages=tuple(text for text, _ in passages),
        sections=sections if any(sections) else (),
    )


def _left_out(file: str, page: Page) -> list[Finding]:
    lines: dict[LeftOut, list[int]] = {}
    for kind, line in page.left_out:
        lines.setdefault(kind, []).append(line)
    return [_finding(file, kind, found) for kind, found in lines.items()]


def no_words(file: str) -> Finding:
    """Return the finding about a document without a paragraph."""
    message = "Expected paragraphs under a title, got none: nothing of it can be said."
    return Finding(Level.WARNING, "document-empty", file, 0, message, "Write sentences, or remove the file.")


def _unfit(file: str, page: Page, text: str) -> Iterator[Finding]:
    """Yield findings about a document without words or title, and about broken letters in it."""
    if not page.paragraphs:
        yield no_words(file)
    elif page.title is None:
        message = f"Expected a title in the first line, got none; the file's name, `{Path(file).stem}`, stands for it."
        hint = "Begin the file with `# ` and a title: it tells what its paragraphs are about."
        yield Finding(Level.WARNING, "document-title", file, 1, message, hint)
    for at, line in enumerate(text.splitlines(), 1):
        found = broken(line)
        if found:
            yield Finding(Level.WARNING, "text-broken", file, at, *broken_message(*found))


def _finding(file: str, kind: LeftOut, lines: list[int]) -> Finding:
    name, hint = _NAMES[kind]
    more = ", ".join(map(str, lines[1 : 1 + _SHOWN_LINES])) + (", …" if len(lines) > 1 + _SHOWN_LINES else "")
    where = f", also in line{'s' if len(lines) > 2 else ''} {more}" if more else ""
    message = f"Expected words that can be said, got {name}{where}; it is neither said nor shown."
    return Finding(Level.WARNING, "document-unsaid", file, lines[0], message, hint)


def _pieces(paragraph: str) -> list[str]:
    pieces: list[list[str]] = [[]]
    for sentence in sentences(paragraph):
        longer = len("".join([*pieces[-1], sentence]).rstrip())
        if pieces[-1] and (longer > MAX_PASSAGE_CHARACTERS or len(pieces[-1]) >= MAX_PASSAGE_SENTENCES):
            pieces.append([])
        pieces[-1].append(sentence)
    return ["".join(piece).rstrip() for piece in pieces]
