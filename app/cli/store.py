"""Command `greenroom store`: stats, verify, copy and gc of the clip store."""

import asyncio
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from app.cli.lazy import LazyCommand, LazyGroup, grouped
from app.cli.options import CacheOption, CatalogOption, JsonOption, run, settings_for
from app.cli.output import FAILED, err, show_document
from app.errors import StoreError
from app.runtime.commands.plan import pinned_keys
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.store_and_encoder import OpenStore, folder_at, open_store, open_store_at
from app.runtime.wiring.withdrawals import faces_not_shown
from app.store import maintenance
from app.store.copy import CopyEnd, Copying, CopyReport
from app.store.gc import purge

FromArgument = Annotated[str, typer.Argument(metavar="FROM", help="A folder or s3://bucket/prefix.")]
ToArgument = Annotated[str, typer.Argument(metavar="TO", help="A folder or s3://bucket/prefix; created if missing.")]


def copy(
    source: FromArgument,
    target: ToArgument,
    verify: Annotated[bool, typer.Option("--verify", help="Also read again what the target already has.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy clips to another store. An interrupted copy goes on in the next run.

    Status 1 if an entry is incomplete.

    \b
    Examples:
      greenroom store copy cache s3://clips/museum
      greenroom store copy s3://clips/museum /srv/backup --verify
    """
    settings_for(None, None)
    folder = folder_at(source)
    if folder is not None and not (folder / "v1").is_dir():
        raise StoreError(f"Expected a store at `{source}`, found none; name the folder that contains `v1`.")
    report = run(_copy(open_store_at(source), open_store_at(target), verify=verify))
    show_document(report.document(), as_json=as_json)
    if not report.ok:
        err.print(
            "Broken entries were left out; `greenroom store verify` says more, `warm` renders them again.", style="dim"
        )
        raise typer.Exit(FAILED)


async def _copy(source: OpenStore, target: OpenStore, *, verify: bool) -> CopyReport:
    columns = ("copying", BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("copying", total=None)
        return await Copying(
            source=CopyEnd(source.blobs, source.recipes),
            target=CopyEnd(target.blobs, target.recipes),
            verify=verify,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        ).run()


class StoreCommands(LazyGroup):
    """Commands of `greenroom store`."""

    entries = MappingProxyType(
        {
            "stats": LazyCommand("app.cli.store:stats"),
            "verify": LazyCommand("app.cli.store:verify"),
            "copy": LazyCommand("app.cli.store:copy"),
            "gc": LazyCommand("app.cli.store:gc"),
        }
    )


_WAY_OUT = (
    "`greenroom warm` renders missing clips again. Changed bytes were moved to `quarantine` inside the cache. Find out "
    "what changed them, then delete them there; until then this status stays 1."
)

app = grouped(StoreCommands)


@app.callback()
def store() -> None:
    """The clip store: stats, verify, copy, gc."""


def stats(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Count clips, bytes and seconds.

    \b
    Examples:
      greenroom store stats
      greenroom store stats --cache /srv/clips --json
    """
    store = open_store(settings_for(catalog, cache))
    show_document(asyncio.run(maintenance.stats(store.blobs, store.recipes)).document(), as_json=as_json)


def verify(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Read every byte again; set changed blobs aside, where they are never served.

    Status 1 if something is wrong.

    \b
    Examples:
      greenroom store verify
    """
    store = open_store(settings_for(catalog, cache))
    columns = ("checking", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("checking", total=None)
        report = asyncio.run(
            maintenance.verify(
                store.blobs,
                store.recipes,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        )
    show_document(report.document(), as_json=as_json)
    if not report.ok:
        err.print(_WAY_OUT, markup=False, style="dim")
        raise typer.Exit(FAILED)


def gc(
    grace_days: Annotated[float, typer.Option(min=0, help="Keep everything younger than this.")] = 7.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be deleted; delete nothing.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete clips that nothing refers to any more after the grace time, and clips without consent at once.

    \b
    Examples:
      greenroom store gc --dry-run
      greenroom store gc --grace-days 30
    """
    report = asyncio.run(_gc(settings_for(catalog, cache), timedelta(days=grace_days), dry_run=dry_run))
    show_document(report, as_json=as_json)


async def _gc(settings: Settings, grace: timedelta, *, dry_run: bool) -> dict[str, Any]:
    store = open_store(settings)
    pinned, withdrawn = await pinned_keys(settings), await faces_not_shown(settings)
    gone = await purge(store.blobs, store.recipes, withdrawn=withdrawn, dry_run=dry_run)
    report = await maintenance.gc(
        store.blobs, store.recipes, pinned=pinned, now=SystemClock().now(), grace=grace, dry_run=dry_run
    )
    withdrawn_too = {f"withdrawn_{name}": value for name, value in gone.document().items() if name != "dry_run"}
    return report.document() | withdrawn_too
