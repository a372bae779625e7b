"""Texts and tables as spreadsheets really save them: any encoding, any separator, `sep=`, line breaks in cells."""

import codecs
import csv
import io
from collections.abc import Mapping
from typing import Any

from app.catalog.imports.gathered import Left
from app.catalog.imports.tables import Columns, columns_of

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = ",;\t|"
_LOOKED_AT = 30
"""Rows by which the separator is chosen."""

Rows = list[tuple[int, Mapping[str, Any]]]


def decoded(content: bytes) -> str:
    """Return a text however it was saved: with a mark, as UTF-8, as UTF-16 without a mark, else as Windows does."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    half = content[:2000]
    zeros = half[1::2].count(0), half[::2].count(0)
    if len(half) > 3 and max(zeros) * 5 > len(half):
        return content.decode("utf-16-le" if zeros[0] >= zeros[1] else "utf-16-be", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace") if _windows(content) else content.decode("latin-1")


def _windows(content: bytes) -> bool:
    return not any(byte in content for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))


def cells_of(text: str, *, tabs: bool = False) -> list[list[str]]:
    """Return the cells of a table's text, a list a row; blank rows stay, so that rows can be numbered.

    Raises:
        csv.Error: the quotes cannot be read.
    """
    separator, text = _declared(text)
    if not separator:
        separator = "\t" if tabs else _separator(text)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _declared(text: str) -> tuple[str, str]:
    """Return the separator of a first line `sep=;`, as Excel writes it, and the rest."""
    first, _, rest = text.partition("\n")
    plain = first.strip("\r").strip('"')
    return (plain[4], rest) if len(plain) == 5 and plain.lower().startswith("sep=") else ("", text)


def _separator(text: str) -> str:
    """Return the separator that makes known headings of the first row, else rows of one length."""

    def rank(separator: str) -> tuple[bool, int, int]:
        try:
            rows = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=separator)
            looked_at = [row for row, _ in zip(rows, range(_LOOKED_AT), strict=False) if any(row)]
        except csv.Error:
            return (False, 0, 0)
        width = len(looked_at[0]) if looked_at else 0
        alike = sum(len(row) == width for row in looked_at)
        return (columns_of(looked_at[0]).usable if looked_at else False, alike if width > 1 else 0, width)

    return max(_SEPARATORS, key=rank)


def table(
    cells: list[list[Any]], where: str, given: Mapping[str, str], left: list[Left], *, headings_within: int = 1
) -> tuple[Columns, Rows] | None:
    """Return what the columns hold and the numbered rows, or None where no row has known headings.

    A row with more cells than headings is mended where a comma without quotes split a sentence, else left out.
    """
    filled = [(number, row) for number, row in enumerate(cells, 1) if any(str(cell or "").strip() for cell in row)]
    for at, (_, headings) in enumerate(filled[:headings_within]):
        columns = columns_of(headings, given)
        if columns.usable:
            names = [" ".join(str(one or "").split()) for one in headings]
            while names and not names[-1]:
                names.pop()
            rows: Rows = [
                (number, named)
                for number, row in filled[at + 1 :]
                if (named := _named(row, names, f"{where}:{number}", left))
            ]
            blank = len(cells) - len(filled)
            if blank:
                left.append(Left(where, f"{blank} blank row{'s' * (blank > 1)}", "nothing in it"))
            return columns, rows
    return None


def _named(row: list[Any], names: list[str], where: str, left: list[Left]) -> dict[str, Any]:
    cells = list(row)
    if len(cells) > len(names) and (mended := _mended(cells, len(names))):
        left.append(
            Left(where, "nothing, but read the row", "a sentence with commas had no quotes; its parts were joined")
        )
        cells = mended
    while len(cells) > len(names) and not str(cells[-1] or "").strip():
        cells.pop()
    if len(cells) > len(names):
        why = f"it has {len(cells)} cells for {len(names)} columns: put texts with the separator in them in quotes"
        left.append(Left(where, " | ".join(map(str, cells)), why))
        return {}
    return dict(zip(names, cells, strict=False))


def _mended(row: list[Any], width: int) -> list[Any] | None:
    """Return a row whose sentences were split at commas: the parts that begin with a blank are joined again."""
    joined: list[Any] = []
    for cell in row:
        if joined and isinstance(cell, str) and cell[:1] == " " and cell.strip():
            joined[-1] = f"{joined[-1]},{cell}"
        else:
            joined.append(cell)
    return joined if len(joined) == width else None
