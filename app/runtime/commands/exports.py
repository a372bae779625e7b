"""Export of a catalog's folder: intents and facts as JSON lines or as a table."""

import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.adapters.catalog_files.loader import load_or_raise
from app.adapters.catalog_files.records import CatalogFiles, read_records
from app.catalog.imports.interchange import CatalogRecords, lines, rows
from app.errors import CatalogError
from app.runtime.settings.site import Settings


class ExportFormat(StrEnum):
    """Form of an export: a record a line, or a table for a spreadsheet."""

    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Exported:
    """Text of an export, how much is in it, and what is not."""

    content: str
    format: ExportFormat
    intents: int
    facts: int
    left: tuple[str, ...]

    @property
    def media_type(self) -> str:
        """Return the media type of the text."""
        return "text/csv" if self.format is ExportFormat.CSV else "application/jsonl"

    def save(self, file: Path) -> None:
        """Write the text to a file, whole or not at all; a table with the mark that spreadsheets look for.

        Raises:
            OSError: it cannot be written.
        """
        encoding = "utf-8-sig" if self.format is ExportFormat.CSV else "utf-8"
        draft = file.with_name(f".{file.name}.draft")
        try:
            draft.write_bytes(self.content.encode(encoding))
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)


def export_catalog(settings: Settings, format_: ExportFormat) -> Exported:
    """Return the intents and facts of the catalog's folder, drafts with them. Blocking.

    Raises:
        CatalogError: the catalog has errors.
    """
    load_or_raise(settings.catalog)
    files = read_records(settings.catalog)
    if files is None:
        raise CatalogError(f"Expected a catalog in `{settings.catalog}`, got one that changed meanwhile; try again.")
    content = _table(files.records) if format_ is ExportFormat.CSV else _json_lines(files.records)
    return Exported(content, format_, len(files.records.intents), _count(files.records.facts), _left(files))


def _json_lines(records: CatalogRecords) -> str:
    return "".join(f"{line}\n" for line in lines(records))


def _table(records: CatalogRecords) -> str:
    table = io.StringIO(newline="")
    csv.writer(table, lineterminator="\r\n").writerows(rows(records))
    return table.getvalue()


def _count(facts: object) -> int:
    return sum(map(_count, facts.values())) if isinstance(facts, dict) else 1


def _left(files: CatalogFiles) -> tuple[str, ...]:
    counted = ((files.avatars, "avatars"), (files.documents, "documents"), (files.questions, "test questions"))
    named = [f"{count} {what}" for count, what in counted if count]
    packs = ", ".join(files.starters)
    return (*named, *([f"starter packs ({packs}): they come with `starter:` in catalog.yaml"] if packs else []))
