"""Question log: a CSV, TSV, JSON or JSON lines file of questions, as chat tools and help desks export them."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.adapters.catalog_files.imports.text import cells_of, decoded
from app.errors import CatalogError
from app.text import fold

TEXT_COLUMNS: Final = (
    "question", "text", "utterance", "query", "message", "input", "content", "phrase", "frage", "pregunta", "body",
)  # fmt: skip
LOCALE_COLUMNS: Final = ("locale", "language", "lang", "sprache", "idioma")
COUNT_COLUMNS: Final = ("count", "times", "asked", "n", "hits", "frequency", "anzahl")

LONGEST_BYTES: Final = 200_000_000
LONGEST_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """Question of a log; equal words in one locale are one, `times` counts them."""

    text: str
    locale: str
    times: int


def read_log(file: Path, *, default_locale: str) -> tuple[LoggedQuestion, ...]:
    """Read a log; the most asked question comes first, in its commonest spelling.

    Raises:
        CatalogError: the file cannot be read, or no column of it holds questions.
    """
    try:
        if file.stat().st_size > LONGEST_BYTES:
            raise CatalogError(f"Expected at most {LONGEST_BYTES // 1_000_000} MB, `{file}` has more; cut it in parts.")
        content = file.read_bytes()
    except OSError as error:
        raise CatalogError(f"Cannot read `{file}`: {error.strerror}. Name a CSV or JSON lines file.") from error
    rows = list(_rows(file, decoded(content)))
    return counted(_questions(file, rows, default_locale))


def counted(questions: Iterable[tuple[str, str, int]]) -> tuple[LoggedQuestion, ...]:
    """Count equal questions together: text, locale, times each."""
    spellings: dict[tuple[str, str], Counter[str]] = {}
    for text, locale, times in questions:
        spellings.setdefault((locale, fold(text)), Counter())[text] += times
    found = [
        LoggedQuestion(written.most_common(1)[0][0], locale, written.total())
        for (locale, folded), written in spellings.items()
        if folded
    ]
    return tuple(sorted(found, key=lambda one: (-one.times, one.locale, one.text)))


def _rows(file: Path, text: str) -> Iterator[Mapping[str, Any]]:
    ending = file.suffix.lower()
    if ending == ".json" or (ending not in {".csv", ".tsv", ".jsonl", ".ndjson"} and text.lstrip()[:1] == "["):
        yield from _json_rows(file, text)
    elif ending in {".jsonl", ".ndjson"} or text.lstrip()[:1] == "{":
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield _row(_parsed(file, line, number))
    else:
        yield from _table(file, text, tabs=ending == ".tsv")


def _json_rows(file: Path, text: str) -> Iterator[Mapping[str, Any]]:
    document = _parsed(file, text, 1)
    lists = [value for value in document.values() if isinstance(value, list)] if isinstance(document, dict) else []
    items = document if isinstance(document, list) else max(lists, key=len, default=[])
    yield from map(_row, items)


def _parsed(file: Path, text: str, line: int) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise CatalogError(f"{file}:{line}: expected JSON, got {text[:60]!r} ({error}).") from error


def _row(value: Any) -> Mapping[str, Any]:
    """Return one entry by column name; a bare text is a question."""
    return value if isinstance(value, dict) else {TEXT_COLUMNS[0]: value}


def _table(file: Path, text: str, *, tabs: bool) -> Iterator[Mapping[str, Any]]:
    try:
        cells = [row for row in cells_of(text, tabs=tabs) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise CatalogError(f"Cannot read the table in `{file}`: {error}. Save it as CSV with UTF-8 again.") from error
    if not cells:
        return
    names = [name.strip().lower() for name in cells[0]]
    if _column(names, TEXT_COLUMNS) is None and len(names) == 1:  # a list without a heading
        yield from ({TEXT_COLUMNS[0]: row[0]} for row in cells)
        return
    for row in cells[1:]:
        yield dict(zip(names, row, strict=False))


def _questions(file: Path, rows: list[Mapping[str, Any]], default_locale: str) -> Iterator[tuple[str, str, int]]:
    names = list(dict.fromkeys(str(name).strip().lower() for row in rows[:200] for name in row))
    locale, count = _column(names, LOCALE_COLUMNS), _column(names, COUNT_COLUMNS)
    if _column(names, TEXT_COLUMNS) is None:
        seen = ", ".join(f"`{name}`" for name in names[:12]) or "nothing"
        raise CatalogError(
            f"Expected a column named `question` in `{file}`, got {seen}; rename the one with the questions."
        )
    for row in rows:
        plain = {str(name).strip().lower(): value for name, value in row.items()}
        asked = str(next((plain[name] for name in TEXT_COLUMNS if plain.get(name)), "")).strip()[:LONGEST_CHARS]
        if asked:
            yield asked, str(plain.get(locale or "") or default_locale), _times(plain.get(count or ""))


def _column(names: list[str], known: tuple[str, ...]) -> str | None:
    return next((name for name in known if name in names), None)


def _times(value: Any) -> int:
    try:
        return max(1, int(float(str(value).replace(",", "."))))
    except ValueError:
        return 1
