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
from app.runtime.commands.letter import Webhook, own_webhook, send_letter, site_letter

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
    post: Annotated[bool, typer.Option("--post", help="Post it to GREENROOM_REPORT_WEBHOOK.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the letter of a week: asked, helped, new, without an answer, disliked, stale, spent and avoided.

    An address on the command line must be a public one; that of --post may lie inside your network.

    \b
    Examples:
      greenroom report
      greenroom report --since 30d --format html --out november.html
      greenroom report --webhook https://chat.example.org/hooks/authors
      greenroom report --post
    """
    settings = settings_for(catalog, cache)
    targets = [own_webhook(settings)] if post else []
    if webhook:
        targets.append(Webhook(webhook, settings.report_secret.get_secret_value()))

    async def work() -> Letter:
        end = until or datetime.now(UTC)
        letter = await site_letter(
            settings, since=min(since, end - timedelta(minutes=1)), until=end, progress=tell_encoding
        )
        for one in targets:
            await send_letter(letter, as_markdown(letter), webhook=one, at=datetime.now(UTC))
        return letter

    letter = run(work())
    if as_json or form == "json":
        print_json(letter)
    elif file is not None:
        file.write_text(_written(letter, form), encoding="utf-8")
        err.print(f"Wrote {file}.", markup=False)
    else:
        out.print(_written(letter, form), markup=False, end="")
    if targets:
        err.print("Posted the letter to the webhook.")


def _written(letter: Letter, form: Format) -> str:
    return as_html(letter) if form == "html" else as_markdown(letter)
