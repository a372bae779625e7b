"""`greenroom store`: stats, verify, gc."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.present import FAILED, err, out, plain, print_json, size
from app.runtime.clock import SystemClock
from app.runtime.opening import open_store
from app.runtime.planning import pinned_keys
from app.store import care

app = typer.Typer(no_args_is_help=True, help="Look after the clip store.", rich_markup_mode=None)


@app.command("stats")
def stats(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Count clips, bytes and seconds.

    \b
    Examples:
      greenroom store stats
      greenroom store stats --cache /srv/clips --json
    """
    store = open_store(settings_for(catalog, cache))
    _show(asyncio.run(care.stats(store.blobs, store.recipes)).document(), as_json=as_json)


@app.command("verify")
def verify(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Read every byte again: changed blobs are set aside, never served. Status 1 when something is wrong.

    \b
    Examples:
      greenroom store verify
    """
    store = open_store(settings_for(catalog, cache))
    bar = Progress("checking", BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=err, transient=True)
    with bar:
        task = bar.add_task("checking", total=None)
        report = asyncio.run(
            care.verify(
                store.blobs,
                store.recipes,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        )
    _show(report.document(), as_json=as_json)
    if not report.ok:
        raise typer.Exit(FAILED)


@app.command("gc")
def gc(
    grace_days: Annotated[float, typer.Option(min=0, help="Younger things stay.")] = 7.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, delete nothing.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete what the catalog does not refer to and nothing younger than the grace time uses.

    \b
    Examples:
      greenroom store gc --dry-run
      greenroom store gc --grace-days 30
    """
    report = asyncio.run(_gc(settings_for(catalog, cache), timedelta(days=grace_days), dry_run=dry_run))
    _show(report.document(), as_json=as_json)


async def _gc(settings: Any, grace: timedelta, *, dry_run: bool) -> care.GcReport:
    store = open_store(settings)
    pinned = await pinned_keys(settings)
    return await care.gc(
        store.blobs, store.recipes, pinned=pinned, now=SystemClock().now(), grace=grace, dry_run=dry_run
    )


def _show(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    for name, value in plain(document).items():
        shown = size(value) if name.endswith("_bytes") else len(value) if isinstance(value, list) else value
        out.print(f"{name.removesuffix('_bytes').replace('_', ' '):>22}  {shown}", markup=False)
        if isinstance(value, list):
            for item in value[:20]:
                out.print(f"{'':>24}{item}", markup=False, style="dim")
