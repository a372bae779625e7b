"""Commands about money: `greenroom renders spend`, `correct` and `reconcile-invoice`."""

import asyncio
import calendar
import csv
import io
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any

import typer

from app.adapters.sql.calls import SqlPaidCalls
from app.adapters.sql.ledger import SqlLedger
from app.adapters.sql.statement import SqlStatement
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for, usd
from app.cli.output import FAILED, OK, out, plain, print_json
from app.rendering.ledger.operator import MAX_NOTE_CHARS, RenderAdmin, SpendReport
from app.rendering.ledger.records import Record
from app.rendering.ledger.statement import (
    ChargeDifference,
    StatementLine,
    StatementSums,
    StatementTotal,
    charge_difference,
)
from app.rendering.plan.break_even import LIVE_MINUTE_USD, SESSION_S, CacheSavings, cache_savings
from app.runtime.commands.invoice import InvoiceReport
from app.runtime.commands.invoice import reconcile_invoice as compare_invoice
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database

Days = tuple[date | None, date | None]
"""First and last day; None: as far as the ledger goes."""


_COLUMNS = tuple(field.name for field in fields(StatementLine))

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First letters with which a spreadsheet takes a text for a formula."""


MonthOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m"], metavar="YYYY-MM", help="All days of one month, UTC.")
]


def _signed_usd(text: str) -> Decimal:
    return usd(text.removeprefix("-")) * (-1 if text.startswith("-") else 1)


def _day(help_text: str) -> Any:
    return typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help=help_text)


def spend(
    since: Annotated[datetime | None, _day("The first day, UTC.")] = None,
    until: Annotated[datetime | None, _day("The last day, UTC.")] = None,
    month: MonthOption = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="A line for each paid job, for a spreadsheet.")] = False,
    file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the CSV to this file.", dir_okay=False)
    ] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show spending by day, provider and intent, and the total; with --csv a line for each paid job.

    A job's money belongs to the day, in UTC, on which the job was ordered; a correction to the day on which it was
    booked.

    \b
    Examples:
      greenroom renders spend --month 2026-11
      greenroom renders spend --csv --month 2026-11 --out november.csv
      greenroom renders spend --since 2026-11-01 --json
    """
    days, settings = days_of(since, until, month), settings_for(catalog, cache)
    if as_csv:
        if as_json:
            raise typer.BadParameter("Expected --csv or --json, not both.")
        asyncio.run(_csv(settings, days, file))
        return
    if file is not None:
        raise typer.BadParameter("Expected --out together with --csv.")
    report, differing, cache_saved = asyncio.run(_report(settings, days))
    if as_json:
        sums = {"reserved": report.reserved, "spent": report.spent, "rejected": report.rejected}
        print_json(
            {"lines": report.lines, **sums, "totals": report.totals, "differing": differing, "cache": cache_saved}
        )
        return
    out.print("\n".join(aligned([*_table(report)], left=4)) if report.lines else "Nothing was spent.", markup=False)
    if cache_saved.plays:
        out.print(_told_savings(cache_saved), markup=False)
    if differing:
        more = exact(sum((one.difference for one in differing), Decimal(0)))
        out.print(f"Of {len(differing)} jobs the provider says another charge, in sum {more} more; --csv has both.")


