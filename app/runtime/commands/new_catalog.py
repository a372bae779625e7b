"""New catalogs and new intents: written beside their place, loaded and checked, then moved there whole."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.adapters.catalog_files.candidate import Candidate
from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.catalog_files.tree import scan
from app.adapters.catalog_files.yaml_text import yaml_text
from app.adapters.local.draw_portrait import draw_portrait
from app.adapters.local.kokoro.packs import PACKS
from app.adapters.local.presenter.palettes import LOOKS
from app.adapters.local.speech import spoken_languages
from app.catalog.findings import Finding, Level
from app.catalog.imports.words import cleaned, locale_of, slug
from app.catalog.model import Role
from app.catalog.scaffold import LANGUAGES, NewCatalog, scaffold
from app.errors import CatalogError
from app.runtime.commands.check import check_catalog
from app.runtime.settings.site import Settings

OTHER_VOICE = {"speech": "openai", "id": "nova"}
"""Voice of a new catalog in a language that the local voice does not speak."""

DEFAULT_AVATAR = "mira"

_LOOK = "mira"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class CreatedCatalog:
    """Catalog that was made: its folder and files, and what its author should know."""

    folder: Path
    name: str
    locales: tuple[str, ...]
    avatar: str
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()


def wanted_catalog(settings: Settings, name: str, locales: Sequence[str], avatar: str) -> NewCatalog:
    """Return the description of a new catalog.

    Raises:
        CatalogError: a locale is no language tag, the first one has no first words, or the avatar is no id.
    """
    tags = tuple(dict.fromkeys(locale_of(one) for one in locales if one.strip()))
    if not tags or not all(tags):
        raise CatalogError(f"Expected language tags such as `en` or `de-AT`, got {', '.join(locales) or 'none'}.")
    if len(avatar) > 64 or not _ID.fullmatch(avatar):
        raise CatalogError(f"Expected an avatar's id of lower-case letters, digits and hyphens, got `{avatar}`.")
    if not cleaned(name) or len(cleaned(name)) > 200:
        raise CatalogError("Expected a name of 1 to 200 characters.")
    return NewCatalog(cleaned(name), tags, avatar, spoken_languages(settings.models_dir), OTHER_VOICE, tuple(PACKS))


def create_catalog(settings: Settings, folder: Path, new: NewCatalog) -> CreatedCatalog:
    """Make a catalog that `check` passes and that speaks. Blocking.

    Raises:
        CatalogError: the folder holds something, or there are no first words in the first locale.
    """
    if new.locales[0] in new.unwritten:
        raise CatalogError(
            f"Expected a first locale out of {', '.join(LANGUAGES)}, got `{new.locales[0]}`; begin with one of those, "
            "write the roles in your language, then make it the `default_locale`."
        )
    with Candidate(folder) as candidate:
        if not candidate.fresh:
            raise CatalogError(f"Expected an empty or a new folder, got `{folder}` with files in it; name another one.")
        write_scaffold(candidate, new, settings.models_dir)
        warnings = passed(settings, candidate)
        files = candidate.land()
    return CreatedCatalog(folder, new.name, new.locales, new.avatar, files, notes_about(new), warnings)


def write_scaffold(
    candidate: Candidate, new: NewCatalog, models_dir: Path, *, played: frozenset[Role] = frozenset()
) -> None:
    """Write the files of a new catalog, with a drawn portrait."""
    for file, content in scaffold(new, played=played).items():
        candidate.write(file, yaml_text(content, _COMMENTS.get(file.partition("/")[0], ())))
    portrait = f"avatars/{new.avatar}.png"
    candidate.write(portrait, b"")
    look = new.avatar if new.avatar in LOOKS else _LOOK
    draw_portrait(look, candidate.root / portrait, sheets_dir=models_dir.expanduser() / "sheets")


_COMMENTS = {
    "catalog.yaml": (
        "Settings of the catalog. Every key: docs/reference/catalog.md.",
        'Intents go into a folder a topic: `greenroom new intent "Opening hours"`, or `greenroom import FILE`.',
    ),
    "avatars": ("The presenter. For a face of your own, name its picture and record the person's consent.",),
    "roles": ("First words; put them into your own.",),
}


def notes_about(new: NewCatalog) -> tuple[str, ...]:
    """Return what an author should know about the languages of a new catalog."""
    notes = []
    if new.waiting:
        languages = sorted({one.partition("-")[0] for one in new.waiting})
        ways = " and ".join(f"`greenroom voices add {one}`" for one in languages)
        notes.append(f"{', '.join(new.waiting)} is answered in text until its voice is there; it is free: {ways}.")
    if new.foreign:
        notes.append(
            f"The local voice does not speak {', '.join(new.foreign)}, so the presenter's voice there is `openai`: it "
            "needs OPENAI_API_KEY and costs money. Another voice, or recordings, can be named instead."
        )
    if new.unwritten:
        notes.append(f"There are no first words in {', '.join(new.unwritten)}; translate the files of `roles/`.")
    return tuple(notes)


def passed(settings: Settings, candidate: Candidate) -> tuple[Finding, ...]:
    """Return the warnings about a candidate.

    Raises:
        CatalogError: it has errors.
    """
    checked = check_catalog(settings.model_copy(update={"catalog": candidate.root}), quick=True)
    errors = [finding for finding in checked.findings if finding.level is Level.ERROR]
    if errors:
        raise CatalogError(f"Expected a catalog that `check` passes, got {errors[0]}; nothing was written.")
    return checked.findings


@dataclass(frozen=True, slots=True)
class WantedIntent:
    """New intent as its author wants it."""

    title: str
    topic: str = ""
    id: str = ""
    locale: str = ""
    phrases: tuple[str, ...] = field(default=())
    answers: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class CreatedIntent:
    """Intent that was made: its id and file; a draft until it has an answer."""

    id: str
    file: str
    draft: bool
    warnings: tuple[Finding, ...] = ()


def create_intent(settings: Settings, wanted: WantedIntent) -> CreatedIntent:
    """Write the file of a new intent. Blocking.

    Raises:
        CatalogError: the catalog has errors or such an intent, or the topic is no folder's name.
    """
    catalog = load_or_raise(settings.catalog)
    title, topic = cleaned(wanted.title), wanted.topic or _usual_topic(settings.catalog)
    name = wanted.id or slug(title)
    if not title or len(title) > 200:
        raise CatalogError("Expected a title of 1 to 200 characters.")
    for what, text in (("a topic", topic), ("an id", name)):
        if len(text) > 64 or not _ID.fullmatch(text):
            raise CatalogError(f"Expected {what} of lower-case letters, digits and hyphens, got `{text}`.")
    there = {Path(file).stem: file for file in scan(settings.catalog).intents}
    if name in there:
        raise CatalogError(f"Expected a new intent, got `{name}`, which is `{there[name]}`; edit that, or say `--id`.")
    locale = locale_of(wanted.locale) or catalog.default_locale
    draft = not wanted.answers or locale != catalog.default_locale
    content: dict[str, Any] = {"title": title} | ({"draft": True} if draft else {})
    for key, texts in (("phrases", wanted.phrases), ("answer", wanted.answers)):
        if texts:
            content[key] = {locale: [cleaned(text) for text in texts]}
    file = f"{topic}/{name}.yaml"
    with Candidate(settings.catalog) as candidate:
        candidate.write(file, yaml_text(content) + _hints(content, locale))
        warnings = [one for one in passed(settings, candidate) if one.file == file and one.rule != "intent-draft"]
        candidate.land()
    return CreatedIntent(name, file, draft, tuple(warnings))


def _usual_topic(root: Path) -> str:
    """Return the topic with the most intents, roles apart; `answers` in a new catalog."""
    topics = Counter(file.partition("/")[0] for file in scan(root).intents)
    return max((one for one in topics if one != "roles"), key=topics.__getitem__, default="answers")


def _hints(content: dict[str, Any], locale: str) -> str:
    """Return the keys that are still to be written, as comments."""
    lines = []
    if "phrases" not in content:
        lines += ["# phrases:                 # how visitors ask; eight or more ways", f"#   {locale}:", "#     - "]
    if "answer" not in content:
        lines += ["# answer:                  # the words to be spoken", f"#   {locale}: "]
    if content.get("draft"):
        lines.append("# When it is finished, remove the line `draft: true`: until then no visitor gets it.")
    return "".join(f"{line.rstrip()}\n" for line in lines)
