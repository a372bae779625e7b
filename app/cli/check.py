"""Command `greenroom check`: findings in the catalog."""

from typing import Annotated

import typer

from app.catalog.findings import Finding, Level
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import FAILED, err, out, print_json
from app.runtime.commands.check import Checked, check_catalog
from app.runtime.commands.voices import in_text_told


def check(
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out the rules that need the encoder or the face detector.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the catalog: each finding names file, line and what to do. Status 1 if there is an error.

    \b
    Examples:
      greenroom check
      greenroom check --catalog my-intents --quick
      greenroom check --json
    """
    settings = settings_for(catalog, cache)
    if as_json:
        checked = check_catalog(settings, quick=quick)
        print_json(_document(checked))
    else:
        with err.status("reading") as status:
            checked = check_catalog(settings, quick=quick, note=status.update)
        _show(checked)
    if not checked.ok:
        raise typer.Exit(FAILED)


def _document(checked: Checked) -> dict[str, object]:
    return {
        "ok": checked.ok,
        "errors": checked.count(Level.ERROR),
        "warnings": checked.count(Level.WARNING),
        "findings": checked.findings,
        "encoders": dict(checked.encoders),
        "in_text": dict(checked.in_text),
    }


def _show(checked: Checked) -> None:
    for finding in checked.findings:
        _show_finding(finding)
    errors, warnings = checked.count(Level.ERROR), checked.count(Level.WARNING)
    if len(checked.encoders) > 1:
        read = "; ".join(f"{locale} by {name}" for locale, name in checked.encoders)
        out.print(f"Questions are read in {read}.", markup=False, style="dim")
    if checked.catalog is not None and not checked.findings:
        intents = len(checked.catalog.intents)
        out.print(f"[green]ok[/green]  {checked.catalog.name}: {intents} intents, no findings.")
    else:
        out.print(f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}.")
    for line in in_text_told(checked.in_text):
        out.print(line, markup=False, highlight=False)


def _show_finding(finding: Finding) -> None:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    colour = "red" if finding.level is Level.ERROR else "yellow"
    out.print(f"[bold]{place}[/bold]  [{colour}]{finding.level}[/{colour}]  [dim]{finding.rule}[/dim]")
    out.print(f"  {finding.message}", markup=False)
    if finding.hint:
        out.print(f"  {finding.hint}", markup=False, style="dim")
