"""Command `greenroom renders`: list, show, reconcile, cancel and retry renders; spending."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.adapters.sql.calls import SqlPaidCalls
from app.adapters.sql.ledger import SqlLedger
from app.adapters.vendors.facts import look_for
from app.cli.accept import accept
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for, usd
from app.cli.output import PlainTable, err, money, out, print_json
from app.cli.spend import correct, reconcile_invoice, spend
from app.rendering.ledger.operator import MAX_NOTE_CHARS, RenderAdmin, RenderStory, ways_out
from app.rendering.ledger.port import orphan_pages
from app.rendering.ledger.records import Hook, Record
from app.rendering.ledger.states import Render, RenderState
from app.rendering.media.rejected import kept_path, kept_speech_path
from app.rendering.work.reconciler import Swept
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database
from app.runtime.wiring.site import open_site

app = typer.Typer(add_completion=False, rich_markup_mode=None)

RenderId = Annotated[str, typer.Argument(metavar="ID", help="The render's id, or its first six or more letters.")]
LimitOption = Annotated[int, typer.Option(min=1, max=10_000, help="How many.")]


@app.callback(invoke_without_command=True)
def renders(
    context: typer.Context,
    limit: LimitOption = 30,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """The ledger: list, show, reconcile, cancel and retry renders; spending.

    Without a command it lists the renders, newest first.

    \b
    Examples:
      greenroom renders
      greenroom renders --json
      greenroom renders show 4f1c9a
      greenroom renders spend --since 2026-11-01
    """
    if context.invoked_subcommand is None:
        list_renders(limit=limit, catalog=catalog, cache=cache, as_json=as_json)


@app.command("list")
def list_renders(
    limit: LimitOption = 30,
    state: Annotated[list[RenderState] | None, typer.Option(help="Only this state; may be repeated.")] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """List renders, newest first: state, provider, attempts, cost, error."""
    found, orphans = asyncio.run(_list(settings_for(catalog, cache), limit, state or []))
    if as_json:
        print_json({"renders": found, "orphans": orphans})
        return
    table = PlainTable("id", "state", "renderer", "attempts", "cost", "updated", "error")
    for render in found:
        table.add_row(*_row(render))
    out.print(table if found else "The ledger is empty.")
    if orphans:
        err.print(f"{orphans} jobs at providers belong to no render; `greenroom renders orphans` lists them.")


@app.command()
def show(
    render_id: RenderId, catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False
) -> None:
    """Show one render and every step it took."""
    settings = settings_for(catalog, cache)
    story = asyncio.run(_show(settings, render_id))
    if as_json:
        print_json(story)
        return
    _print_render(story.render, scratch=settings.scratch)
    for line in ways_out(story.render, look_for(story.render.provider)):
        out.print(f"  {line}", markup=False)
    for record in story.history:
        change = "".join(f", {name} {amount:+f}" for name, amount in _amounts(record.reserved, record.spent))
        said = f"{change}{_said(record)}"
        out.print(f"  {record.at:%Y-%m-%d %H:%M:%S}  {record.event} -> {record.state.value}{said}", markup=False)
    for hook in story.hooks:
        out.print(f"  {hook.received_at:%Y-%m-%d %H:%M:%S}  webhook: {hook.state}", markup=False)


@app.command()
def reconcile(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Ask the providers about every submitted render that nobody works on, and fetch the results."""
    swept = asyncio.run(_sweep(settings_for(catalog, cache, folder=True)))
    if as_json:
        print_json(swept)
        return
    out.print(
        f"{swept.carried_on + swept.closed} ready, {swept.adopted} resumed, {swept.parked} parked, "
        f"{swept.left} left for later."
    )
    if swept.orphans:
        err.print(f"{swept.orphans} jobs at providers belong to no render; `greenroom renders orphans` lists them.")


@app.command()
def cancel(
    render_id: RenderId, catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False
) -> None:
    """Stop a render. What was submitted counts as billed."""
    _print_or_json(asyncio.run(_change(settings_for(catalog, cache), "cancel", render_id)), as_json=as_json)


