"""Checking a catalog: what loading finds, what the rules find, what only the encoder and face finder can tell."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.adapters.files.loader import load_catalog
from app.adapters.local.painters import inspect_portrait, read_picture
from app.catalog.confusable import nearest_pairs
from app.catalog.findings import Finding, Level, ordered
from app.catalog.lint import lint
from app.catalog.model import Catalog
from app.catalog.rules.context import Measured, PortraitLook, PortraitProblem
from app.errors import PortraitError
from app.runtime.clock import SystemClock
from app.runtime.opening import encoder_for
from app.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """A catalog, or None when it cannot be used, with everything found."""

    catalog: Catalog | None
    findings: tuple[Finding, ...]

    def count(self, level: Level) -> int:
        """How many findings of a level."""
        return sum(finding.level is level for finding in self.findings)

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not self.count(Level.ERROR)


def check_catalog(settings: Settings, *, quick: bool = False, note: Callable[[str], None] = lambda _: None) -> Checked:
    """Load and check; `quick` leaves out what takes the encoder and the face finder. Blocking.

    Raises:
        EncoderUnavailableError: the encoder cannot be loaded.
    """
    loaded = load_catalog(settings.catalog)
    if loaded.catalog is None:
        return Checked(None, loaded.findings)
    measured = Measured() if quick else _measured(settings, loaded.catalog, note)
    found = lint(loaded.catalog, today=SystemClock().today(), places=loaded.places, measured=measured)
    return Checked(loaded.catalog, ordered([*loaded.findings, *found]))


def _measured(settings: Settings, catalog: Catalog, note: Callable[[str], None]) -> Measured:
    note("looking at the portrait")
    portrait = _look(Path(catalog.avatar.portrait_path), settings.models_dir.expanduser())
    note("comparing phrases")
    return Measured(portrait=portrait, pairs=nearest_pairs(catalog, encoder_for(settings, catalog).encode))


def _look(portrait: Path, models_dir: Path) -> PortraitLook:
    try:
        height, width = read_picture(portrait).shape[:2]
        report = inspect_portrait(portrait, models_dir=models_dir)
    except PortraitError as error:
        return PortraitLook(0, 0, (PortraitProblem("portrait-unreadable", str(error)),))
    problems = tuple(
        PortraitProblem(
            f"portrait-{check.name.replace('_', '-')}",
            f"The portrait's {check.name.replace('_', ' ')} is {check.value:g}, expected {check.limit}.",
            "Choose a sharp, front-facing portrait of one face.",
            Level.ERROR if check.level == "must" else Level.WARNING,
        )
        for check in report.checks
        if not check.ok and check.name != "size"
    )
    return PortraitLook(width, height, problems)
