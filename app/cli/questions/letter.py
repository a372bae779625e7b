"""Command `greenroom report`: the letter of a week, on the screen, as a file or to a webhook."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, run, settings_for
from app.cli.output import err, out, print_json
from app.cli.questions.options import UntilOption, moment
from app.cli.questions.progress import tell_encoding
from app.learning.letter.letter import Letter
from app.learning.letter.markdown import as_markdown
from app.learning.letter.page import as_html
from app.runtime.commands.letter import send_letter, site_letter

Format = Literal["markdown", "html", "json"]


def report(
    since: Annotated[
        datetime, typer.Option(parser=moment, metavar="TIME", help="From then on: 7d, 2026-11-01.")
    ] = "7d",  # type: ignore[assignment]  # typer reads the default as it reads an option
    until: UntilOption = None,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = "markdown",
    file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it to this file.", dir_okay=False)
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help='Post it as JSON: {"text": …, "letter": …}.')
    ] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the letter of a week: asked, helped, new, without an answer, disliked, stale, spent and avoided.

    A webhook must be at a public address.

    \b
    Examples:
      greenroom report
      greenroom report --since 30d --format html --out november.html
      greenroom report --webhook https://chat.example.org/hooks/authors
    """
    settings = settings_for(catalog, cache)

    async def work() -> Letter:
        end = until or datetime.now(UTC)
        letter = await site_letter(
            settings, since=min(since, end - timedelta(minutes=1)), until=end, progress=tell_encoding
        )
        if webhook:
            await send_letter(letter, as_markdown(letter), webhook=webhook)
        return letter

    letter = run(work())
    if as_json or form == "json":
        print_json(letter)
    elif file is not None:
        file.write_text(_written(letter, form), encoding="utf-8")
        err.print(f"Wrote {file}.", markup=False)
    else:
        out.print(_written(letter, form), markup=False, end="")
    if webhook:
        err.print("Posted the letter to the webhook.")


def _written(letter: Letter, form: Format) -> str:
    return as_html(letter) if form == "html" else as_markdown(letter)
