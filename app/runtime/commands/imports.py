"""Import of another tool's export: read, settled into the catalog, checked in a candidate, then moved in whole."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.adapters.catalog_files.candidate import Candidate
from app.adapters.catalog_files.imports.recognise import gather
from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.catalog_files.strict_yaml import parse
from app.adapters.catalog_files.tree import scan
from app.adapters.catalog_files.yaml_text import yaml_text
from app.catalog.findings import FACTS_FILE, Finding, Level
from app.catalog.imports.gathered import OWN, Gathered, Left
from app.catalog.imports.settle import IntentDraft, Settled, Surroundings, settle, without_dead_chips
from app.catalog.imports.words import language_of_tag, locale_of, title_of
from app.catalog.model import Catalog, Role
from app.catalog.scaffold import ROLE_IDS, NewCatalog
from app.conversation.language_detection import language_of
from app.errors import CatalogError
from app.runtime.commands.check import Checked, check_catalog
from app.runtime.commands.new_catalog import DEFAULT_AVATAR, notes_about, wanted_catalog, write_scaffold
from app.runtime.settings.site import Settings
from app.text import fold

_GUESSED = ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "ja", "zh", "ko", "ru", "el", "ar", "he", "th", "hi")
_TRIES = 6
_MUCH = 0.5
"""Share of the default language's answers from which another language is served, too."""
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options of an import, as its author says them; `dry_run` writes nothing."""

    locale: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    avatar: str = DEFAULT_AVATAR
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ImportedIntent:
    """Intent that came: its file, counts of its texts, and why it is a draft if it is one."""

    id: str
    file: str
    title: str
    role: str
    phrases: int
    answers: int
    draft: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Report of an import: what came, what was there already, what was left and why."""

    kind: str
    folder: Path
    new: bool
    written: bool
    locales: tuple[str, ...]
    intents: tuple[ImportedIntent, ...]
    kept: tuple[str, ...]
    facts: tuple[str, ...]
    left: tuple[Left, ...]
    notes: tuple[str, ...]
    warnings: int


def import_export(
    settings: Settings,
    source: Path,
    options: ImportOptions | None = None,
    *,
    note: Callable[[str], None] = lambda _: None,
) -> ImportReport:
    """Bring an export into the catalog's folder; a folder that is not there becomes a new catalog. Blocking.

    Raises:
        CatalogError: the export cannot be read, or the catalog has errors; nothing was written.
    """
    wanted = options or ImportOptions()
    note("reading the export")
    gathered = gather(source, wanted.columns)
    note("fitting it to the catalog")
    with Candidate(settings.catalog) as candidate:
        job = _Import(settings, gathered, wanted, candidate)
        job.fit()
        note("checking what it becomes")
        warnings = job.verify()
        if not wanted.dry_run:
            candidate.land()
        return job.report(warnings)


class _Import:
    def __init__(self, settings: Settings, gathered: Gathered, wanted: ImportOptions, candidate: Candidate) -> None:
        self._settings = settings
        self._gathered = gathered
        self._wanted = wanted
        self._candidate = candidate
        self._new: NewCatalog | None = None
        self._before: frozenset[tuple[str, str, str]] = frozenset()
        self._facts: tuple[str, ...] = ()
        self._left: list[Left] = []

    def fit(self) -> None:
        """Settle what was gathered into the catalog, or into a new one."""
        around, own_locale = self._new_one() if self._candidate.fresh else self._existing()
        settled: Settled = settle(self._gathered, around, own_locale=own_locale)
        self._around, self._kept = around, settled.kept
        self._drafts = list(settled.drafts)
        self._left += settled.left
        if not settled.drafts and not settled.kept:
            raise CatalogError(_nothing(self._left))
        if self._new:
            played = frozenset(one.role for one in settled.drafts if not one.held) - {Role.ANSWER}
            write_scaffold(self._candidate, self._new, self._settings.models_dir, played=played)
        self._bring_facts()

    def _existing(self) -> tuple[Surroundings, str]:
        catalog = load_or_raise(self._settings.catalog)
        self._before = _errors(check_catalog(self._settings, quick=True))
        files = {Path(file).stem: file for file in scan(self._settings.catalog).intents}
        languages = {language_of_tag(one) for one in catalog.locales}
        guessed = _guess(self._gathered, languages) if len(languages) > 1 else ""
        own = locale_of(self._wanted.locale) or self._gathered.locale or guessed or catalog.default_locale
        return _surroundings(catalog, files), own

    def _new_one(self) -> tuple[Surroundings, str]:
        exact = any(one.exact for one in self._gathered.intents.values())
        own = locale_of(self._wanted.locale) or self._gathered.locale or _guess(self._gathered, _GUESSED) or "en"
        own = own if exact or self._wanted.locale else language_of_tag(own)
        locales = _locales(self._gathered, own, exact=exact)
        name = self._wanted.name or self._gathered.name or title_of(self._candidate.target.name) or "Catalog"
        self._new = wanted_catalog(self._settings, name[:200], locales, self._wanted.avatar)
        reserved = frozenset() if exact else ROLE_IDS
        return Surroundings(self._new.locales[0], self._new.locales, reserved=reserved), own

    def _bring_facts(self) -> None:
        """Write the facts that the catalog does not have; those that it has stay as they are."""
        if not self._gathered.facts:
            return
        path = self._candidate.root / FACTS_FILE
        before = path.read_text("utf-8") if path.is_file() else ""
        known = parse(before.encode()).data if before else {}
        known = known if isinstance(known, dict) else {}
        fresh = {name: value for name, value in self._gathered.facts.items() if name not in known}
        for name in self._gathered.facts.keys() - fresh.keys():
            if self._gathered.facts[name] != known[name]:
                self._left.append(Left("", f"the fact `{name}`", "the catalog has it with another value"))
        if fresh:
            self._candidate.replace(FACTS_FILE, (before.rstrip("\n") + "\n" if before else "") + yaml_text(fresh))
        self._facts = tuple(fresh)

    def verify(self) -> int:
        """Write the drafts and check the whole; whatever is an error becomes a draft, or stays out.

        Raises:
            CatalogError: there are errors that no draft explains.
        """
        settings = self._settings.model_copy(update={"catalog": self._candidate.root})
        for _ in range(_TRIES):
            self._write()
            checked = check_catalog(settings, quick=True)
            errors = [one for one in checked.findings if one.level is Level.ERROR and _key(one) not in self._before]
            if not errors:
                return checked.count(Level.WARNING)
            for finding in errors:
                self._blame(finding)
        raise CatalogError(f"Expected a catalog that `check` passes, got {errors[0]}; nothing was written.")

    def _write(self) -> None:
        without_dead_chips(tuple(self._drafts))
        for draft in self._drafts:
            self._candidate.write(draft.file, _text(draft))

    def _blame(self, finding: Finding) -> None:
        """Hold the draft that a finding is about; one that is held already stays out."""
        guilty = [one for one in self._drafts if one.file == finding.file]
        guilty = guilty or [one for one in self._drafts if f"`{one.id}`" in finding.message]
        if not guilty:
            raise CatalogError(f"Expected a catalog that `check` passes, got {finding}; nothing was written.")
        for draft in guilty:
            if draft.held and finding.file == draft.file and f"check: {finding.message}" in draft.held:
                self._drafts.remove(draft)
                self._candidate.remove(draft.file)
                self._left.append(Left(draft.source, "the intent", f"`check` refuses it: {finding.message}"))
            elif f"check: {finding.message}" not in draft.held:
                draft.held.append(f"check: {finding.message}")

    def report(self, warnings: int) -> ImportReport:
        """Return what came and what was left."""
        return ImportReport(
            kind=self._gathered.kind,
            folder=self._candidate.target,
            new=self._new is not None,
            written=not self._wanted.dry_run,
            locales=self._around.locales,
            intents=tuple(map(_imported, self._drafts)),
            kept=tuple(file for _, file in self._kept),
            facts=self._facts,
            left=tuple(self._left),
            notes=notes_about(self._new) if self._new else (),
            warnings=warnings,
        )


