"""Findings, and the source lines that they name: file and line of each part of the catalog."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

KeyPath = tuple[str | int, ...]
"""Keys and list positions (from 0) that lead to a value inside one file."""

CATALOG_FILE = "catalog.yaml"
FACTS_FILE = "facts.yaml"
TESTS_FILE = "tests.yaml"
AVATARS_FOLDER = "avatars"
KNOWLEDGE_FOLDER = "knowledge"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """File relative to the catalog and a line from 1; line 0 means the whole file."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class SourceLines:
    """Line of every key and list item of every file; empty for a catalog that never was on disk."""

    lines: Mapping[str, Mapping[KeyPath, int]] = field(default_factory=dict)

    def find(self, file: str, *path: str | int) -> SourceLine:
        """Return the line of the value, or of the nearest value around it that has one."""
        table = self.lines.get(file, {})
        for end in range(len(path), 0, -1):
            line = table.get(path[:end])
            if line is not None:
                return SourceLine(file, line)
        return SourceLine(file, 0)

    def intent(self, topic: str, intent_id: str, *path: str | int) -> SourceLine:
        """Return the line of a part of an intent's file."""
        return self.find(intent_file(topic, intent_id), *path)

    def avatar(self, avatar_id: str, *path: str | int) -> SourceLine:
        """Return the line of a part of an avatar's file."""
        return self.find(f"{AVATARS_FOLDER}/{avatar_id}.yaml", *path)


def intent_file(topic: str, intent_id: str) -> str:
    """Return the file of an intent, relative to the catalog."""
    return f"{topic}/{intent_id}.yaml"


class Level(StrEnum):
    """Level of a finding: `error` stops everything, `warning` deserves a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Finding of the lint or the loader.

    A rule name, a file relative to the catalog, a line from 1 (0: the whole file), a sentence, and a hint
    what to do.
    """

    level: Level
    rule: str
    file: str
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.level}: {self.message} {self.hint} [{self.rule}]".replace("  ", " ")


@dataclass(frozen=True, slots=True)
class Complaint:
    """Finding that has its keys inside a file but not yet the file and line."""

    rule: str
    path: KeyPath
    message: str
    hint: str = ""
    level: Level = Level.ERROR
    line: int = 0
    """Line from 1 where it is known better than by the keys."""

    def at(self, file: str, places: SourceLines) -> Finding:
        """Return the finding with the line of the value or of the nearest value around it."""
        line = self.line or places.find(file, *self.path).line
        return Finding(self.level, self.rule, file, line, self.message, self.hint)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings sorted by file and line, each once."""
    return tuple(sorted(set(findings), key=lambda one: (one.file, one.line, one.level, one.rule, one.message)))
