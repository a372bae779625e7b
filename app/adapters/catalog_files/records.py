"""Records of a catalog folder: its intents and facts as their files write them, for an export."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.adapters.catalog_files.parts import ReadIntent, read_parts
from app.adapters.catalog_files.reader import Reader
from app.adapters.catalog_files.strict_yaml import YamlDocument
from app.adapters.catalog_files.tree import scan
from app.catalog.findings import KeyPath
from app.catalog.imports.interchange import CatalogRecords, IntentRecord


@dataclass(frozen=True, slots=True)
class CatalogFiles:
    """Records of a folder, and counts of what no record carries."""

    records: CatalogRecords
    avatars: int
    documents: int
    questions: int
    starters: tuple[str, ...]


def read_records(root: Path) -> CatalogFiles | None:
    """Return the records of a folder that loads; None if its settings cannot be read."""
    tree = scan(root)
    parts = read_parts(Reader(tree.root), tree)
    if parts.settings is None:
        return None
    settings = parts.settings
    records = CatalogRecords(
        name=settings.name,
        default_locale=settings.default_locale,
        locales=settings.locales or (settings.default_locale,),
        facts=_facts(parts.facts),
        intents=tuple(map(_record, parts.intents)),
    )
    return CatalogFiles(records, len(parts.avatars), len(parts.documents), len(parts.questions), settings.starter)


def _record(read: ReadIntent) -> IntentRecord:
    content = read.described.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if read.described.draft:
        content["draft"] = True
    return IntentRecord(read.topic, read.id, {key: value for key, value in content.items() if value not in (None, {})})


def _facts(document: YamlDocument | None) -> dict[str, Any]:
    """Return the facts with numbers in the form in which they are written: `12.50` stays so."""
    data = document.data if document else {}
    return _written(data, (), document) if document and isinstance(data, dict) else {}


def _written(data: Mapping[str, Any], path: KeyPath, document: YamlDocument) -> dict[str, Any]:
    return {
        name: _written(value, (*path, name), document)
        if isinstance(value, dict)
        else document.written.get((*path, name), str(value))
        for name, value in data.items()
    }
