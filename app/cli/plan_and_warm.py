"""Commands `greenroom plan` and `warm`: compare the catalog with the store, render what is missing."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from app.catalog.model import Catalog
from app.cli.meanwhile import MeanwhileOption, plan_told, with_meanwhile
from app.cli.options import BudgetOption, CacheOption, CatalogOption, JsonOption, YesOption, run, settings_for
from app.cli.output import FAILED, WORK, duration, err, money, out, print_json, status_of
from app.cli.progress import watched
from app.errors import IntentNotFoundError, StateUnavailableError
from app.rendering.plan.agreement import Agreement, held_to, read_agreement
from app.rendering.plan.break_even import LIVE_MINUTE_USD, SESSION_S, BreakEven, break_even
from app.rendering.plan.plan_json import plan_document
from app.rendering.plan.planner import Plan, PlanAction, PlanItem
from app.rendering.plan.pricing import Quote, VoiceTotal
from app.rendering.work.warm import RunLimits
from app.rendering.work.warm_events import Summary, TryingAgain
from app.rendering.work.warm_waits import RetryWindow, until_done
from app.runtime.commands.plan import agreement_of, plan_catalog
from app.runtime.commands.verdict import accepted
from app.runtime.commands.warm import allow_rejected, limits_of, part_of, warm_catalog
from app.runtime.serving.lifecycle import told
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.logging import set_up_logging
from app.runtime.wiring.site import Site, open_site

OnlyOption = Annotated[
    list[str] | None, typer.Option(metavar="INTENT", help="Render only this intent; may be repeated.")
]
WaitOption = Annotated[
    float, typer.Option(metavar="SECONDS", min=0, help="Keep trying for this long after passing failures.")
]
PlanFileOption = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="Carry out what `greenroom plan --out` wrote, for its total or --budget, without a question.",
    ),
]
RetryRejectedOption = Annotated[
    bool,
    typer.Option(
        "--retry-rejected", help="Also render clips again that the quality gate refused. They are paid for again."
    ),
]


def plan(
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the plan down, for `greenroom warm --plan`.")
    ] = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    compare: Annotated[bool, typer.Option("--compare", help="Also price every other renderer and model.")] = False,
    meanwhile: MeanwhileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the catalog with the store: which clips to render, at what price.

    Shows what is new, stale (and why) and unreferenced, how long it takes and what it costs. Nothing is made
    or paid for. Status 3 if there is something to do, 1 if a clip cannot be rendered as it is.

    \b
    Examples:
      greenroom plan
      greenroom plan --compare
      greenroom plan --json
      greenroom plan --out friday.json
    """
    settings = accepted(with_meanwhile(settings_for(catalog, cache, folder=True), meanwhile))
    made, agreement, catalogued = asyncio.run(_plan(settings))
    if as_json:
        print_json(plan_document(made, compare=compare))
    else:
        show_plan(made, compare=compare)
        for line in plan_told(made, catalogued, settings):
            out.print(line, markup=False)
    if out_file:
        out_file.write_text(json.dumps(agreement.document(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        err.print(f"Written to {out_file}; `greenroom warm --plan {out_file}` carries out this and nothing else.")
    if made.of(PlanAction.REFUSED):
        raise typer.Exit(FAILED)
    if made.todo:
        raise typer.Exit(WORK)


def warm(
    yes: YesOption = False,
    budget: BudgetOption = None,
    only: OnlyOption = None,
    wait: WaitOption = 0.0,
    plan_file: PlanFileOption = None,
    retry_rejected: RetryRejectedOption = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Render the clips of the plan. You may interrupt it at any time; the next run goes on from there.

    With --json each event is one line, and the last one is a summary. For jobs, use --wait: a provider that is
    busy or down, and a database that is away, are then tried again twice a minute.

    \b
    Status, by the cause that needs a person most:
      130 Ctrl-C, 143 SIGTERM
      5   an order is, or may be, paid: look at `greenroom renders`
      8   a provider refuses the key or the account, or there is no key
      7   the store or the database is away, or full
      1   a clip failed; something must be corrected
      4   the budget is reached
      6   a provider is down or busy; a later run may succeed

    \b
    Examples:
      greenroom warm
      greenroom warm --only opening-hours --only tickets
      greenroom warm --budget 2.50 --yes --json
      greenroom warm --yes --json --wait 3600
      greenroom warm --plan friday.json
    """
    settings = settings_for(catalog, cache, folder=True)
    agreement = _agreement(plan_file, only)
    accepted(settings)
    if settings.log_format == "json":  # lines for machines do not disturb a bar
        set_up_logging(format_=settings.log_format, level=settings.log_level)
    options = _WarmOptions(tuple(only or ()), agreement, budget, retry_rejected=retry_rejected, yes=yes, wait_s=wait)
    summary = run(_warm(settings, options, as_json=as_json))
    raise typer.Exit(status_of(summary.cause))


def _agreement(plan_file: Path | None, only: list[str] | None) -> Agreement | None:
    if plan_file and only:
        raise typer.BadParameter("a plan is carried out as a whole; leave --only out, or plan again.")
    return read_agreement(plan_file.read_text("utf-8", "replace"), str(plan_file)) if plan_file else None


def show_plan(made: Plan, *, compare: bool = False) -> None:
    """Print the plan as a table; `compare` adds every renderer."""
    for action, mark in ((PlanAction.NEW, "[green]+[/green]"), (PlanAction.STALE, "[yellow]~[/yellow]")):
        for item in made.of(action):
            out.print(f" {mark} ", end="")
            out.print(_item(item), markup=False)
            for change in item.changes:
                out.print(
                    f"     {change.field}: {_shown(change.was)} -> {_shown(change.now)}", markup=False, style="dim"
                )
    _show_refused(made.of(PlanAction.REFUSED))
    for leftover in made.unreferenced:
        out.print(f" [dim]- {leftover.labels.intent or leftover.kind}: nothing refers to it any more[/dim]")
    counts = {action: len(made.of(action)) for action in PlanAction}
    refused = f", {counts[PlanAction.REFUSED]} that no provider renders" if counts[PlanAction.REFUSED] else ""
    out.print(
        f"[bold]Plan:[/bold] {counts[PlanAction.NEW]} new, {counts[PlanAction.STALE]} stale, "
        f"{len(made.unreferenced)} unreferenced, {counts[PlanAction.UNCHANGED]} unchanged{refused}."
    )
    _show_totals(made)
    _show_prices(made, compare=compare)


def _show_totals(made: Plan) -> None:
    """Print a line for each renderer and each paid voice: its work and the cost; with a voice, the sum."""
    for total in made.totals:
        if total.clips:
            cost = money(total.price, total.currency)
            time = f"about {duration(total.wall_s)}"
            out.print(f"  {total.renderer}: {total.clips} clips, {duration(total.seconds)} of video, {cost}, {time}")
    for voice in made.voices:
        out.print(f"  {_voice(voice)}", markup=False, highlight=False)
    if made.voices:
        out.print(f"  in total: {money(made.price, 'USD')}", markup=False)


def _show_prices(made: Plan, *, compare: bool) -> None:
    several = len(made.chain) > 1 or any(one.needs for one in made.chain)
    _show_quotes("The renderers of the avatar, each for the whole plan:", made.chain if several else ())
    if compare:
        _show_quotes("Every renderer, for the clips with sound; the standard tier is the default:", made.compared)
    else:
        _show_quotes("Cheaper ones for the clips that the first one takes:", made.cheaper)
    if compare or any(item.price for item in made.todo):
        low, high = LIVE_MINUTE_USD
        live = f"a live avatar at {low} to {high} USD a minute, {SESSION_S} s of session a play"
        out.print(f"Plays: after so many, a clip has cost less than {live}.", style="dim", highlight=False)


def _show_refused(items: tuple[PlanItem, ...]) -> None:
    for item in items:
        out.print(" [red]![/red] ", end="")
        out.print(_item(item), markup=False)
        if item.refusal:
            out.print(f"     {item.refusal.message}", markup=False, style="dim")


def _show_quotes(title: str, quotes: tuple[Quote, ...]) -> None:
    """Print a line for each renderer: the cost of the whole plan, and how long it takes."""
    if quotes:
        out.print(title, style="dim")
    for one in quotes:
        known = "" if one.price_known else " (no list price found: a cautious estimate)"
        unable = f", {one.unable} clips not taken" if one.unable else ""
        cost, time = (
            f"{money(one.price, one.currency)}{_plays(one.break_even, ' a clip')}",
            f"about {duration(one.wall_s)}",
        )
        needs = f"; set {one.needs} first" if one.needs else ""
        tier = " [dear tier]" if one.dear else ""
        out.print(f"  {one.renderer}{tier}: {cost}{known}, {time}{unable}{needs}", markup=False, highlight=False)


_BASES = {
    "listed": "",
    "guessed": " (no list price found: a cautious estimate)",
    "own": " (a server of your own without a price in providers.toml: it counts as free)",
}


def _voice(total: VoiceTotal) -> str:
    """Return the line of a paid voice: what it speaks, and at what price."""
    tariff = total.tariff
    cost, needs = money(total.price, tariff.currency), f"; set {tariff.needs} first" if tariff.needs else ""
    spoken = f"[{', '.join(total.locales)}]: {total.texts} texts, {total.characters} characters"
    return f"voice {tariff.provider}/{tariff.model} {spoken}, {cost}{_BASES[tariff.basis]}{needs}"


def _item(item: PlanItem) -> str:
    line = item.wanted.lines[0]
    others = f" (+{len(item.wanted.lines) - 1} more)" if len(item.wanted.lines) > 1 else ""
    words = (item.wanted.text or f"silent loop {line.loop or ''}".strip()).replace("\n", " ")
    shown = words if len(words) <= 60 else words[:59] + "…"
    price = f"  {item.price:.4f} USD{_plays(break_even(item.price))}" if item.price else ""
    pack = f" (starter pack {line.pack})" if line.pack else ""
    return f"{line.intent}{pack}{others} [{line.locale}]  {item.seconds:.1f} s{price}  {shown}"


def _plays(plays: BreakEven | None, unit: str = "") -> str:
    return "" if plays is None else f" ({plays.fewest} to {plays.most} plays{unit})"


def _shown(value: str | None) -> str:
    text = "-" if value is None else value
    return text if len(text) <= 48 else text[:47] + "…"


@dataclass(frozen=True, slots=True)
class _WarmOptions:
    """Options of a warm run: what, for how much, how long."""

    only: tuple[str, ...]
    agreement: Agreement | None
    budget: Decimal | None
    retry_rejected: bool
    yes: bool
    wait_s: float

    @property
    def limits(self) -> RunLimits:
        """Limits on the money of all tries of the command together."""
        return limits_of(self.agreement, self.budget) if self.agreement else RunLimits(self.budget)


async def _plan(settings: Settings) -> tuple[Plan, Agreement, Catalog]:
    async with open_site(settings, leaves_no_trace=True) as site:
        made = await plan_catalog(site)
        return made, agreement_of(site, made), site.catalog


async def _warm(settings: Settings, options: _WarmOptions, *, as_json: bool) -> Summary:
    clock = SystemClock()
    window = RetryWindow(
        until=clock.monotonic() + options.wait_s,
        now=clock.monotonic,
        sleep=clock.sleep,
        tell=print_json if as_json else _tell_that_it_is_tried_again,
    )
    async with _opened(settings, window) as site:
        plan = await _part(site, options)
        if plan.price and not options.yes and not options.agreement and not agreed(plan.price):
            raise typer.Exit(FAILED)
        if options.retry_rejected:
            await allow_rejected(site, plan)
        plans, limits, whole = [plan], options.limits, not (options.only or options.agreement)

        async def once() -> Summary:
            made = plans.pop() if plans else await _part(site, options)  # the first try has a fresh plan
            if as_json:
                return await warm_catalog(site, made, limits=limits, on_event=print_json, whole=whole)
            async with watched(made) as show:
                return await warm_catalog(site, made, limits=limits, on_event=show, whole=whole)

        with told(site, "warm", clips=len(plan.todo)) as ending:
            summary = await until_done(once, window)
            ending.reason = summary.ended
        return summary


@contextlib.asynccontextmanager
async def _opened(settings: Settings, window: RetryWindow) -> AsyncIterator[Site]:
    """Open the site; a database that is away is waited for."""
    async with contextlib.AsyncExitStack() as stack:
        while True:
            try:
                site = await stack.enter_async_context(open_site(settings))
                break
            except StateUnavailableError as error:
                if not await window.bears(error):
                    raise
        yield site


def _tell_that_it_is_tried_again(event: TryingAgain) -> None:
    err.print("[yellow]waiting[/yellow] ", end="")
    times = f"Trying again in {duration(event.after_s)}, for up to {duration(event.left_s)}."
    err.print(f"{event.message} {times}", markup=False)


async def _part(site: Site, options: _WarmOptions) -> Plan:
    for intent in options.only:
        if site.catalog.intent(intent) is None:
            raise IntentNotFoundError(f"Expected the id of an intent, got {intent!r}; `greenroom plan` shows them.")
    made = await plan_catalog(site)
    if options.agreement:
        return held_to(options.agreement, made)
    return part_of(made, options.only) if options.only else made


def lowest(*limits: Decimal | None) -> Decimal | None:
    """Return the lower limit; None if there is none."""
    return min((limit for limit in limits if limit is not None), default=None)


def agreed(price: Decimal) -> bool:
    """Ask whether to spend this much; without a terminal nobody can agree."""
    if not sys.stdin.isatty():
        err.print(f"This costs {money(price, 'USD')}. Use --yes to spend it without being asked.")
        return False
    return typer.confirm(f"This costs {money(price, 'USD')}. Go on?", err=True)
