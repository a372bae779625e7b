"""Command `greenroom renders spend`: what was spent, by day, provider and intent."""

import asyncio
import calendar
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Annotated, Any

import typer

from app.adapters.sql.ledger import SqlLedger
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import out, print_json
from app.rendering.ledger.operator import RenderAdmin, SpendReport
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database

Days = tuple[date | None, date | None]
"""First and last day; None: as far as the ledger goes."""


def _day(help_text: str) -> Any:
    return typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help=help_text)


def spend(
    since: Annotated[datetime | None, _day("The first day, UTC.")] = None,
    until: Annotated[datetime | None, _day("The last day, UTC.")] = None,
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], metavar="YYYY-MM", help="All days of one month, UTC.")
    ] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show spending by day, provider and intent, and the total.

    A job's money belongs to the day, in UTC, on which the job was ordered.

    \b
    Examples:
      greenroom renders spend --month 2026-11
      greenroom renders spend --since 2026-11-01 --json
    """
    days = days_of(since, until, month)
    report = asyncio.run(_report(settings_for(catalog, cache), days))
    if as_json:
        sums = {"reserved": report.reserved, "spent": report.spent, "rejected": report.rejected}
        print_json({"lines": report.lines, **sums, "totals": report.totals})
        return
    if not report.lines:
        out.print("Nothing was spent.")
        return
    out.print("\n".join(aligned([*_table(report)], left=3)), markup=False)


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
    yield ("day (UTC)", "provider", "intent", "submits", "clips", "reserved", "spent", "of it refused", "")
    for line in report.lines:
        amounts = (exact(amount) for amount in (line.reserved, line.spent, line.rejected))
        yield (
            str(line.day),
            line.provider,
            line.intent or "-",
            str(line.submits),
            str(line.clips),
            *amounts,
            line.currency,
        )
    for total in report.totals:
        amounts = (exact(amount) for amount in (total.reserved, total.spent, total.rejected))
        yield ("total", "", "", str(total.submits), str(total.clips), *amounts, total.currency)


async def _report(settings: Settings, days: Days) -> SpendReport:
    async with open_database(settings) as database:
        admin = RenderAdmin(SqlLedger(database), lambda: datetime.now(UTC))
        return await admin.spend(since=days[0], until=days[1])
