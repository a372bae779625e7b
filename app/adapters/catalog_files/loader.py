"""Loader of catalog folders: reads all files, fills in facts, settles roles and computes one digest."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.adapters.catalog_files.parts import Parts, ReadIntent, read_parts, without_drafts
from app.adapters.catalog_files.reader import Reader
from app.adapters.catalog_files.starters import with_starters
from app.adapters.catalog_files.tree import Tree, scan
from app.adapters.catalog_files.unread import unnamed
from app.adapters.catalog_files.unserved import without_unserved
from app.catalog.card import Card
from app.catalog.facts import Facts, Filler, fact_texts, fill_disclosure, fill_intent, read_facts
from app.catalog.fallback_and_budget import Budget
from app.catalog.findings import (
    AVATARS_FOLDER,
    CATALOG_FILE,
    FACTS_FILE,
    Complaint,
    Finding,
    Level,
    SourceLines,
    ordered,
)
from app.catalog.model import STARTERS_FOLDER, Avatar, Catalog, CatalogFile, Document, Intent, Voice
from app.catalog.roles import RoleIntents, role_of
from app.catalog.spoken.lexicon import pronunciations
from app.catalog.starter_packs import with_defaults
from app.catalog.validation_messages import did_you_mean
from app.digest import Digest, digest_with_list
from app.errors import CatalogError

_FIRST_OF_CARD = frozenset(("title", "body", "url"))


def assemble(parts: Parts, settings: CatalogFile, reader: Reader, root: Path) -> Catalog | None:
    """Return the catalog, or None when a necessary part is missing; complaints go to the reader."""
    return _Assembly(parts, settings, reader, root).catalog()


def content_digest(catalog: Catalog) -> Digest:
    """Return the digest of exactly this content, wherever the folder is.

    A field that is newer than some releases counts only if it is given, so that their digests stay.
    """
    exclude: dict[str, Any] = {"digest": True, "avatar": _left_out_of(catalog.avatar)}
    if catalog.budget.per_clip_attempts == Budget().per_clip_attempts:
        exclude["budget"] = {"per_clip_attempts"}
    if not any(document.sections for document in catalog.documents):
        exclude["documents"] = {"__all__": {"sections"}}
    if not catalog.written:
        exclude["written"] = True
    if catalog.meanwhile == "text":
        exclude["meanwhile"] = True
    exclude["fallback"] = {name for name in ("context", "calls") if not getattr(catalog.fallback, name)}
    exclude["intents"] = True
    intents = (one.model_dump(mode="json", by_alias=True, exclude=_left_out(one)) for one in catalog.intents)
    return digest_with_list(catalog.model_dump(mode="json", by_alias=True, exclude=exclude), "intents", intents)


def _left_out_of(avatar: Avatar) -> dict[str, Any]:
    """Return the fields of an avatar that do not count: where it lies, and what is newer and not given."""
    left: dict[str, Any] = {"portrait_path": True, "facts": True}
    if not avatar.pronounce:
        left["pronounce"] = True
    if avatar.loops == "free":
        left["loops"] = True
    if avatar.video.shape is None:
        left["video"] = {"shape"}
    if isinstance(avatar.voice, Voice) and avatar.voice.normalise:
        left["voice"] = {"normalise"}
    return left


def _left_out(intent: Intent) -> dict[str, Any]:
    """Return the fields of an intent that do not count, as a dump leaves them out."""
    left: dict[str, Any] = {name: True for name in ("titles", "cards") if intent.starter or not getattr(intent, name)}
    left |= {name: True for name in ("meanwhile", "call") if getattr(intent, name) is None}
    if intent.card is not None:
        left["card"] = _not_given(intent.card)
    if "cards" not in left:
        left["cards"] = {locale: _not_given(card) for locale, card in intent.cards.items()}
    return left


def _not_given(card: Card) -> set[str]:
    """Return the fields of a card that came with its kinds, where they say nothing."""
    fields = Card.model_fields
    return {name for name in fields if name not in _FIRST_OF_CARD and getattr(card, name) == fields[name].default}


class _Assembly:
    def __init__(self, parts: Parts, settings: CatalogFile, reader: Reader, root: Path) -> None:
        self._locales = settings.locales or (settings.default_locale,)
        finished = without_unserved(
            without_drafts(parts, reader), tuple(dict.fromkeys((*self._locales, settings.default_locale))), reader
        )
        started = with_starters(finished, settings, root, reader)
        self._parts = started.parts
        self._started = started
        self._settings = settings
        self._reader = reader
        self._missing: dict[tuple[str, str], list[tuple[str, Complaint]]] = {}
        self._facts = self._read_facts()
        self._used: set[str] = set()

    def catalog(self) -> Catalog | None:
        self._check_locales()
        players = self._players()
        intents = tuple(self._intent(one, players) for one in self._parts.intents)
        documents = tuple(self._document(file, one) for file, one in self._parts.documents)
        avatar = self._avatar()
        self._report_missing()
        self._report_unused()
        if avatar is None:
            return None
        settings = self._settings
        catalog = Catalog(
            name=settings.name,
            default_locale=settings.default_locale,
            locales=self._locales,
            written=settings.written,
            avatar=avatar,
            intents=intents,
            roles=players,
            matching=settings.matching,
            fallback=settings.fallback,
            budget=settings.budget,
            meanwhile=settings.meanwhile,
            questions=self._parts.questions,
            documents=documents,
            digest="",
        )
        return catalog.model_copy(update={"digest": content_digest(catalog)})

    def _check_locales(self) -> None:
        default = self._settings.default_locale
        if default not in self._locales:
            message = f"Expected `default_locale` among `locales`, got `{default}`."
            self._complain(CATALOG_FILE, Complaint("locale-unknown", ("locales",), message, f"Add `{default}`."))
        for at, locale in enumerate(self._settings.written):
            if locale == default or locale not in self._locales:
                message = f"Expected a locale beside the default one, of `locales`, got `{locale}`."
                complaint = Complaint("locale-unknown", ("written", at), message, "Add it to `locales`, or remove it.")
                self._complain(CATALOG_FILE, complaint)

    def _read_facts(self) -> Facts | None:
        """Return the facts, or None when their file is broken.

        Then nothing can be reported about their use.
        """
        document = self._parts.facts
        if document is None:
            return None
        facts, complaints = read_facts(
            document.data,
            written=document.written,
            locales=self._locales,
            default_locale=self._settings.default_locale,
        )
        for complaint in complaints:
            self._complain(FACTS_FILE, complaint)
        return facts

    def _players(self) -> RoleIntents:
        for complaint in self._started.complaints:
            self._complain(CATALOG_FILE, complaint)
        return self._started.players

    def _intent(self, read: ReadIntent, players: RoleIntents) -> Intent:
        filler = self._filler(read.topic)
        changed = fill_intent(read.described, filler, self._settings.default_locale)
        self._collect(read.file, filler)
        read_fields = dict(read.described)
        derived = {"role": role_of(read.id, players), "id": read.id, "topic": read.topic, "recordings": read.recordings}
        return Intent.model_construct(**{**read_fields, **changed, **derived})

    def _document(self, file: str, document: Document) -> Document:
        filler = self._filler()
        locale = self._settings.default_locale
        filled = {
            name: tuple(filler.fill(text, locale, ()) for text in getattr(document, name))
            for name in ("passages", "sections")
        }
        self._collect(file, filler)
        return document.model_copy(update=filled)

    def _avatar(self) -> Avatar | None:
        name = self._settings.avatar
        read = next((one for one in self._parts.avatars if one.id == name), None)
        if read is None:
            self._report_missing_avatar(name)
            return None
        filler = self._filler()
        disclosure = fill_disclosure(read.described, filler)
        self._collect(read.file, filler)
        read_fields = {key: getattr(read.described, key) for key in type(read.described).model_fields}
        return Avatar.model_construct(
            **{**read_fields, "disclosure": disclosure},
            id=read.id,
            portrait_path=str(read.portrait_path),
            portrait_digest=read.portrait_digest,
            evidence_digest=read.evidence_digest,
            pronounce=pronunciations(self._settings, self._facts.spoken if self._facts else {}),
            facts=fact_texts(self._facts or Facts()),
        )

    def _report_missing_avatar(self, name: str) -> None:
        if f"{AVATARS_FOLDER}/{name}.yaml" in self._reader.read:
            return
        known = [one.id for one in self._parts.avatars]
        message = f"Expected an avatar of `{AVATARS_FOLDER}/`, got `{name}`."
        hint = did_you_mean(name, known) or f"Write `{AVATARS_FOLDER}/{name}.yaml` with `name:` and `portrait:`."
        self._complain(CATALOG_FILE, Complaint("avatar-missing", ("avatar",), message, hint))

    def _filler(self, topic: str = "") -> Filler:
        facts = self._facts or Facts()
        if topic.startswith(f"{STARTERS_FOLDER}/"):
            names = [one.described.name for one in self._parts.avatars if one.id == self._settings.avatar]
            facts = with_defaults(facts, self._started.facts, avatar="".join(names))
        return Filler(facts)

    def _collect(self, file: str, filler: Filler) -> None:
        self._used |= filler.used
        for complaint in filler.complaints:
            if complaint.rule != "fact-missing":
                self._complain(file, complaint)
            elif self._facts is not None:
                self._missing.setdefault((complaint.message, complaint.hint), []).append((file, complaint))

    def _report_missing(self) -> None:
        """Report each fact that is missing once, at its first use, with the others."""
        for uses in self._missing.values():
            (file, complaint), *others = uses
            message = complaint.message
            if others:
                places = self._reader.places
                named = [f"{name}:{places.find(name, *one.path).line}" for name, one in others[:_SHOWN_USES]]
                named += [f"{len(others) - _SHOWN_USES} more"] if len(others) > _SHOWN_USES else []
                message += f" Also at {', '.join(named[:-1]) + ' and ' if named[1:] else ''}{named[-1]}."
            self._complain(file, replace(complaint, message=message))

    def _report_unused(self) -> None:
        if any(one.level is Level.ERROR for one in self._reader.findings):
            return  # an unreadable file may be the one that uses it
        facts = self._facts or Facts()
        either = {one for one in facts.either if any(name.partition(".")[0] == one for name in self._used)}
        for name in sorted(facts.texts.keys() - self._used):
            top, inside, _ = name.partition(".")
            if top in either or (inside and top in facts.either):
                continue
            message = f"Expected every fact to be used, got `{name}` in no answer, card or document."
            path = tuple(name.split("."))
            complaint = Complaint("fact-unused", path, message, "Use it or remove it.", Level.WARNING)
            self._complain(FACTS_FILE, complaint)

    def _complain(self, file: str, complaint: Complaint) -> None:
        self._reader.complain(file, complaint)


_SHOWN_FINDINGS = 10
_SHOWN_USES = 3


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Catalog, or None when a finding is an error, with the findings and the lines of everything written."""

    catalog: Catalog | None
    findings: tuple[Finding, ...]
    places: SourceLines


