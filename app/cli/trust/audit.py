"""Command `greenroom audit`: list the audit log, verify its chain."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer

from app.adapters.sql.audit import SqlAudit
from app.audit import AuditLog
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import FAILED, PlainTable, err, out, print_json
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database

T = TypeVar("T")

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)

Since = typer.Option("--since", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], metavar="TIME", help="From then on (UTC).")


@app.callback()
def audit() -> None:
    """Show who did what with money, consent and releases; verify the log.

    \b
    Examples:
      greenroom audit list --action money
      greenroom audit verify
    """


@app.command("list")
def list_(
    action: Annotated[
        list[str] | None, typer.Option("--action", help="Only this: `release.published`, or all of `money`; repeat it.")
    ] = None,
    since: Annotated[datetime | None, Since] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the audit log, the newest first.

    \b
    Examples:
      greenroom audit list --action money --since 2026-11-01
      greenroom audit list --action release --action consent --json
    """
    start = since.replace(tzinfo=UTC) if since else None

    settings = settings_for(catalog, cache)
    rows = _with_log(settings, lambda log: log.list(actions=action or (), since=start, limit=limit))
    if as_json:
        print_json({"rows": rows})
        return
    table = PlainTable("", "at", "who", "action", "subject", "details")
    for row in rows:
        act = row.act
        details = ", ".join(f"{name} {value}" for name, value in act.details.items() if value != "")
        table.add_row(str(row.number), f"{act.at:%Y-%m-%d %H:%M:%S}", act.actor, act.action, act.subject, details)
    out.print(table if rows else "The audit log is empty.")


@app.command()
def verify(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Verify the chain of digests. Status 1, and the first bad row, if a row was changed or removed.

    With GREENROOM_AUDIT_KEY, who has the database but not the key cannot write rows anew unseen; without one they can.
    Rows cut off at the end leave no gap, key or not: store the number and digest that this prints somewhere else.

    \b
    Examples:
      greenroom audit verify
    """
    found = _with_log(settings_for(catalog, cache), lambda log: log.verify())
    if as_json:
        print_json(found)
    elif found.bad is None:
        out.print(f"{found.rows} rows are unchanged; the last digest is {found.head}.", markup=False)
        out.print(f"{found.keyed} of them carry the key of GREENROOM_AUDIT_KEY.", markup=False)
    else:
        err.print(f"Row {found.bad} is not as it was written: {found.reason}.", markup=False)
        if found.weak:
            rows = ", ".join(str(number) for number in found.weak)
            err.print(
                f"Of {found.rows} rows that follow each other, these have no key, or an old one: {rows}.", markup=False
            )
    if found.bad is not None:
        raise typer.Exit(FAILED)


def _with_log(settings: Settings, job: Callable[[AuditLog], Awaitable[T]]) -> T:
    async def done() -> T:
        async with open_database(settings) as database:
            return await job(SqlAudit(database))

    return asyncio.run(done())
