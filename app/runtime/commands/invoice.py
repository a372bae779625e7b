"""Invoice of a provider against the ledger: matched, only theirs, only ours, and what it adds up to."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.adapters.sql.statement import SqlStatement
from app.errors import SettingsError
from app.rendering.ledger.statement import StatementLine
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import InvoiceColumns, invoice_columns
from app.runtime.wiring.database import open_database

SAME = Decimal("0.005")
"""Amounts that differ by less are the same: a bill is in cents, the ledger in millionths."""

_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """Row of a provider's file about one job; several rows of one job are added up."""

    job: str
    amount: Decimal
    currency: str
    seconds: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InvoiceMatch:
    """Job that both have. `ours` is what is booked, with its corrections, or set aside."""

    job: str
    id: str
    day: date
    ours: Decimal
    theirs: Decimal
    difference: Decimal
    our_seconds: float | None
    their_seconds: Decimal | None


@dataclass(frozen=True, slots=True)
class OnlyOurs:
    """Job that is, or may be, billed by the ledger, and is not in the file."""

    id: str
    job: str
    day: date
    amount: Decimal
    status: str


@dataclass(frozen=True, slots=True)
class InvoiceReport:
    """Comparison of a file with the ledger; `only_theirs` also has the rows without a job, added up."""

    provider: str
    currency: str
    matched: tuple[InvoiceMatch, ...]
    only_theirs: tuple[InvoiceRow, ...]
    only_ours: tuple[OnlyOurs, ...]

    @property
    def differing(self) -> tuple[InvoiceMatch, ...]:
        """Matched jobs whose amounts differ."""
        return tuple(one for one in self.matched if abs(one.difference) >= SAME)

    @property
    def ours(self) -> Decimal:
        """Sum of the ledger's side."""
        return sum((one.ours for one in self.matched), Decimal(0)) + sum(
            (one.amount for one in self.only_ours), Decimal(0)
        )

    @property
    def theirs(self) -> Decimal:
        """Sum of the file."""
        return sum((one.theirs for one in self.matched), Decimal(0)) + sum(
            (one.amount for one in self.only_theirs), Decimal(0)
        )

    @property
    def has_findings(self) -> bool:
        """Return whether anything is to be looked into."""
        return bool(self.differing or self.only_theirs or self.only_ours)


async def reconcile_invoice(
    settings: Settings, file: Path, *, provider: str | None, since: date | None, until: date | None
) -> InvoiceReport:
    """Compare a provider's file with the ledger.

    A job of the file is looked for on all days, because bills come later. Jobs that only the ledger has are those
    ordered between two days.

    Raises:
        SettingsError: the file cannot be read, or its columns are not mapped.
    """
    name, columns = _mapping(invoice_columns(settings), provider)
    theirs = _added_up(read_invoice(file, name, columns))
    ours: dict[str, list[StatementLine]] = {}
    async with open_database(settings) as database:
        async for page in SqlStatement(database).pages():
            for line in page:
                if line.provider == name and (line.job in theirs or _within(line.day, since, until)):
                    ours.setdefault(line.job or line.id, []).append(line)
    return _report(name, theirs, ours)