def load_catalog(root: Path, *, edited: Mapping[str, bytes] | None = None) -> LoadResult:
    """Read every file of the folder and report all findings at once, by file and line.

    `edited`: files as they would be, new ones among them. Never raises for bad content.
    """
    try:
        tree = scan(root, edited or ())
    except (OSError, ValueError, RuntimeError):
        hint = "Create it with a `catalog.yaml`, or name another folder with `--catalog DIR`."
        return _no_catalog(".", f"Expected a catalog folder, found none at `{root}`.", hint)
    if CATALOG_FILE not in tree.top:
        hint = "Write one with `name:` and `avatar:`, or name another folder with `--catalog DIR`."
        return _no_catalog(CATALOG_FILE, f"Expected `{CATALOG_FILE}` in `{root}`, found none.", hint)
    return _read(tree, edited or {})


def load_or_raise(root: Path) -> Catalog:
    """Return the catalog of this folder.

    Raises:
        CatalogError: it has errors; the message counts them and quotes the first ones.
    """
    result = load_catalog(root)
    if result.catalog is not None:
        return result.catalog
    raise catalog_error(root, result.findings)


def catalog_error(root: Path, findings: Iterable[Finding]) -> CatalogError:
    """Return the error for a catalog with errors: it counts them and quotes the first ones."""
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    lines = [f"Expected a valid catalog in `{root}`, got {len(errors)} error{'s' if len(errors) > 1 else ''}:"]
    lines += [f"  {finding}" for finding in errors[:_SHOWN_FINDINGS]]
    if len(errors) > _SHOWN_FINDINGS:
        lines.append(f"  and {len(errors) - _SHOWN_FINDINGS} more; `greenroom check` lists them all.")
    return CatalogError("\n".join(lines))


