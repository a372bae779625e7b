"""Command `greenroom doctor`: what works, what is missing, what to do."""

import asyncio
from typing import Annotated

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import FAILED, out, print_json
from app.runtime.commands.advice import Advice, advise
from app.runtime.commands.doctor import PARTS, Symptom, examine


def doctor(
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="PART", help="Only this part; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every part: what works, what is missing, what to do.

    Also shows what settings cost or risk. Status 1 if something must be corrected; a risk alone does not
    count.

    \b
    Examples:
      greenroom doctor
      greenroom doctor --only database --only redis --json
    """
    settings = settings_for(catalog, cache)
    unknown = sorted(set(only or ()) - set(PARTS))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is none of {', '.join(PARTS)}.", param_hint="--only")
    symptoms = asyncio.run(examine(settings, only=only or ()))
    advice = () if only else advise(settings)
    if as_json:
        print_json({"ok": all(symptom.ok for symptom in symptoms), "checks": symptoms, "settings": advice})
    else:
        for symptom in symptoms:
            _show_symptom(symptom)
        if advice:
            out.print()
        for one in advice:
            _show_advice(one)
    if not all(symptom.ok for symptom in symptoms):
        raise typer.Exit(FAILED)


def _show_advice(advice: Advice) -> None:
    colour = {"fine": "dim", "cost": "cyan", "risk": "yellow"}[advice.weight]
    out.print(f"[{colour}]{advice.weight}[/{colour}] [bold]{advice.setting}[/bold]", end="")
    out.print(f" = {advice.value}" if advice.value else " unset", markup=False, style="dim")
    out.print(f"     {advice.says}", markup=False)


def _show_symptom(symptom: Symptom) -> None:
    mark = "[green]ok[/green]  " if symptom.ok else "[red]fail[/red]"
    out.print(f"{mark} [bold]{symptom.name:<10}[/bold] ", end="")
    out.print(symptom.found, markup=False)
    if symptom.remedy:
        out.print(f"                {symptom.remedy}", markup=False, style="dim")
