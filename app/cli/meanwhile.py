"""Option `--meanwhile`, and what is told of stale answers: what plays until their new clips are rendered."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import typer

from app.catalog.model import Catalog, Meanwhile
from app.cli.output import money
from app.learning.forecast.meanwhile import StaleIntent
from app.rendering.plan.meanwhile import MEANS, until_rendered
from app.rendering.plan.planner import Plan, PlanAction
from app.runtime.commands.hearing import hearing_told
from app.runtime.commands.voices import in_text_told
from app.runtime.settings.site import Settings

MeanwhileOption = Annotated[
    Meanwhile | None,
    typer.Option("--meanwhile", help="What plays for a stale clip until it is rendered [GREENROOM_MEANWHILE]."),
]


def with_meanwhile(settings: Settings, meanwhile: Meanwhile | None) -> Settings:
    """Return the settings with the choice of this run."""
    return settings.model_copy(update={"meanwhile": meanwhile}) if meanwhile else settings


def plan_told(plan: Plan, catalog: Catalog, settings: Settings) -> Iterator[str]:
    """Yield lines about what is heard back, each locale in text alone, and what plays for stale clips until then."""
    yield from (f"  {line}" for line in hearing_told(plan, catalog, settings))
    yield from (f"  {line}" for line in in_text_told(plan.in_text))
    stale = plan.of(PlanAction.STALE)
    counts = Counter(until_rendered(item, catalog, settings.meanwhile or None) for item in stale)
    for choice, means in MEANS.items():
        if counts[choice]:
            yield f"  until then, {counts[choice]} stale: {means} ({choice})"
    if stale:
        yield "  `greenroom forecast --intents` says what each choice means for how many plays."


def stale_document(one: StaleIntent) -> dict[str, object]:
    """Return a stale intent as values for JSON: what was chosen, what plays, and what each choice means."""
    return {**dataclasses.asdict(one), "meanwhile": one.meanwhile, "choices": one.choices}


def stale_told(one: StaleIntent, currency: str) -> Iterator[str]:
    """Yield the lines about a stale intent; the choice that holds is marked."""
    price = money(one.price, currency)
    yield f"stale: {one.intent} ({one.locale}), {one.plays} plays, {one.clips} clips to render: {price}. Until then:"
    for choice, means in one.choices.items():
        yield f"  {'→' if choice == one.meanwhile else ' '} {choice:<4}  {means}"
