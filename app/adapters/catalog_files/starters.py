"""Starter packs on disk: those that come with the package, or those that a release has kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from app.adapters.catalog_files.parts import Parts, ReadIntent
from app.adapters.catalog_files.reader import Reader
from app.catalog.findings import CATALOG_FILE, FACTS_FILE, Complaint, intent_file
from app.catalog.model import STARTERS_FOLDER, CatalogFile, Role, StarterFile
from app.catalog.roles import RoleIntents, settle_roles
from app.catalog.starter_packs import StarterIntent, Taken, beside, fitted_to
from app.catalog.validation_messages import did_you_mean
from app.text import fold

KEPT_FOLDER = f".{STARTERS_FOLDER}"
"""Folder in which a release keeps the packs that it was published with, so that a newer Greenroom changes nothing."""


@dataclass(frozen=True, slots=True)
class StartedParts:
    """Parts of a catalog with the intents of its packs, the roles of all, and the facts that packs fall back on."""

    parts: Parts
    players: RoleIntents
    complaints: tuple[Complaint, ...]
    facts: Mapping[str, str]


def with_starters(parts: Parts, settings: CatalogFile, root: Path, reader: Reader) -> StartedParts:
    """Merge the packs that `catalog.yaml` switches on into the parts; unknown names are findings."""
    own, complaints = settle_roles(settings.roles, ((one.id, one.described) for one in parts.intents))
    folder = starters_of(root)
    wanted = _wanted(settings, folder, reader)
    taken = _taken(parts) if wanted else frozenset()
    chips = _opening_chips(parts, own)
    locales = settings.locales or (settings.default_locale,)
    found, unspoken = [], set()
    for pack, name in wanted:
        written = Reader(folder).model(f"{pack}/{name}.yaml", StarterFile)
        if written is None or name in {one.id for one in parts.intents}:
            continue
        described = fitted_to(written, locales=locales, default=settings.default_locale, taken=taken, chips=chips)
        if described is None:
            unspoken.add(pack)
        else:
            found.append(StarterIntent(name, pack, described))
    for pack in sorted(unspoken):
        _report_language(pack, settings, reader)
    used, players = beside(own, found)
    intents = tuple(ReadIntent(one.id, one.topic, intent_file(one.topic, one.id), one.described, {}) for one in used)
    facts = _facts(folder, {pack for pack, _ in wanted})
    return StartedParts(replace(parts, intents=(*parts.intents, *intents)), players, complaints, facts)


def starters_of(root: Path) -> Path:
    """Return the folder of the packs for a catalog: its own copy if it is a release, else the package's."""
    kept = root / KEPT_FOLDER
    return kept if kept.is_dir() else Path(str(files("app.catalog"))) / STARTERS_FOLDER


def kept_files(root: Path, packs: frozenset[str]) -> dict[str, bytes]:
    """Return the files of these packs, under the names by which a release keeps them."""
    folder = starters_of(root)
    paths = sorted(path for pack in packs for path in (folder / pack).glob("*.yaml"))
    return {f"{KEPT_FOLDER}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in paths}


def _wanted(settings: CatalogFile, folder: Path, reader: Reader) -> list[tuple[str, str]]:
    """Return pack and id of every intent that is switched on, each once."""
    known = {path.name: _intents(path) for path in _packs(folder)}
    wanted: dict[tuple[str, str], None] = {}
    for at, text in enumerate(settings.starter):
        pack, _, name = text.partition("/")
        names = known.get(pack, [])
        if not names or (name and name not in names):
            offered = [*known, *(f"{one}/{intent}" for one, intents in known.items() for intent in intents)]
            message = f"Expected a starter pack ({', '.join(known)}) or one of its intents, got `{text}`."
            hint = did_you_mean(text, offered) or "Write for example `small-talk` or `small-talk/hello`."
            reader.complain(CATALOG_FILE, Complaint("starter-unknown", ("starter", at), message, hint))
            continue
        wanted.update(dict.fromkeys((pack, one) for one in ([name] if name else names)))
    return list(wanted)


def _packs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))


def _intents(pack: Path) -> list[str]:
    return sorted(file.stem for file in pack.glob("*.yaml") if file.name != FACTS_FILE)


def _taken(parts: Parts) -> Taken:
    return frozenset(
        (locale, fold(text))
        for one in parts.intents
        for locale, texts in one.described.phrases.items()
        for text in texts
    )


def _opening_chips(parts: Parts, own: RoleIntents) -> tuple[str, ...]:
    """Return the chips of the greeting: they follow small talk, too."""
    greetings = [one for one in parts.intents if one.id in own.get(Role.GREETING, ())]
    return greetings[0].described.next if greetings else ()


def _report_language(pack: str, settings: CatalogFile, reader: Reader) -> None:
    at = next(at for at, text in enumerate(settings.starter) if text.partition("/")[0] == pack)
    message = f"Expected a starter pack in `{settings.default_locale}`, got `{pack}`, which speaks de and en only."
    hint = f"Write these intents yourself, or remove `{pack}`; none of it is used."
    reader.complain(CATALOG_FILE, Complaint("starter-language", ("starter", at), message, hint))


def _facts(folder: Path, packs: set[str]) -> dict[str, str]:
    """Return the facts that these packs bring."""
    brought: dict[str, str] = {}
    for pack in sorted(packs):
        file = f"{pack}/{FACTS_FILE}"
        document = Reader(folder).document(file) if (folder / file).is_file() else None
        if document and isinstance(document.data, dict):
            brought.update({str(name): str(text) for name, text in document.data.items()})
    return brought