def _read(tree: Tree, edited: Mapping[str, bytes]) -> LoadResult:
    reader = Reader(tree.root, edited)
    parts = read_parts(reader, tree)
    catalog = assemble(parts, parts.settings, reader, tree.root) if parts.settings else None
    findings = (*_unread(tree, reader), *reader.findings)
    failed = any(finding.level is Level.ERROR for finding in findings)
    return LoadResult(None if failed else catalog, ordered((*findings, *reader.beside)), reader.places)


def _unread(tree: Tree, reader: Reader) -> Iterator[Finding]:
    """Yield the tree's findings, but none about files that others name, and recordings that nobody names.

    While a file is in error, nobody knows what it would name.
    """
    broken = any(finding.level is Level.ERROR for finding in reader.findings)
    for finding in tree.findings:
        if finding.rule != "unknown-file" or not (finding.file in reader.named or _may_be_named(finding, broken)):
            yield finding
    for name in () if broken else sorted(set(tree.sounds) - reader.named):
        yield unnamed(name)


def _may_be_named(finding: Finding, broken: bool) -> bool:  # noqa: FBT001
    return broken and finding.file.startswith(f"{AVATARS_FOLDER}/") and finding.file.endswith(".pdf")


def _no_catalog(file: str, message: str, hint: str) -> LoadResult:
    return LoadResult(None, (Finding(Level.ERROR, "catalog-missing", file, 0, message, hint),), SourceLines())