@app.command()
def retry(
    render_id: RenderId,
    yes: Annotated[bool, typer.Option("--yes", help="I checked: the provider has no such job.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Allow a parked render to be submitted again, or a refused clip to be rendered again.

    It may be paid for twice, hence --yes. `greenroom warm` then renders it.
    """
    if not yes:
        err.print("It was, or may have been, paid for. Check with the provider first, then use --yes.")
        raise typer.Exit(2)
    _print_or_json(asyncio.run(_change(settings_for(catalog, cache), "retry", render_id)), as_json=as_json)


@app.command()
def adopt(
    render_id: RenderId,
    request_id: Annotated[
        str | None, typer.Argument(metavar="REQUEST_ID", help="The job's id at the provider.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="VIDEO", exists=True, dir_okay=False, help="The video itself, an MP4 file.")
    ] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which job at the provider a parked render is: it is fetched, judged and stored, and nothing is ordered.

    \b
    Examples:
      greenroom renders adopt 4f1c9a 7c1e9d0a
      greenroom renders adopt 4f1c9a --file talk.mp4
    """
    if (request_id is None) == (file is None):
        raise typer.BadParameter("Expected a REQUEST_ID or --file, one of them.")
    settings = settings_for(catalog, cache, folder=True)
    _print_or_json(asyncio.run(_adopt(settings, render_id, request_id, file)), as_json=as_json)


@app.command()
def resolve(
    render_id: RenderId,
    not_billed: Annotated[bool, typer.Option("--not-billed", help="The job ended there, and was not billed.")] = False,
    billed: Annotated[
        Decimal | None, typer.Option(parser=usd, metavar="AMOUNT", help="What the provider billed for the job.")
    ] = None,
    never_ordered: Annotated[bool, typer.Option("--never-ordered", help="The provider never had the job.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what became of a parked render's job, as the provider's console or bill shows it.

    What was not billed frees its money, and `greenroom warm` may order the clip again. What was billed is booked, and
    is not ordered again before `greenroom renders retry`.
    """
    if not_billed + never_ordered + (billed is not None) != 1:
        raise typer.BadParameter("Expected one of --not-billed, --billed AMOUNT and --never-ordered.")
    found = asyncio.run(_resolve(settings_for(catalog, cache), render_id, billed, ordered=not never_ordered))
    _print_or_json(found, as_json=as_json)


app.command()(accept)
app.command()(spend)
app.command()(correct)
app.command()(reconcile_invoice)


@app.command()
def orphans(
    acknowledged: Annotated[bool, typer.Option("--all", help="Also those that a person has acknowledged.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """List jobs that providers called about and that belong to no render. Each may be money for nothing."""
    found = asyncio.run(_orphans(settings_for(catalog, cache), acknowledged=acknowledged))
    if as_json:
        print_json({"orphans": found})
        return
    table = PlainTable("called", "provider", "request", "token", "acknowledged")
    for hook in found:
        called = f"{hook.received_at:%Y-%m-%d %H:%M:%S}"
        told = f"{hook.acknowledged_by}: {hook.note}" if hook.acknowledged_at else ""
        table.add_row(called, hook.provider, hook.request_id, hook.token, told)
    out.print(table if found else "There are none.")


@app.command()
def acknowledge(
    provider: Annotated[str, typer.Argument(help="The provider's name.")],
    request_id: Annotated[str, typer.Argument(metavar="REQUEST_ID", help="The job's id at the provider.")],
    note: Annotated[str, typer.Option(metavar="TEXT", help="What you found out, for those who come after you.")],
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that you have looked into an orphan: its alarm ends, and your note is in the audit log.

    \b
    Example:
      greenroom renders acknowledge fal 7c1e9d0a --note "Ordered from the console by Ada; not ours."
    """
    if not 0 < len(note.strip()) <= MAX_NOTE_CHARS:
        raise typer.BadParameter(f"Expected a note of 1 to {MAX_NOTE_CHARS} characters, got {len(note.strip())}.")
    hook = asyncio.run(_acknowledge(settings_for(catalog, cache), provider, request_id, note.strip()))
    if as_json:
        print_json(hook)
        return
    out.print(f"{hook.provider} {hook.request_id}: {hook.acknowledged_by}: {hook.note}", markup=False)


def _print_or_json(render: Render, *, as_json: bool) -> None:
    if as_json:
        print_json(render)
    else:
        _print_render(render)


def _print_render(render: Render, *, scratch: Path | None = None) -> None:
    out.print(f"{render.id}  {render.state.value}  {render.provider} {render.model}", markup=False)
    fields = {
        "for": render.labels.intent,
        "recipe": render.recipe_key,
        "request": render.request_id,
        "token": render.token,
        "reserved": f"{render.reserved:f} {render.currency}",
        "spent": f"{render.spent:f} {render.currency}",
        "error": render.error,
    } | (_kept(scratch, render.id) if scratch else {})
    for name, value in fields.items():
        if value:
            out.print(f"  {name}: {value}", markup=False)


def _kept(scratch: Path, render_id: str) -> dict[str, Path]:
    """Return the files of what was refused."""
    files = {"rejected clip": kept_path(scratch, render_id), "rejected speech": kept_speech_path(scratch, render_id)}
    return {name: file for name, file in files.items() if file.exists()}


def _row(render: Render) -> tuple[str, ...]:
    return (
        render.id[:12],
        render.state.value,
        render.provider,
        str(render.attempts),
        money(render.reserved + render.spent, render.currency),
        f"{render.updated_at:%Y-%m-%d %H:%M:%S}",
        render.error_code or "",
    )


def _said(record: Record) -> str:
    """Word of the provider, or of whoever corrected, about the money."""
    charged = "" if record.provider_charged is None else f", the provider says: {record.provider_charged:f} charged"
    seconds = "" if record.provider_seconds is None else f", the provider says: {record.provider_seconds:.3f} s"
    return charged + seconds + (f", {record.note} ({record.actor})" if record.note else "")


def _amounts(reserved: Any, spent: Any) -> list[tuple[str, Any]]:
    return [(name, amount) for name, amount in (("reserved", reserved), ("spent", spent)) if amount]


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[RenderAdmin]:
    async with open_database(settings) as database:
        yield RenderAdmin(SqlLedger(database, actor=who()), lambda: datetime.now(UTC), SqlPaidCalls(database))


async def _list(settings: Settings, limit: int, states: list[RenderState]) -> tuple[tuple[Render, ...], int]:
    async with _admin(settings) as admin:
        return await admin.renders(states=states, limit=limit), await admin.ledger.orphan_count()


async def _orphans(settings: Settings, *, acknowledged: bool) -> tuple[Hook, ...]:
    async with _admin(settings) as admin:
        pages = orphan_pages(admin.ledger, acknowledged=acknowledged)
        return tuple([hook async for page in pages for hook in page])


async def _acknowledge(settings: Settings, provider: str, request_id: str, note: str) -> Hook:
    async with _admin(settings) as admin:
        return await admin.acknowledge(provider, request_id, note=note)


async def _show(settings: Settings, render_id: str) -> RenderStory:
    async with _admin(settings) as admin:
        return await admin.show(render_id)


async def _change(settings: Settings, what: Literal["cancel", "retry"], render_id: str) -> Render:
    async with _admin(settings) as admin:
        return await (admin.cancel(render_id) if what == "cancel" else admin.retry(render_id))


async def _resolve(settings: Settings, render_id: str, billed: Decimal | None, *, ordered: bool) -> Render:
    async with _admin(settings) as admin:
        return await admin.resolve(render_id, billed=billed, ordered=ordered)


async def _adopt(settings: Settings, render_id: str, request_id: str | None, file: Path | None) -> Render:
    async with open_site(settings) as site:
        ledger = SqlLedger(site.database, actor=who())
        render = await RenderAdmin(ledger, site.studio.clock).find(render_id)
        if file is not None:
            return await site.reconciler.deliver(render, file, ledger)
        return await site.reconciler.adopt(render, request_id or "", ledger)


async def _sweep(settings: Settings) -> Swept:
    async with open_site(settings) as site:
        return await site.reconciler.sweep(ask_again=True)