def read_invoice(file: Path, provider: str, columns: InvoiceColumns) -> Iterator[InvoiceRow]:
    """Yield the rows of a CSV or JSON file.

    Raises:
        SettingsError: it is neither, a mapped column is missing, or an amount is none.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"Cannot read the invoice {file}: {error}. Name a CSV or JSON file in UTF-8.") from error
    rows = _json_rows(text, columns.rows) if text.lstrip()[:1] in {"[", "{"} else _csv_rows(text)
    for number, row in enumerate(rows, start=1):
        where = f"{file}, row {number}"
        job = _value(row, columns.job, "job", provider)
        amount = _amount(_value(row, columns.amount, "amount", provider), columns, where, provider)
        seconds = _value(row, columns.seconds, "seconds", provider) if columns.seconds else None
        currency = _value(row, columns.currency, "currency", provider) if columns.currency else None
        told_seconds = None if seconds in {None, ""} else _amount(seconds, columns, where, provider)
        yield InvoiceRow(str(job or "").strip(), amount * columns.factor, str(currency or "USD").upper(), told_seconds)


def _mapping(mapped: Mapping[str, InvoiceColumns], provider: str | None) -> tuple[str, InvoiceColumns]:
    if provider is None and len(mapped) == 1:
        return next(iter(mapped.items()))
    if provider is not None and provider in mapped:
        return provider, mapped[provider]
    asked = f"[invoice.{provider}]" if provider else "[invoice.NAME], and --provider NAME where there are several"
    raise SettingsError(
        f"Expected {asked} in providers.toml, got {sorted(mapped) or 'no [invoice] table'}; write there which column "
        'is what, such as `job = "request_id"` and `amount = "cost"`.'
    )


def _csv_rows(text: str) -> Iterator[Mapping[str, Any]]:
    header = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=header.count)
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval=""):
        if any(value for value in row.values()):
            yield {(name or "").strip(): value for name, value in row.items()}


def _json_rows(text: str, place: str) -> Iterable[Mapping[str, Any]]:
    try:
        document = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise SettingsError(f"Expected an invoice in JSON, got: {error}; name another file.") from error
    found = _at(document, place) if place else document
    if isinstance(found, dict) and not place:
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else found
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        keys = sorted(document) if isinstance(document, dict) else type(document).__name__
        raise SettingsError(f"Expected a list of rows in the invoice, got {keys}; name its place with `rows`.")
    return found


def _value(row: Mapping[str, Any], column: str, meaning: str, provider: str) -> Any:
    """Return a cell; in JSON a name with dots goes into objects."""
    if column in row:
        return row[column]
    if "." in column and (found := _at(row, column)) is not None:
        return found
    raise SettingsError(
        f"Expected the column {column!r}, which [invoice.{provider}] in providers.toml names as `{meaning}`, got "
        f"{sorted(map(str, row))}; correct the name there."
    )


def _at(document: Any, path: str) -> Any:
    for step in path.split("."):
        document = document.get(step) if isinstance(document, dict) else None
    return document


def _amount(value: Any, columns: InvoiceColumns, where: str, provider: str) -> Decimal:
    """Read a number as the file writes it."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    text = re.sub(r"^[^\d.,+-]+|[^\d.,]+$", "", str(value or "0"))
    if columns.decimal == ",":
        text = text.replace(".", "").replace(",", ".")
    elif _THOUSANDS.fullmatch(text.lstrip("+-")):
        text = text.replace(",", "")
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text):
        raise SettingsError(
            f'Expected a number in {where}, got {value!r}; set `decimal = ","` in [invoice.{provider}] for decimal '
            "commas, or correct the mapped column."
        )
    return Decimal(text)


def _added_up(rows: Iterable[InvoiceRow]) -> dict[str, InvoiceRow]:
    """Add the rows of each job up; those without a job go under the empty name."""
    jobs: dict[str, InvoiceRow] = {}
    for row in rows:
        known = jobs.get(row.job)
        if known is not None and known.currency != row.currency:
            raise SettingsError(f"Expected one currency, got {known.currency} and {row.currency}; split the file.")
        seconds = row.seconds if known is None or known.seconds is None else known.seconds + (row.seconds or 0)
        jobs[row.job] = InvoiceRow(row.job, row.amount + (known.amount if known else 0), row.currency, seconds)
    return jobs


def _within(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or day >= since) and (until is None or day <= until)


def _report(
    provider: str, theirs: Mapping[str, InvoiceRow], ours: Mapping[str, Sequence[StatementLine]]
) -> InvoiceReport:
    currencies = {row.currency for row in theirs.values()} | {
        line.currency for lines in ours.values() for line in lines
    }
    if len(currencies) > 1:
        raise SettingsError(f"Expected one currency in file and ledger, got {sorted(currencies)}; split the file.")
    matched = [_match(theirs[job], lines) for job, lines in ours.items() if job and job in theirs]
    alone = [_alone(lines) for job, lines in ours.items() if job not in theirs]
    return InvoiceReport(
        provider,
        next(iter(currencies), "USD"),
        tuple(sorted(matched, key=lambda one: (one.day, one.job))),
        tuple(row for job, row in theirs.items() if job not in ours),
        tuple(one for one in alone if one.amount),
    )


def _match(row: InvoiceRow, lines: Sequence[StatementLine]) -> InvoiceMatch:
    first, ours = lines[0], _booked(lines)
    return InvoiceMatch(row.job, first.id, first.day, ours, row.amount, row.amount - ours, first.seconds, row.seconds)


def _alone(lines: Sequence[StatementLine]) -> OnlyOurs:
    first = lines[0]
    return OnlyOurs(first.id, first.job, first.day, _booked(lines), first.status)


def _booked(lines: Iterable[StatementLine]) -> Decimal:
    return sum((line.amount + line.reserved for line in lines), Decimal(0))
