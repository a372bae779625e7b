"""`greenroom store`: stats, verify; copy and gc beside."""

import asyncio
from types import MappingProxyType

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from app.cli.lazy import Entry, LazyGroup, grouped
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.present import FAILED, err, show_document
from app.runtime.opening import open_store
from app.store import care


class Commands(LazyGroup):
    """Under `greenroom store`."""

    entries = MappingProxyType(
        {
            "stats": Entry("app.cli.store:stats", "Count clips, bytes and seconds."),
            "verify": Entry("app.cli.store:verify", "Read every byte again; set aside what changed."),
            "copy": Entry("app.cli.copying:copy", "Copy clips to another store, every byte checked."),
            "gc": Entry("app.cli.sweeping:gc", "Delete what the catalog does not refer to."),
        }
    )


_WAY_OUT = (
    "`greenroom warm` films again what is missing. Changed bytes were set aside in `quarantine` inside the cache: find "
    "out what changed them, then delete them there; until then this status stays 1."
)

app = grouped(Commands, help="Look after the clip store.")


def stats(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Count clips, bytes and seconds.

    \b
    Examples:
      greenroom store stats
      greenroom store stats --cache /srv/clips --json
    """
    store = open_store(settings_for(catalog, cache))
    show_document(asyncio.run(care.stats(store.blobs, store.recipes)).document(), as_json=as_json)


def verify(catalog: CatalogOption = None, cache: CacheOption = None, as_json: JsonOption = False) -> None:
    """Read every byte again: changed blobs are set aside, never served. Status 1 when something is wrong.

    \b
    Examples:
      greenroom store verify
    """
    store = open_store(settings_for(catalog, cache))
    columns = ("checking", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("checking", total=None)
        report = asyncio.run(
            care.verify(
                store.blobs,
                store.recipes,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        )
    show_document(report.document(), as_json=as_json)
    if not report.ok:
        err.print(_WAY_OUT, markup=False, style="dim")
        raise typer.Exit(FAILED)
