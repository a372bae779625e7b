"""Command `greenroom forecast`: how far the catalog reaches, and what more would cost and bring."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from app.catalog.model import Meanwhile
from app.cli.meanwhile import MeanwhileOption, stale_document, stale_told
from app.cli.options import BudgetOption, CacheOption, CatalogOption, JsonOption, run, settings_for, usd
from app.cli.output import err, money, out, print_json
from app.cli.spend import aligned
from app.errors import CatalogError
from app.learning.forecast.pay_back import LIVE_MINUTE
from app.runtime.commands.forecast.forecast import Forecast, usual_answer
from app.runtime.commands.forecast.forecast import forecast as make_forecast
from app.runtime.commands.forecast.question_log import LoggedQuestion, read_log
from app.runtime.commands.forecast.recorded import SitePayBack, recorded_log, site_pay_back
from app.runtime.settings.site import Settings
from app.runtime.wiring.matcher_cache import build_matcher
from app.runtime.wiring.site import open_site
from app.runtime.wiring.store_and_encoder import encoders_for, open_catalog

_WIDTH = 40
_LISTED = 12


LiveOption = Annotated[
    Decimal, typer.Option("--live-minute", parser=usd, metavar="USD", help="Price of a live avatar's minute.")
]


def forecast(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A log of questions, CSV or JSONL; else the turns kept."),
    ] = None,
    budget: BudgetOption = None,
    intents: Annotated[
        bool, typer.Option("--intents", help="Instead: what each intent plays, costs and pays back, and what is stale.")
    ] = False,
    live_minute: LiveOption = LIVE_MINUTE,
    meanwhile: MeanwhileOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forecast how many of the visitors' questions the catalog helps, and what the next intents bring and cost.

    The log needs a column `question`; `locale` and `count` are used if they are there. Everything stays on this
    computer.

    \b
    Examples:
      greenroom forecast questions.csv
      greenroom forecast helpdesk.jsonl --budget 40
      greenroom forecast --intents --live-minute 0.10
      greenroom forecast --intents --meanwhile keep
    """
    settings = settings_for(catalog, cache)
    if intents:
        _show_pay_back(run(_pay_back(settings, live_minute, meanwhile)), as_json=as_json)
        return
    found = _forecast(settings, file, budget)
    if as_json:
        print_json(found)
        return
    for line in _told(found, budget):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


async def _pay_back(settings: Settings, live_minute: Decimal, meanwhile: Meanwhile | None) -> SitePayBack:
    async with open_site(settings, leaves_no_trace=True) as site:
        return await site_pay_back(site, live_minute=live_minute, meanwhile=meanwhile)


def _show_pay_back(found: SitePayBack, *, as_json: bool) -> None:
    if as_json:
        print_json({"live_minute": found.live_minute, "currency": found.currency, "intents": found.intents,
                    "ratings": found.ratings, "stale": [stale_document(one) for one in found.stale]})  # fmt: skip
        return
    rows = [("intent", "locale", "plays", "clips", "seconds", "price", "live instead", "pays after")]
    for one in found.intents:
        after = "at once" if one.pays_after is None else f"{one.pays_after} plays{' (done)' if one.has_paid else ''}"
        price, live = money(one.price, found.currency), f"{one.live:.2f} USD"
        rows.append((one.intent, one.locale, str(one.plays), str(one.clips), f"{one.seconds:.1f}", price, live, after))
    out.print("\n".join(aligned(rows, left=2)), markup=False, highlight=False)
    for stale in found.stale:
        for line in stale_told(stale, found.currency):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
    for rated in found.ratings:
        name = f"{rated.intent} ({rated.locale}), variant {rated.variant + 1}"
        out.print(f"rated: {name}: {rated.up} up, {rated.down} down", markup=False, highlight=False)


def _forecast(settings: Settings, file: Path | None, budget: Decimal | None) -> Forecast:
    catalog = open_catalog(settings)
    log: tuple[LoggedQuestion, ...] = (
        read_log(file, default_locale=catalog.default_locale) if file else asyncio.run(recorded_log(settings))
    )
    if not log:
        raise CatalogError("Expected questions, got none: name a log with a column `question`, or wait for visitors.")
    usual = asyncio.run(usual_answer(settings, catalog))
    encoders = encoders_for(settings, catalog)
    with _bar() as bar:
        task = bar.add_task("fitting", total=None)
        matcher = build_matcher(settings, catalog, encoders.matching)
        return make_forecast(
            log,
            matcher,
            encoders.plain,
            usual,
            budget=budget,
            progress=lambda step, done, of: bar.update(task, description=step, completed=done, total=of),
        )


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def _told(found: Forecast, budget: Decimal | None) -> Iterator[str]:
    cover, ahead = found.coverage, found.frontier
    spoken = f" in {', '.join(found.locales)}" if len(found.locales) > 1 else ""
    yield f"{found.questions} questions in {found.wordings} wordings{spoken}; {cover.groups} groups of one meaning."
    yield (
        f"Today {_share(ahead.today.value)} are helped ({_share(ahead.today.low)} to {_share(ahead.today.high)}): "
        f"{_share(found.played)} get a clip, {_share(found.chips)} chips."
    )
    yield ""
    yield "How many meanings are how much of what is asked:"
    for one in cover.curve:
        yield f"  {one.groups:>6} {_drawn(one.share)} {_share(one.share):>5} ({_share(one.low)} to {_share(one.high)})"
    for reached in cover.reaches:
        if reached.groups is None:
            yield f"  {_share(reached.share)} is out of reach: {_share(cover.once)} of the questions came once only."
        else:
            most = reached.high if reached.high is not None else "any number"
            yield f"  {_share(reached.share)} needs {reached.groups} groups ({reached.low} to {most})."
    yield ""
    yield from _bought(found, budget)


def _bought(found: Forecast, budget: Decimal | None) -> Iterator[str]:
    ahead = found.frontier
    if not ahead.missed:
        yield "No group is missed."
        return
    if not ahead.steps:
        yield f"{money(budget or Decimal(0), found.currency)} buys no answer of {found.answer_s} s."
        return
    basis = "measured on this log" if ahead.rate_is_measured else "assumed"
    yield (
        f"What new intents bring, at {found.answer_s} s an answer and {_share(ahead.rate)} of their own questions "
        f"helped ({basis}):"
    )
    for step in ahead.steps:
        price = money(step.price, found.currency)
        yield (
            f"  {step.groups:>6} more  {price:>12}  helped {_share(step.helped)} "
            f"({_share(step.low)} to {_share(step.high)})"
        )
    yield ""
    yield "Missed most:"
    missed = [group for group in found.groups if group.is_missed][:_LISTED]
    for group in missed:
        yield f"  {group.asked:>6}  {group.question}"


def _drawn(share: float) -> str:
    return ("█" * round(_WIDTH * share)).ljust(_WIDTH, "·")


def _share(value: float) -> str:
    return f"{value * 100:.0f} %"
