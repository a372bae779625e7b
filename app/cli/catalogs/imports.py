"""Command `greenroom import`: bring what another tool exports, with a report of what came and what was left."""

from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import CatalogOption, JsonOption, settings_for
from app.cli.output import err, out, print_json
from app.runtime.commands.imports import ImportedIntent, ImportOptions, ImportReport, import_export

_SHOWN = 40


def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The export: a file, a folder or a zip archive.")],
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="FOLDER", help="The catalog; a folder that is not there becomes one."),
    ] = None,
    locale: Annotated[
        str, typer.Option("--locale", metavar="TAG", help="Language of texts that do not say theirs.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column", metavar="question=HEADING", help="What a column of a table holds.", show_default=False
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Name of a new catalog; unless given, the export's own.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report only; write nothing.")] = False,
    catalog: CatalogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import questions and answers from another tool. No file is ever replaced.

    Reads projects of Rasa, Dialogflow ES and CX, Lex V2, CLU and LUIS, QnA Maker, Watson, Botpress; FAQ pages;
    CSV, TSV, XLSX, JSON. What cannot be served as it is becomes a draft; what does not fit is named.

    \b
    Examples:
      greenroom import faq.xlsx
      greenroom import agent.zip --into my-intents --dry-run
      greenroom import fragen.csv --locale de --column question=Kundenfrage --column answer=Text --json
    """
    settings = settings_for(into or catalog, None, folder=True)
    options = ImportOptions(locale=locale, columns=_columns(column or []), name=name, dry_run=dry_run)
    if as_json:
        print_json(import_export(settings, path, options))
        return
    with err.status("reading") as status:
        report = import_export(settings, path, options, note=status.update)
    _show(report)


def _columns(given: list[str]) -> dict[str, str]:
    pairs = dict(one.partition("=")[::2] for one in given)
    if not all(pairs.values()) or not pairs.keys() <= _MEANINGS:
        raise typer.BadParameter(f"expected MEANING=HEADING with a meaning of {', '.join(sorted(_MEANINGS))}.")
    return pairs


_MEANINGS = frozenset({"question", "answer", "intent", "title", "topic", "locale", "url"})


def _show(report: ImportReport) -> None:
    served = [one for one in report.intents if not one.draft]
    drafts = [one for one in report.intents if one.draft]
    what = "new catalog" if report.new else "catalog"
    out.print(f"{report.kind} into the {what} {report.folder} ({', '.join(report.locales)})", markup=False)
    out.print(f"[green]came[/green]    {len(served)} intents that are ready to be served")
    _show_intents(served)
    if drafts:
        out.print(f"[yellow]drafts[/yellow]  {len(drafts)} intents that no visitor gets yet, marked `draft: true`")
        _show_intents(drafts)
    if report.kept:
        out.print(f"kept    {len(report.kept)} files that were there already", markup=False)
        _show_lines(report.kept)
    if report.facts:
        out.print(f"facts   {', '.join(report.facts)}", markup=False)
    _show_left(report)
    for note in report.notes:
        err.print(note, markup=False)
    ending = (
        "Nothing was written (--dry-run)." if not report.written else f"Next: greenroom check --catalog {report.folder}"
    )
    out.print(f"{report.warnings} warnings of check, no errors. {ending}", markup=False)


def _show_intents(intents: list[ImportedIntent]) -> None:
    _show_lines(
        [
            f"{one.file}: {one.phrases} phrases, {one.answers} answers" + "".join(f"; {why}" for why in one.why)
            for one in intents
        ]
    )


def _show_left(report: ImportReport) -> None:
    if not report.left:
        return
    out.print(f"[dim]left[/dim]    {len(report.left)} things, by reason:")
    ordered = sorted(report.left, key=lambda one: one.why)
    for why, group in groupby(ordered, key=lambda one: one.why):
        parts = list(group)
        out.print(f"  {len(parts)} x {why}", markup=False)
        _show_lines([f"  {one.where + ': ' if one.where else ''}{one.what}" for one in parts], most=3)


def _show_lines(lines: tuple[str, ...] | list[str], most: int = _SHOWN) -> None:
    for line in lines[:most]:
        out.print(f"  {line}", markup=False, style="dim")
    if len(lines) > most:
        out.print(f"  and {len(lines) - most} more; `--json` lists all.", markup=False, style="dim")
