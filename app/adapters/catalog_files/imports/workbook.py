"""Workbooks (XLSX): the cells of each sheet; openpyxl is loaded only here."""

import io
import warnings
from typing import Any

from app.adapters.catalog_files.imports.source import packed_within_limits
from app.errors import CatalogError

MOST_ROWS = 50_001
MOST_COLUMNS = 60


def sheets_of(name: str, content: bytes) -> list[tuple[str, list[list[Any]]]]:
    """Return name and cells of every visible sheet; formulas come as their last value.

    Raises:
        CatalogError: the file is no workbook, over a limit, or openpyxl is not installed.
    """
    packed_within_limits(name, content).close()
    try:
        from openpyxl import load_workbook  # noqa: PLC0415  only workbooks need it
    except ImportError as error:
        raise CatalogError("Reading XLSX needs openpyxl; install it, or save the sheet as CSV.") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            return [(sheet.title, _cells(sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"]
        except Exception as error:  # openpyxl raises whatever its XML and its types do
            raise CatalogError(f"Expected a workbook, got something unreadable in `{name}`; save it again.") from error


_LONGEST_CELL = 32_767
"""Characters of a cell, as Excel limits them; one text may stand in every row of a small file."""


def _cells(sheet: Any) -> list[list[Any]]:
    rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
    return [[_plain(value) for value in row] for row in rows]


def _plain(value: object) -> object:
    """Return a cell as text; a whole number without its point."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return (value if isinstance(value, str) else str(value))[:_LONGEST_CELL]
