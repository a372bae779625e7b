"""`greenroom doctor`."""

import asyncio

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.present import FAILED, out, print_json
from app.runtime.health import Symptom, examine


def doctor(
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is there, what is missing and what to do about it. Status 1 when something must be mended.

    \b
    Examples:
      greenroom doctor
    """
    symptoms = asyncio.run(examine(settings_for(catalog, cache)))
    if as_json:
        print_json({"ok": all(symptom.ok for symptom in symptoms), "checks": symptoms})
    else:
        for symptom in symptoms:
            _show_symptom(symptom)
    if not all(symptom.ok for symptom in symptoms):
        raise typer.Exit(FAILED)


def _show_symptom(symptom: Symptom) -> None:
    mark = "[green]ok[/green]  " if symptom.ok else "[red]mend[/red]"
    out.print(f"{mark} [bold]{symptom.name:<10}[/bold] ", end="")
    out.print(symptom.found, markup=False)
    if symptom.remedy:
        out.print(f"                {symptom.remedy}", markup=False, style="dim")
