"""`greenroom store copy`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from app.cli.options import JsonOption, settings_for
from app.cli.present import FAILED, err, show_document
from app.cli.running import run
from app.errors import StoreError
from app.runtime.opening import Store, open_store_at
from app.store.copying import Copying, CopyReport, Place

FromArgument = Annotated[str, typer.Argument(metavar="FROM", help="A folder or s3://bucket/prefix.")]
ToArgument = Annotated[str, typer.Argument(metavar="TO", help="A folder or s3://bucket/prefix; made if it is new.")]


def copy(
    source: FromArgument,
    target: ToArgument,
    verify: Annotated[bool, typer.Option("--verify", help="Read again what is there already, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy clips to another store. Interrupted, run it again: it goes on. Status 1 when something was not whole.

    \b
    Examples:
      greenroom store copy cache s3://clips/museum
      greenroom store copy s3://clips/museum /srv/backup --verify
    """
    settings_for(None, None)
    if not source.startswith("s3://") and not (Path(source) / "v1").is_dir():
        raise StoreError(f"Expected a store at `{source}`, found none; name the folder that holds `v1`.")
    report = run(_copy(open_store_at(source), open_store_at(target), verify=verify))
    show_document(report.document(), as_json=as_json)
    if not report.ok:
        err.print(
            "What is broken was left out; `greenroom store verify` says more, `warm` films it again.", style="dim"
        )
        raise typer.Exit(FAILED)


async def _copy(source: Store, target: Store, *, verify: bool) -> CopyReport:
    columns = ("copying", BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("copying", total=None)
        return await Copying(
            source=Place(source.blobs, source.recipes),
            target=Place(target.blobs, target.recipes),
            verify=verify,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        ).run()
