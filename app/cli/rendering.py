"""`greenroom plan`, `warm` and `renders`."""

import asyncio
import sys
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.present import FAILED, WORK, duration, err, money, out, print_json
from app.cli.progress import WarmScreen
from app.cli.running import run
from app.errors import IntentNotFoundError
from app.rendering.plan_document import plan_document
from app.rendering.planner import Action, Plan, PlanItem
from app.rendering.warm import Summary
from app.runtime.opening import open_catalog, open_store
from app.runtime.planning import plan_catalog
from app.runtime.settings import Settings
from app.runtime.warming import part_of, warm_catalog


def plan(
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the catalog with the store: what is new, stale (and why), unreferenced; how long, what it costs.

    Nothing is made or paid. Status 3 when there is something to do.

    \b
    Examples:
      greenroom plan
      greenroom plan --json
    """
    settings = settings_for(catalog, cache)
    made = asyncio.run(plan_catalog(settings, open_catalog(settings), open_store(settings)))
    if as_json:
        print_json(plan_document(made))
    else:
        show_plan(made)
    if made.todo:
        raise typer.Exit(WORK)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"expected an amount in US dollars such as 2.50, got {text!r}.")
    return amount


def warm(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")] = False,
    budget: Annotated[
        Decimal | None, typer.Option(parser=_amount, metavar="USD", help="Stop before this run costs more.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="INTENT", help="Film only this intent; may be repeated.")
    ] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Film what the plan says is missing. Interrupt it whenever you like: it goes on where it stopped.

    With --json every event is a line, the last one a summary. Status 1 when a clip failed or the budget ended the run.

    \b
    Examples:
      greenroom warm
      greenroom warm --only opening-hours --only tickets
      greenroom warm --budget 2.50 --yes --json
    """
    settings = settings_for(catalog, cache)
    summary = run(_warm(settings, only=only, budget=budget, yes=yes, as_json=as_json))
    if summary is not None and not summary.complete:
        raise typer.Exit(FAILED)


def show_plan(made: Plan) -> None:
    """The plan as a table, like an infrastructure plan."""
    for action, mark in ((Action.NEW, "[green]+[/green]"), (Action.STALE, "[yellow]~[/yellow]")):
        for item in made.of(action):
            out.print(f" {mark} ", end="")
            out.print(_item(item), markup=False)
            for change in item.changes:
                out.print(
                    f"     {change.field}: {_shown(change.was)} -> {_shown(change.now)}", markup=False, style="dim"
                )
    for leftover in made.unreferenced:
        out.print(f" [dim]- {leftover.labels.get('intent', leftover.kind)}: nothing refers to it any more[/dim]")
    counts = {action: len(made.of(action)) for action in Action}
    out.print(
        f"[bold]Plan:[/bold] {counts[Action.NEW]} new, {counts[Action.STALE]} stale, "
        f"{len(made.unreferenced)} unreferenced, {counts[Action.UNCHANGED]} unchanged."
    )
    for total in made.totals:
        if total.clips:
            cost = money(total.price, total.currency)
            time = f"about {duration(total.wall_s)}"
            out.print(f"  {total.renderer}: {total.clips} clips, {duration(total.seconds)} of video, {cost}, {time}")


def _item(item: PlanItem) -> str:
    line = item.wanted.lines[0]
    others = f" (+{len(item.wanted.lines) - 1} more)" if len(item.wanted.lines) > 1 else ""
    words = (item.wanted.text or "silent loop").replace("\n", " ")
    shown = words if len(words) <= 60 else words[:59] + "…"
    return f"{line.intent}{others} [{line.locale}]  {item.seconds:.1f} s  {shown}"


def _shown(value: str | None) -> str:
    text = "-" if value is None else value
    return text if len(text) <= 48 else text[:47] + "…"


async def _warm(
    settings: Settings, *, only: list[str] | None, budget: Decimal | None, yes: bool, as_json: bool
) -> Summary | None:
    catalog = open_catalog(settings)
    for intent in only or ():
        if catalog.intent(intent) is None:
            raise IntentNotFoundError(f"Expected the id of an intent, got {intent!r}; `greenroom plan` shows them.")
    store = open_store(settings)
    made = await plan_catalog(settings, catalog, store)
    made = part_of(made, only) if only else made
    price = made.price
    if price and not yes and not _agreed(price):
        raise typer.Exit(FAILED)
    if as_json:
        return await warm_catalog(settings, catalog, store, made, budget=budget, on_event=print_json)
    with WarmScreen(made) as screen:
        return await warm_catalog(settings, catalog, store, made, budget=budget, on_event=screen.show)


def _agreed(price: Decimal) -> bool:
    if not sys.stdin.isatty():
        err.print(f"This costs {money(price, 'USD')}. Say --yes to spend it without being asked.")
        return False
    return typer.confirm(f"This costs {money(price, 'USD')}. Go on?", err=True)
