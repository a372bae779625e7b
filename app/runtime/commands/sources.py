"""Sources of the catalog: an intent's file and the facts as their author typed them, before facts are filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from app.adapters.catalog_files.strict_yaml import parse
from app.author_errors import EditRefusedError
from app.authoring.edits import CatalogFiles, FileText
from app.catalog.model import IntentFile
from app.errors import CatalogError

FACTS = "facts"


@dataclass(frozen=True, slots=True)
class IntentSource:
    """Intent as its file writes it."""

    file: FileText
    intent: IntentFile


@dataclass(frozen=True, slots=True)
class FactSource:
    """Fact as its file writes it: its dotted name, and its words, of one locale if it has one each."""

    name: str
    locale: str | None
    text: str


def intent_source(files: CatalogFiles, intent: str) -> IntentSource:
    """Read an intent's file. Blocking.

    Raises:
        EditRefusedError: it has none, such as an intent of a starter pack.
        CatalogError: it cannot be read.
    """
    seen = files.seen(files.file_of(intent))
    document = parse(seen.text.encode())
    try:
        return IntentSource(seen, IntentFile.model_validate(document.data))
    except ValidationError as error:
        raise CatalogError(f"Cannot read `{seen.file}` as it is now; `greenroom check` says where.") from error


def fact_sources(files: CatalogFiles, locales: tuple[str, ...]) -> tuple[FileText | None, tuple[FactSource, ...]]:
    """Read the facts in their order; none where there is no file. Blocking."""
    try:
        seen = files.seen(files.file_of(FACTS))
    except EditRefusedError:
        return None, ()
    data = parse(seen.text.encode()).data
    return seen, tuple(_facts(data, "", frozenset(locales))) if isinstance(data, Mapping) else ()


def _facts(group: Mapping[object, object], before: str, locales: frozenset[str]) -> Iterator[FactSource]:
    for key, value in group.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping) and locales.issuperset(map(str, value)):
            yield from (FactSource(name, str(locale), str(text)) for locale, text in value.items())
        elif isinstance(value, Mapping):
            yield from _facts(value, f"{name}.", locales)
        else:
            yield FactSource(name, None, str(value))
