"""Output of the command line: tables and colours for people, JSON for programs, errors in one sentence."""

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from app.errors import GreenroomError
from app.rendering.work.ending import Cause, cause_of
from app.store.labels import Labels
from app.text import visible


class Screen(Console):
    """Screen that shows others' words as they are: with `markup=False` no control reaches the terminal."""

    def print(self, *objects: Any, markup: bool | None = None, **more: Any) -> None:
        """Print; without markup, texts lose what is not seen, lines stay."""
        if markup is False:
            objects = tuple(_seen(one) if isinstance(one, str) else one for one in objects)
        super().print(*objects, markup=markup, **more)


out = Screen(highlight=False, soft_wrap=True)
err = Screen(stderr=True, highlight=False, soft_wrap=True)


class PlainTable(Table):
    """Table without lines whose texts are shown as they are: no markup, no controls."""

    def __init__(self, *columns: str) -> None:
        """Name the columns."""
        super().__init__(*columns, box=None, pad_edge=False)

    def add_row(self, *cells: RenderableType | None, **more: Any) -> None:
        """Add a row of plain texts."""
        super().add_row(*(Text(_seen(cell)) if isinstance(cell, str) else cell for cell in cells), **more)


def _seen(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))


class Status(IntEnum):
    """Exit status of a command."""

    OK = 0
    FAILED = 1
    """Findings, a broken promise, or a failure that somebody must correct."""
    USAGE = 2
    WORK = 3
    """`plan`: there is something to render."""
    BUDGET = 4
    PARKED = 5
    """What may be paid waits for a person."""
    PROVIDER = 6
    """A provider is down or busy."""
    STORAGE = 7
    """The store or the database is away, or full."""
    ACCOUNT = 8
    """A provider refuses the key, or there is none."""
    STALE = 9
    """Others published meanwhile."""
    CANCELLED = 130
    TERMINATED = 143


OK, FAILED, USAGE, WORK, STALE = Status.OK, Status.FAILED, Status.USAGE, Status.WORK, Status.STALE


def status_of(cause: Cause | None) -> Status:
    """Return the exit status of a run that ended for this cause; None: all is well."""
    return Status[cause.name] if cause else Status.OK


def plain(value: object) -> Any:  # noqa: C901, PLR0911 - one line a kind of value
    """Convert a value to JSON types; money becomes text, times RFC 3339."""
    match value:
        case BaseModel():
            return plain(value.model_dump(mode="json"))
        case Labels():
            return plain(value.to_json())
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case Enum():
            return value.value
        case Decimal() | Path():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


def print_json(value: object) -> None:
    """Print one JSON document on one line of standard output."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_lines(lines: Iterable[str]) -> None:
    """Print lines below a heading."""
    for line in lines:
        out.print(f"  {line}", markup=False)


def fail(error: GreenroomError, *, as_json: bool) -> NoReturn:
    """Report an error and leave with the status of its cause."""
    if as_json:
        print_json({"error": {"code": error.code, "message": str(error), "retryable": error.retryable}})
    else:
        err.print(f"[red]error[/red] [dim]({error.code})[/dim] ", end="")
        err.print(str(error), markup=False)
    sys.exit(status_of(cause_of(error)))


def show_document(document: dict[str, Any], *, as_json: bool) -> None:
    """Print a report: one name and value a line."""
    if as_json:
        print_json(document)
        return
    for name, value in plain(document).items():
        shown = size(value) if name.endswith("_bytes") else len(value) if isinstance(value, list) else value
        out.print(f"{name.removesuffix('_bytes').replace('_', ' '):>22}  {shown}", markup=False)
        if isinstance(value, list):
            for item in value[:20]:
                out.print(f"{'':>24}{item}", markup=False, style="dim")


def duration(seconds: float) -> str:
    """Format a duration: `4.2 s`, `3 min 10 s` or `2 h 05 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def size(count: int) -> str:
    """Format a size in decimal units: `812 B`, `4.5 kB`, `31 MB`."""
    amount, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if amount >= 10 or unit == "B" else f"{amount:.1f} {unit}"


def money(amount: Decimal, currency: str) -> str:
    """Format an amount: `0.43 USD`; `free` for nothing."""
    return f"{amount:.2f} {currency}" if amount else "free"
