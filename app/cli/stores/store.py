"""Command `greenroom store`: stats, verify and copy of the clip store; `gc` is in `gc.py`."""

import asyncio
from types import MappingProxyType
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from app.cli.lazy import LazyCommand, LazyGroup, grouped
from app.cli.options import CacheOption, CatalogOption, JsonOption, run, settings_for
from app.cli.output import FAILED, err, show_document
from app.errors import StoreError
from app.runtime.wiring.store_and_encoder import OpenStore, folder_at, open_store, open_store_at
from app.store import maintenance
from app.store.copy import CopyEnd, Copying, CopyReport

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
            "stats": LazyCommand("app.cli.stores.store:stats"),
            "verify": LazyCommand("app.cli.stores.store:verify"),
            "copy": LazyCommand("app.cli.stores.store:copy"),
            "gc": LazyCommand("app.cli.stores.gc:gc"),
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
