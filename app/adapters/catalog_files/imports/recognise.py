"""Recognition of an export: which format its files are, and the intents that its reader finds in them."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from app.adapters.catalog_files.imports.source import Source, read_source
from app.adapters.catalog_files.imports.text import cells_of, decoded, table
from app.adapters.catalog_files.imports.workbook import sheets_of
from app.adapters.catalog_files.strict_yaml import MAX_BYTES, parse
from app.catalog.imports import interchange
from app.catalog.imports.botpress import gather_botpress, items_of
from app.catalog.imports.dialogflow_cx import gather_dialogflow_cx, is_cx
from app.catalog.imports.dialogflow_es import gather_dialogflow_es, gather_single, is_single
from app.catalog.imports.faq_page import gather_faq_page, is_faq_page, linked_data, page_locale
from app.catalog.imports.gathered import Gathered, Left
from app.catalog.imports.language_understanding import gather_lu, gather_luis, is_luis
from app.catalog.imports.lex import gather_lex, is_lex
from app.catalog.imports.qna_maker import gather_qna, is_qna_table, pairs_of, pairs_of_table
from app.catalog.imports.rasa import gather_rasa, is_rasa
from app.catalog.imports.tables import HEADINGS, Columns, gather_rows, pairs
from app.catalog.imports.watson import gather_watson, is_watson
from app.errors import CatalogError

_YAML = (".yml", ".yaml")
_JSON_LINES = (".jsonl", ".ndjson")
_PAGES = (".html", ".htm", ".xhtml")
_WORKBOOKS = (".xlsx", ".xlsm")
_LU = (".lu", ".qna")
_TABS = (".tsv", ".tab")
_TEST_FOLDERS = frozenset({"test", "tests", "results"})
_HEADINGS_WITHIN = 10
"""Rows of a sheet among which its headings are looked for: people write titles above."""


def gather(path: Path, columns: Mapping[str, str] | None = None) -> Gathered:
    """Return all that an export holds; `columns` are the author's headings of a table, by what they hold.

    Raises:
        CatalogError: it cannot be read, is over a limit, or holds no question and no answer.
    """
    source = read_source(path)
    gathered = _gathered(source, columns or {})
    gathered.left[:0] = source.left
    if not any(one.texts or one.exact for one in gathered.intents.values()):
        raise CatalogError(f"Expected questions and answers in `{path}`, got none{_reasons(gathered)}.")
    return gathered


def _reasons(gathered: Gathered) -> str:
    told = [f"{one.where or one.what}: {one.why}" for one in gathered.left[:3]]
    formats = "give a table with the columns `question` and `answer`, or an export of a platform that the docs list"
    return f" ({'; '.join(told)})" if told else f"; {formats}"


def _gathered(source: Source, columns: Mapping[str, str]) -> Gathered:
    if not source.single:
        if is_lex(source.files):
            return gather_lex(_json_files(source.files, source.left))
        for inside in _agents(source.files):
            reader = gather_dialogflow_cx if is_cx(inside) else gather_dialogflow_es
            return reader(_json_files(inside, source.left))
        project = _rasa_project(source)
        if project is not None:
            return project
    gathered = Gathered("files")
    for name, content in source.files.items():
        found = _file(name, content, columns, source)
        if found is None:
            source.left.append(Left(name, "the file", "passed over: not a format that is read"))
            continue
        gathered.kind = found.kind
        gathered.add(found)
    return gathered


def _agents(files: Mapping[str, bytes]) -> Iterator[dict[str, bytes]]:
    """Yield the files of every Dialogflow agent, named from its folder, the nearest first."""
    folders = [str(path.parent) for path in map(PurePosixPath, files) if path.name == "agent.json"]
    for folder in sorted(folders, key=lambda one: (one != ".", one.count("/"), one)):
        start = "" if folder == "." else f"{folder}/"
        inside = {name.removeprefix(start): content for name, content in files.items() if name.startswith(start)}
        if any(name.startswith(("intents/", "flows/")) for name in inside):
            yield inside


def _json_files(files: Mapping[str, bytes], left: list[Left]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, content in files.items():
        if name.endswith(".json"):
            try:
                found[name] = _json(decoded(content))
            except ValueError as error:
                left.append(Left(name, "the file", f"it is no JSON: {error}"))
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _rasa_project(source: Source) -> Gathered | None:
    """Return the intents of a Rasa project; its tests are no training data, and other files are passed over."""
    parsed = [
        (name, document)
        for name, content in source.files.items()
        if name.lower().endswith(_YAML) and (document := _yaml(name, content, source.left)) is not None
    ]
    parts = [(name, one) for name, one in parsed if is_rasa(one)]
    if not any("nlu" in one or "responses" in one for _, one in parts if isinstance(one, dict)):
        return None
    used = [(name, one) for name, one in parts if not _TEST_FOLDERS & set(PurePosixPath(name).parts[:-1])]
    for name in (name for name, _ in parts if name not in dict(used)):
        source.left.append(Left(name, "the file", "passed over: tests are no training data"))
    passed = len(source.files) - len(used)
    if passed:
        source.left.append(
            Left("", f"{passed} other file{'s' * (passed > 1)}", "passed over: no part of the training data")
        )
    return gather_rasa(used)


def _yaml(name: str, content: bytes, left: list[Left]) -> object:
    if len(content) > MAX_BYTES:
        left.append(Left(name, "the file", f"over {MAX_BYTES >> 20} MB of YAML; split it"))
        return None
    document = parse(content)
    if document.problems:
        problem = document.problems[0]
        left.append(Left(f"{name}:{problem.line}", "the file", f"passed over: {problem.message}"))
        return None
    return document.data


def _file(name: str, content: bytes, columns: Mapping[str, str], source: Source) -> Gathered | None:
    """Return what one file holds, or None if it is of no format that is read."""
    ending = PurePosixPath(name).suffix.lower()
    try:
        return _by_ending(name, ending, content, columns, source)
    except (ValueError, csv.Error, RecursionError) as error:
        if source.single:
            raise CatalogError(f"Cannot read the export `{name}`: {error}. Export it again.") from error
        source.left.append(Left(name, "the file", f"passed over: {error}"))
        return Gathered("files")


def _by_ending(name: str, ending: str, content: bytes, columns: Mapping[str, str], source: Source) -> Gathered | None:
    if ending in _WORKBOOKS:
        return _workbook(name, content, columns, source)
    if ending in _YAML:
        document = _yaml(name, content, source.left)
        return gather_rasa([(name, document)]) if is_rasa(document) else None
    text = decoded(content)
    reader = _TEXTS.get(ending)
    if reader:
        return reader(name, text, source.left)
    return _table(name, cells_of(text, tabs=ending in _TABS), columns, source)


def _document(name: str, document: Any) -> Gathered | None:
    """Return the intents of one JSON document, by what it looks like."""
    single: tuple[tuple[Callable[[object], bool], Callable[[str, Any], Gathered]], ...] = (
        (is_watson, gather_watson),
        (is_luis, gather_luis),
        (is_single, gather_single),
        (is_faq_page, lambda where, one: gather_faq_page(where, [one])),
    )
    for holds, reader in single:
        if holds(document):
            return reader(name, document)
    if (listed := pairs_of(document)) is not None:
        return gather_qna(name, listed, document)
    if (items := items_of(document)) is not None:
        return gather_botpress(name, items, document)
    rows = pairs(document)
    return gather_rows(rows, name) if rows is not None else None


def _json_lines(name: str, text: str, left: list[Left]) -> Gathered | None:
    rows: list[tuple[int, Mapping[str, Any]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            one = _json(line)
        except ValueError as error:
            left.append(Left(f"{name}:{number}", line.strip(), f"it is no JSON: {error}"))
            continue
        if isinstance(one, dict):
            rows.append((number, one))
    if interchange.is_own(row for _, row in rows):
        return interchange.gather_lines(rows, name)
    return gather_rows(rows, name) if rows else None


def _page(name: str, text: str, left: list[Left]) -> Gathered | None:
    documents = []
    for script in linked_data(text):
        try:
            documents.append(_json(script))
        except ValueError as error:
            left.append(Left(name, "linked data of the page", f"it is no JSON: {error}"))
    if not any(map(is_faq_page, documents)):
        left.append(Left(name, "the page", "it has no schema.org/FAQPage in it; copy its questions into a table"))
        return Gathered("a FAQ page")
    return gather_faq_page(name, documents, page_locale(text))


_TEXTS: Mapping[str, Callable[[str, str, list[Left]], Gathered | None]] = {
    **dict.fromkeys(_PAGES, _page),
    **dict.fromkeys(_LU, lambda name, text, _: gather_lu(name, text)),
    **dict.fromkeys(_JSON_LINES, _json_lines),
    ".json": lambda name, text, _: _document(name, _json(text)),
}
"""Readers of texts by ending; any other text is a table."""


def _table(name: str, cells: list[list[Any]], columns: Mapping[str, str], source: Source) -> Gathered | None:
    if cells and interchange.is_own_table(cells[0]):
        return interchange.gather_table(cells, name)
    found = table(cells, name, columns, source.left)
    if found is None:
        if source.single:
            raise CatalogError(_unknown(name, cells))
        return None
    used, rows = found
    return _rows(name, used, rows)


def _rows(name: str, used: Columns, rows: list[tuple[int, Mapping[str, Any]]], topic: str = "") -> Gathered:
    if is_qna_table((*used.used.values(), *used.others)):
        return gather_qna(name, pairs_of_table(row for _, row in rows))
    return gather_rows(rows, name, columns=used, topic=topic)


def _workbook(name: str, content: bytes, columns: Mapping[str, str], source: Source) -> Gathered:
    gathered, unread = Gathered("a workbook"), list[list[list[Any]]]()
    sheets = sheets_of(name, content)
    for title, cells in sheets:
        place = f"{name}, {title}" if len(sheets) > 1 else name
        if cells and interchange.is_own_table(cells[0]):
            gathered.add(interchange.gather_table(cells, place))
            continue
        found = table(cells, place, columns, source.left, headings_within=_HEADINGS_WITHIN)
        if found is None:
            unread.append(cells)
            source.left.append(Left(place, "the sheet", "it has no headings for questions and answers"))
            continue
        gathered.add(_rows(place, *found, topic=title if len(sheets) > 1 else ""))
    if not gathered.intents and unread and source.single:
        raise CatalogError(_unknown(name, unread[0]))
    return gathered


def _unknown(name: str, cells: list[list[Any]]) -> str:
    first = next((row for row in cells if any(str(cell or "").strip() for cell in row)), [])
    shown = ", ".join(f"`{str(cell).strip()[:40]}`" for cell in first[:12] if str(cell or "").strip()) or "none"
    known = ", ".join(f"`{HEADINGS[meaning][0]}`" for meaning in ("question", "answer"))
    return (
        f"Expected columns for questions and answers ({known}) in `{name}`, got {shown}; say which is which: "
        "`--column question=HEADING --column answer=HEADING`."
    )
