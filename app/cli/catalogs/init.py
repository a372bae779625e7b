"""Command `greenroom init`: a new catalog that passes `check` and speaks."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.catalog.imports.words import title_of
from app.cli.options import JsonOption, settings_for
from app.cli.output import err, out, print_json, print_lines
from app.runtime.commands.new_catalog import DEFAULT_AVATAR, CreatedCatalog, create_catalog, wanted_catalog


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or an empty folder.", show_default=False)],
    name: Annotated[str, typer.Option("--name", help="The catalog's name, shown to visitors.")] = "",
    locales: Annotated[
        str, typer.Option("--locales", metavar="TAGS", help="Languages such as en,de; the first one is the default.")
    ] = "",
    avatar: Annotated[str, typer.Option("--avatar", metavar="ID", help="The presenter's id.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a new catalog: settings, a drawn presenter, first words for every role. It passes `check` and speaks.

    Asks for what no option says; without a terminal, or with `--json`, it asks nothing.

    \b
    Examples:
      greenroom init my-intents
      greenroom init my-intents --name "Lindenhof Dental Practice" --locales en,de --avatar lea
    """
    suggested = title_of(folder.resolve().name) or "My catalog"
    asks = sys.stdin.isatty() and not as_json
    called = name or _asked("Name of the catalog", suggested, asks=asks)
    tags = locales or _asked("Languages, the default one first", "en", asks=asks)
    presenter = avatar or _asked("Id of the presenter", DEFAULT_AVATAR, asks=asks)
    settings = settings_for(folder, None, folder=True)
    wanted = wanted_catalog(settings, called, tags.split(","), presenter)
    if as_json:
        print_json(create_catalog(settings, folder, wanted))
        return
    with err.status("drawing the presenter"):
        created = create_catalog(settings, folder, wanted)
    _show(created)


def _asked(question: str, suggested: str, *, asks: bool) -> str:
    return str(typer.prompt(question, default=suggested, err=True)) if asks else suggested


def _show(created: CreatedCatalog) -> None:
    out.print(
        f"{created.name} in {created.folder}: {', '.join(created.locales)}, presented by {created.avatar}.",
        markup=False,
    )
    print_lines(created.files)
    for note in created.notes:
        err.print(note, markup=False)
    where = f"--catalog {created.folder}"
    out.print(
        f'Next: greenroom new intent "Opening hours" {where}, or greenroom import FILE --into {created.folder};',
        markup=False,
    )
    out.print(f"then greenroom check {where}, greenroom serve --warm {where}.", markup=False)