def _surroundings(catalog: Catalog, files: Mapping[str, str]) -> Surroundings:
    own = [intent for intent in catalog.intents if intent.starter is None]
    phrases = {
        (locale, fold(text)): intent.id for intent in own for locale, texts in intent.phrases.items() for text in texts
    }
    players = {intent.id for intent in own}
    roles = frozenset(role for role, ids in catalog.roles.items() if players & set(ids))
    return Surroundings(catalog.default_locale, catalog.locales, files, phrases, roles)


def _locales(gathered: Gathered, own: str, *, exact: bool) -> tuple[str, ...]:
    """Return the locales of a new catalog, its default one first: those that answers are translated to."""
    said: list[set[str]] = []
    for intent in gathered.intents.values():
        tags = {locale_of(tag) or own for tag, texts in intent.answers.items() if texts}
        said.append(tags if exact else {language_of_tag(tag) for tag in tags})
    counts = Counter(tag for tags in said for tag in tags)
    default = own if own in counts or not counts else counts.most_common(1)[0][0]
    translated = {tag for tags in said if default in tags for tag in tags}
    least = max(_FEWEST, _MUCH * counts[default])
    others = [tag for tag in counts if tag != default and (tag in translated or counts[tag] >= least)]
    return default, *others


def _guess(gathered: Gathered, served: Any) -> str:
    """Return the language of the texts that do not say theirs; empty if it is not clear."""
    texts = [
        text
        for intent in list(gathered.intents.values())[:200]
        for by_locale in (intent.phrases, intent.answers)
        for text in by_locale.get(OWN, ())[:5]
    ]
    return language_of(" ".join(texts)[:20_000], served) or "" if texts else ""


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.file, finding.message


def _errors(checked: Checked) -> frozenset[tuple[str, str, str]]:
    return frozenset(_key(one) for one in checked.findings if one.level is Level.ERROR)


def _text(draft: IntentDraft) -> str:
    """Return the file of a draft; reasons against it stand above as comments."""
    title, *rest = draft.content.items()
    content = dict([title, *([("draft", True)] if draft.held else []), *rest])
    comments = [f"Draft, no visitor gets it: {reason}." for reason in draft.held]
    return yaml_text(content, comments)


def _imported(draft: IntentDraft) -> ImportedIntent:
    phrases, answers = (
        sum(map(len, draft.content.get(key, {}).values())) if isinstance(draft.content.get(key, {}), dict) else 0
        for key in ("phrases", "answer")
    )
    held = tuple(draft.held)
    title = str(draft.content.get("title", ""))
    return ImportedIntent(draft.id, draft.file, title, draft.role.value, phrases, answers, bool(held), held)


def _nothing(left: list[Left]) -> str:
    reasons = "; ".join(f"{one.what}: {one.why}" for one in left[-3:])
    return f"Expected intents that fit the catalog, got none: {reasons or 'the export is empty'}. Nothing was written."
