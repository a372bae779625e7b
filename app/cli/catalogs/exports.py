"""Command `greenroom export`: the catalog's intents and facts for other programs, and for `import`."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import CatalogOption, settings_for
from app.cli.output import err
from app.runtime.commands.exports import ExportFormat, export_catalog


def export(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Where to; unless given, standard output.", show_default=False),
    ] = None,
    format_: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="The form; unless given, by the file's ending, else jsonl.", show_default=False),
    ] = None,
    catalog: CatalogOption = None,
) -> None:
    """Export intents and facts as JSON lines or CSV. `greenroom import` reads both back the same.

    Portraits, recordings, documents and tests are files of their own and stay where they are.

    \b
    Examples:
      greenroom export > intents.jsonl
      greenroom export intents.csv --catalog my-intents
    """
    by_ending = ExportFormat.CSV if file is not None and file.suffix.lower() == ".csv" else ExportFormat.JSONL
    exported = export_catalog(settings_for(catalog, None, folder=True), format_ or by_ending)
    if file is None:
        typer.echo(exported.content, nl=False)
    else:
        exported.save(file)
        err.print(f"{exported.intents} intents and {exported.facts} facts in {file}", markup=False)
    for one in exported.left:
        err.print(f"left: {one}", markup=False, style="dim")