def correct(
    render_id: Annotated[str, typer.Argument(metavar="ID", help="The render's id, or its first six or more letters.")],
    amount: Annotated[
        Decimal,
        typer.Option(parser=_signed_usd, metavar="USD", help="A refund with a minus, as -0.20; else a surcharge."),
    ],
    note: Annotated[str, typer.Option(metavar="TEXT", help="The reason, for the statement and the audit log.")],
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book a refund, or what a provider billed beyond the estimate, beside what is booked for a render.

    The estimate stays. The correction belongs to today (UTC): closed months stay as they were. A surcharge uses up
    today's budget; a refund gives it no more room.

    \b
    Example:
      greenroom renders correct 4f1c9a --amount -0.20 --note "refund of 2026-12-01"
    """
    if not 0 < len(note.strip()) <= MAX_NOTE_CHARS:
        raise typer.BadParameter(f"Expected a note of 1 to {MAX_NOTE_CHARS} characters, got {len(note.strip())}.")
    record = asyncio.run(_correct(settings_for(catalog, cache), render_id, amount, note.strip()))
    if as_json:
        print_json(record)
        return
    out.print(f"{record.render_id}  {record.day}  {record.spent:+f} {record.currency}  {record.note}", markup=False)


def reconcile_invoice(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The bill, CSV or JSON.")],
    provider: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose bill it is; needed where several are mapped.")
    ] = None,
    month: MonthOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare a provider's bill with the ledger, job by job: what differs, only theirs, only ours.

    The columns of the bill are named once, in providers.toml under [invoice.NAME]. Jobs of the bill are looked for on
    all days; --month bounds the jobs that only the ledger has. Status 1 if there is anything to look into.

    \b
    Example:
      greenroom renders reconcile-invoice fal-2026-11.csv --provider fal --month 2026-11
    """
    since, until = days_of(None, None, month)
    settings = settings_for(catalog, cache)
    report = asyncio.run(compare_invoice(settings, file, provider=provider, since=since, until=until))
    if as_json:
        sums = {"ours": report.ours, "theirs": report.theirs, "difference": report.theirs - report.ours}
        print_json({**plain(report), "differing": len(report.differing), "totals": sums})
    else:
        out.print("\n".join(_comparison(report)), markup=False)
    raise typer.Exit(FAILED if report.has_findings else OK)


def days_of(since: datetime | None, until: datetime | None, month: datetime | None) -> Days:
    """Return the first and the last day that the options name.

    Raises:
        BadParameter: a month and a day are named.
    """
    if month is None:
        return since and since.date(), until and until.date()
    if since is not None or until is not None:
        raise typer.BadParameter("Expected --month, or --since and --until, not both.")
    return month.date(), month.date().replace(day=calendar.monthrange(month.year, month.month)[1])


def exact(amount: Decimal) -> str:
    """Format an amount as it is booked, with two decimals at least: shown amounts add up to the shown sum."""
    whole, _, rest = f"{amount:.6f}".rstrip("0").partition(".")
    return f"{whole}.{rest:0<2}"


def aligned(rows: Sequence[Sequence[str]], *, left: int) -> Iterator[str]:
    """Yield rows as lines of text, never cut: the first `left` columns to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    for row in rows:
        cells = (
            cell.ljust(w) if n < left else cell.rjust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=False))
        )
        yield "  ".join(cells).rstrip()


def _table(report: SpendReport) -> Iterator[tuple[str, ...]]:
    yield ("day (UTC)", "provider", "kind", "intent", "submits", "clips", "reserved", "spent", "of it refused", "")
    for line in report.lines:
        amounts = (exact(amount) for amount in (line.reserved, line.spent, line.rejected))
        yield (
            str(line.day),
            line.provider,
            line.kind,
            line.intent or "-",
            str(line.submits),
            str(line.clips),
            *amounts,
            line.currency,
        )
    for total in report.totals:
        amounts = (exact(amount) for amount in (total.reserved, total.spent, total.rejected))
        yield ("total", "", "", "", str(total.submits), str(total.clips), *amounts, total.currency)


def _comparison(report: InvoiceReport) -> Iterator[str]:
    counts = (len(report.matched), len(report.differing), len(report.only_theirs), len(report.only_ours))
    yield "{}: {} matched, {} of them differ, {} only theirs, {} only ours.".format(report.provider, *counts)
    rows = [("", "day (UTC)", "render", "job", "ours", "theirs", "difference")]
    for one in report.differing:
        amounts = (exact(one.ours), exact(one.theirs), exact(one.difference))
        rows.append(("differs", str(one.day), one.id[:12], one.job, *amounts))
    theirs = ((row.job or "(no job)", exact(row.amount)) for row in report.only_theirs)
    rows.extend(("only theirs", "", "", job, "", amount, amount) for job, amount in theirs)
    for alone in report.only_ours:
        amount = exact(alone.amount)
        rows.append(("only ours", str(alone.day), alone.id[:12], alone.job or "-", amount, "", exact(-alone.amount)))
    sums = (exact(report.ours), exact(report.theirs), exact(report.theirs - report.ours))
    rows.append((f"total {report.currency}", "", "", "", *sums))
    yield from aligned(rows, left=4)


def _told_savings(saved: CacheSavings) -> str:
    (low, high), minutes = LIVE_MINUTE_USD, f"{SESSION_S} s of session an answer, assumed"
    live = f"{saved.live_low:.2f} to {saved.live_high:.2f} USD live ({low} to {high} a minute, {minutes})"
    anew = "" if saved.anew is None else f", or {saved.anew:.2f} with a new clip each, at the mean price of these days"
    return f"Stored clips answered {saved.plays} of the turns that are kept. They would have cost {live}{anew}."


async def _csv(settings: Settings, days: Days, file: Path | None) -> None:
    """Write the statement; a file appears only when it is whole."""
    if file is None:
        async for text in _sheet(settings, *days):
            sys.stdout.write(text)
        return
    part = file.with_name(f"{file.name}.part")
    with part.open("w", encoding="utf-8", newline="") as sheet:
        async for text in _sheet(settings, *days):
            sheet.write(text)
    part.replace(file)


async def _correct(settings: Settings, render_id: str, amount: Decimal, note: str) -> Record:
    async with open_database(settings) as database:
        admin = RenderAdmin(SqlLedger(database, actor=who()), lambda: datetime.now(UTC))
        return await admin.correct(render_id, amount, note=note)


async def _report(settings: Settings, days: Days) -> tuple[SpendReport, tuple[ChargeDifference, ...], CacheSavings]:
    since, until = days
    async with open_database(settings) as database:
        admin = RenderAdmin(SqlLedger(database), lambda: datetime.now(UTC), SqlPaidCalls(database))
        report, told = await admin.spend(since=since, until=until), SqlStatement(database).told
        found = [
            charge_difference(line, settings.charge_alarm_share)
            async for page in told(since=since or date.min, until=until)
            for line in page
        ]
        plays = await SqlStatement(database).plays(since=since, until=until)
        saved = cache_savings(plays, report.clip_price)
        return report, tuple(one for one in found if one is not None), saved


async def _sheet(settings: Settings, since: date | None, until: date | None) -> AsyncIterator[str]:
    """Yield the statement as CSV (RFC 4180), a page of lines at a time; the last lines are the totals."""
    yield _rows([_COLUMNS])
    sums = StatementSums()
    async with open_database(settings) as database:
        async for page in SqlStatement(database).pages(since=since, until=until):
            for line in page:
                sums.add(line)
            yield _rows([getattr(line, name) for name in _COLUMNS] for line in page)
    yield _rows(_total_row(total) for total in sums.totals)


def _cell(value: object) -> str:
    """Write a value for a spreadsheet: money with the six decimals it is booked with, text never as a formula."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:.6f}"
        case float():
            return f"{value:.3f}"
        case str() if value.startswith(_FORMULA):
            return f"'{value}"
        case _:
            return str(value)


def _total_row(total: StatementTotal) -> list[object]:
    values = {"day": "total", "amount": total.amount, "reserved": total.reserved, "currency": total.currency}
    return [values.get(name) for name in _COLUMNS]


def _rows(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()
