"""What a check found: where, what was expected, what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.catalog.places import KeyPath, Places


class Level(StrEnum):
    """`error` stops everything, `warning` deserves a look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule name, a file relative to the catalog, a line from 1 (0: the whole file), a sentence, a way out."""

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
    """A finding that knows its keys inside a file but not yet the file and line."""

    rule: str
    path: KeyPath
    message: str
    hint: str = ""
    level: Level = Level.ERROR

    def at(self, file: str, places: Places) -> Finding:
        """The finding, with the line of the value or of the nearest value around it."""
        place = places.find(file, *self.path)
        return Finding(self.level, self.rule, place.file, place.line, self.message, self.hint)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By file and line, each finding once."""
    return tuple(sorted(set(findings), key=lambda one: (one.file, one.line, one.level, one.rule, one.message)))
