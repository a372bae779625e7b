"""Command `greenroom new`: a new intent as a file to fill in."""

from typing import Annotated

import typer

from app.cli.options import CatalogOption, JsonOption, settings_for
from app.cli.output import err, out, print_json
from app.runtime.commands.new_catalog import WantedIntent, create_intent

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@app.callback()
def new() -> None:
    """Write the file of something new in the catalog.

    \b
    Examples:
      greenroom new intent "Opening hours"
    """


@app.command()
def intent(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="The text of its chip.")],
    topic: Annotated[
        str, typer.Option("--topic", help="The folder; unless given, the one with most intents.", show_default=False)
    ] = "",
    id_: Annotated[str, typer.Option("--id", help="The file's name; unless given, made of the title.")] = "",
    phrase: Annotated[
        list[str] | None, typer.Option("--phrase", help="A way to ask; may be repeated.", show_default=False)
    ] = None,
    answer: Annotated[
        list[str] | None, typer.Option("--answer", help="A variant of the answer; may be repeated.", show_default=False)
    ] = None,
    locale: Annotated[str, typer.Option("--locale", help="Language of the texts; unless given, the default one.")] = "",
    catalog: CatalogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the file of a new intent. Without an answer it is a draft, which no visitor gets.

    \b
    Examples:
      greenroom new intent "Opening hours"
      greenroom new intent "Parking" --topic visiting --phrase "Where can I park?" --answer "In the yard."
    """
    wanted = WantedIntent(title, topic, id_, locale, tuple(phrase or ()), tuple(answer or ()))
    created = create_intent(settings_for(catalog, None, folder=True), wanted)
    if as_json:
        print_json(created)
        return
    out.print(created.file, markup=False)
    for finding in created.warnings:
        err.print(f"  {finding.message} {finding.hint}", markup=False, style="dim")
    if created.draft:
        err.print("It is a draft: write its phrases and its answer, then remove the line `draft: true`.", markup=False)
