"""Context of a rule: the catalog, its source lines, today's date and measurements."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from app.catalog.confusable import PhrasePair
from app.catalog.findings import Finding, Level, SourceLine, SourceLines
from app.catalog.model import Catalog, Intent
from app.text import estimate_seconds


@dataclass(frozen=True, slots=True)
class PortraitProblem:
    """Problem found in the portrait: `no-face`, `blurred`, ...; a sentence and a hint what to do."""

    rule: str
    message: str
    hint: str = ""
    level: Level = Level.ERROR


@dataclass(frozen=True, slots=True)
class PortraitLook:
    """Inspection of the served avatar's portrait.

    Its size in pixels, and its problems apart from the size.
    """

    width: int
    height: int
    problems: tuple[PortraitProblem, ...] = ()


def _by_letters(text: str, locale: str) -> float:  # noqa: ARG001
    return estimate_seconds(text)


def _no_language(text: str, locale: str) -> str | None:  # noqa: ARG001
    return None


@dataclass(frozen=True, slots=True)
class Measured:
    """Measurements from outside the catalog; what is left out is not checked.

    `seconds` estimates the speech of a text in a locale, at the usual speed; `max_clip_s` is the longest limit of the
    avatar's renderers; `confusable_cosine` the cosine from which a phrase nearer to another intent is reported;
    `foreign_language` names the language of a text that is not that of its locale.
    """

    portrait: PortraitLook | None = None
    pairs: tuple[PhrasePair, ...] = ()
    seconds: Callable[[str, str], float] = _by_letters
    max_clip_s: float = 180.0
    confusable_cosine: float = 0.7
    min_portrait_px: int = 512
    foreign_language: Callable[[str, str], str | None] = _no_language


@dataclass(frozen=True, slots=True)
class Context:
    """Input of one rule."""

    catalog: Catalog
    today: date
    places: SourceLines = field(default_factory=SourceLines)
    measured: Measured = field(default_factory=Measured)

    def place(self, intent: Intent, *path: str | int) -> SourceLine:
        """Return the line of a part of this intent."""
        return self.places.intent(intent.topic, intent.id, *path)


def error(rule: str, place: SourceLine, message: str, hint: str = "") -> Finding:
    """Return a finding that stops everything."""
    return Finding(Level.ERROR, rule, place.file, place.line, message, hint)


def warning(rule: str, place: SourceLine, message: str, hint: str = "") -> Finding:
    """Return a finding that deserves a look."""
    return Finding(Level.WARNING, rule, place.file, place.line, message, hint)
