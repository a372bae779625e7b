"""Markdown documents as passages short enough to be spoken."""

import re

from app.catalog.model import Document

MAX_PASSAGE_CHARACTERS = 400
"""About 25 seconds of speech; longer paragraphs are cut between sentences."""

MAX_PASSAGE_SENTENCES = 3

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*\s*$")
_RULE = re.compile(r"([-*_=]\s*){3,}")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_IMAGE_OR_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”’)]?\s+(?=[\"'“‘(]?[^\W\da-z_])")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def read_document(stem: str, text: str) -> Document:
    """The document of a markdown file: its first `# ` heading (else the stem), its paragraphs in pieces."""
    lines = _FRONT_MATTER.sub("", text.replace("\r\n", "\n")).split("\n")
    titles = (line[2:].strip() for line in lines if line.startswith("# "))
    passages = tuple(piece for paragraph in _paragraphs(lines) for piece in _pieces(paragraph))
    return Document(id=stem, title=next(titles, stem), passages=passages)


def _paragraphs(lines: list[str]) -> list[str]:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if not line.strip() or _HEADING.match(line) or _RULE.fullmatch(line.strip()):
            paragraphs.append([])
        elif _BULLET.match(line):
            paragraphs.append([_BULLET.sub("", line)])
        else:
            paragraphs[-1].append(line.removeprefix("> "))
    plain = (" ".join(" ".join(lines).split()) for lines in paragraphs)
    return [_MARKS.sub("", _IMAGE_OR_LINK.sub(r"\1", text)) for text in plain if text]


def _pieces(paragraph: str) -> list[str]:
    pieces: list[list[str]] = [[]]
    for sentence in _SENTENCE_END.split(paragraph):
        longer = len(" ".join([*pieces[-1], sentence]))
        if pieces[-1] and (longer > MAX_PASSAGE_CHARACTERS or len(pieces[-1]) >= MAX_PASSAGE_SENTENCES):
            pieces.append([])
        pieces[-1].append(sentence)
    return [" ".join(piece) for piece in pieces]
