"""Catalog check: findings of the loader, of the rules, and of the encoder and the face detector."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.adapters.catalog_files.loader import load_catalog
from app.adapters.local.facts import MAX_DURATION_S
from app.adapters.local.kept_looks import Check, MarkedPictureError, inspected, seen_portrait
from app.adapters.vendors.facts import load_facts
from app.catalog.confusable import nearest_pairs
from app.catalog.findings import Finding, Level, SourceLines, ordered
from app.catalog.lint import lint
from app.catalog.model import Avatar, Catalog
from app.catalog.rules.context import Measured, PortraitLook, PortraitProblem, error
from app.conversation.language_detection import foreign_language
from app.errors import PortraitError
from app.rendering.plan.speech_length import speech_seconds
from app.rendering.text_normalisation import TextNormaliser, spoken_form
from app.runtime.commands.provider_findings import answers_in_text, provider_findings
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import provider_overrides
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.locale_encoders import chosen, encode_in, expected
from app.runtime.wiring.providers import open_readings
from app.runtime.wiring.store_and_encoder import encoders_for
from app.text import estimate_seconds


@dataclass(frozen=True, slots=True)
class Checked:
    """Result of a check: the catalog, or None if it cannot be used, and all findings."""

    catalog: Catalog | None
    findings: tuple[Finding, ...]
    encoders: tuple[tuple[str, str], ...] = ()
    """Each locale with what reads its questions; the default one first."""
    in_text: Mapping[str, int] = field(default_factory=dict)
    """Answers of each `written` locale that no voice speaks here."""

    def count(self, level: Level) -> int:
        """Count the findings of a level."""
        return sum(finding.level is level for finding in self.findings)

    @property
    def ok(self) -> bool:
        """Return whether there is no error."""
        return not self.count(Level.ERROR)


def check_catalog(
    settings: Settings,
    *,
    quick: bool = False,
    phrases: bool = True,
    note: Callable[[str], None] = lambda _: None,
) -> Checked:
    """Load and check a catalog; `quick` leaves out the encoder and the face detector. Blocking.

    `note` gets the name of each step. Without `phrases` they are not compared, which finds no errors.

    Raises:
        EncoderUnavailableError: the encoder cannot be loaded.
    """
    loaded = load_catalog(settings.catalog)
    if loaded.catalog is None:
        return Checked(None, loaded.findings)
    measured = _measured(settings, loaded.catalog, note, quick=quick, phrases=phrases)
    found = lint(loaded.catalog, today=SystemClock().today(), places=loaded.places, measured=measured)
    providers = provider_findings(loaded.catalog, loaded.places, settings.models_dir)
    unread = _unread(settings, loaded.catalog, loaded.places)
    served = tuple((one.locale, one.name) for one in chosen(settings, loaded.catalog))
    silent = answers_in_text(loaded.catalog, settings.models_dir)
    return Checked(loaded.catalog, ordered([*loaded.findings, *found, *providers, *unread]), served, silent)


def _unread(settings: Settings, catalog: Catalog, places: SourceLines) -> Iterator[Finding]:
    """Yield a finding about each locale whose questions no encoder can read."""
    for one in chosen(settings, catalog):
        if one.kind is None:
            yield error("locale-encoder", places.find("catalog.yaml", "locales"), expected(one), one.way_out)


def _measured(
    settings: Settings, catalog: Catalog, note: Callable[[str], None], *, quick: bool, phrases: bool
) -> Measured:
    note("looking at the portrait")
    path = Path(catalog.avatar.portrait_path)
    longest_s, seconds = _longest_clip_s(settings, catalog), _as_read(catalog.avatar, open_readings(settings))
    if quick:
        look = _look_at(path, read_only=True, models_dir=settings.models_dir.expanduser())
        return Measured(look, seconds=seconds, max_clip_s=longest_s, foreign_language=foreign_language)
    look = _look_at(path, read_only=False, models_dir=settings.models_dir.expanduser())
    if look and not _needs_face(settings, catalog):
        look = replace(look, problems=tuple(_spare(one) for one in look.problems))
    measured = Measured(look, seconds=seconds, max_clip_s=longest_s, foreign_language=foreign_language)
    if not phrases:
        return measured
    note("comparing phrases")
    compare = encode_in(settings, catalog, encoders_for(settings, catalog).phrases)
    return replace(measured, pairs=nearest_pairs(catalog, compare))


def _as_read(avatar: Avatar, normaliser: TextNormaliser) -> Callable[[str, str], float]:
    """Return the plan's estimate of speech, from the words that the locale's voice is given, at the usual speed."""

    def seconds(text: str, locale: str) -> float:
        rough_s = estimate_seconds(text)
        if rough_s < _SURELY_SHORT_S:
            return rough_s
        form = spoken_form(text, locale=locale, avatar=avatar, normaliser=normaliser)
        return speech_seconds(form.spoken if form else text, locale)

    return seconds


def _spare(problem: PortraitProblem) -> PortraitProblem:
    return (
        problem if problem.rule in {"portrait-unreadable", "portrait-marked"} else replace(problem, level=Level.WARNING)
    )


def _needs_face(settings: Settings, catalog: Catalog) -> bool:
    """Return whether every renderer of the avatar needs a face, as `greenroom plan` has it.

    A vendor's does not where the quality gate leaves faces out, for drawn figures and animals.
    """
    vendors = [name for name in catalog.avatar.renderers if name.partition("/")[0] != "local"]
    return settings.quality_gate == "full" or not vendors


def _longest_clip_s(settings: Settings, catalog: Catalog) -> float:
    """Return the longest clip that one of the avatar's renderers makes.

    The first one able to gets the job.
    """
    vendors = {name: facts.capabilities for name, facts in load_facts(provider_overrides(settings)).items()}
    longest = [
        MAX_DURATION_S if name == "local" else vendors[name].of(model or vendors[name].models[0]).max_duration_s
        for name, _, model in (renderer.partition("/") for renderer in catalog.avatar.renderers)
        if name == "local" or name in vendors
    ]
    return max(longest, default=MAX_DURATION_S)


def _look_at(portrait: Path, *, read_only: bool, models_dir: Path) -> PortraitLook | None:
    try:
        seen = seen_portrait(portrait, models_dir)  # refuses a file that is not a picture
        checks = () if read_only else inspected(portrait, models_dir)
    except PortraitError as error_:
        if isinstance(error_, MarkedPictureError):
            return PortraitLook(_ENOUGH_PX, _ENOUGH_PX, (PortraitProblem("portrait-marked", str(error_)),))
        # A size that passes every rule: the picture is unreadable, not small.
        hint = "Choose a PNG, JPEG or WebP picture of one face."
        return PortraitLook(_ENOUGH_PX, _ENOUGH_PX, (PortraitProblem("portrait-unreadable", str(error_), hint),))
    problems = tuple(_problem(check) for check in checks if not check.ok and check.name != "size")
    return PortraitLook(seen.width, seen.height, problems)


def _problem(check: Check) -> PortraitProblem:
    name = _LABELS.get(check.name, check.name.replace("_", " "))
    return PortraitProblem(
        f"portrait-{check.name.replace('_', '-')}",
        f"Expected the portrait's {name} to be {check.limit}, got {check.value:g}.",
        "Choose a sharp, front-facing portrait of one face.",
        Level.ERROR if check.level == "must" else Level.WARNING,
    )


_SURELY_SHORT_S = 10.0
"""Length of a text by its letters up to which its figures, read as words, do not make it long."""

_LABELS = {"faces": "number of faces"}
_ENOUGH_PX = 1 << 16
