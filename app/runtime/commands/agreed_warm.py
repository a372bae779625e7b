"""Agreed warm-up of a serving node: the folder's plan is shown with its price, and exactly that is carried out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from app.adapters.catalog_files.tree import fingerprint
from app.audit import Act
from app.errors import PlanError
from app.rendering.plan.agreement import Agreement, held_to
from app.rendering.plan.plan_json import money
from app.rendering.plan.planner import Plan
from app.rendering.work.waiting_line import WarmPlace
from app.rendering.work.warm_events import OnEvent, Summary
from app.runtime.commands.plan import agreement_of, plan_catalog
from app.runtime.commands.verdict import judged
from app.runtime.commands.warm import limits_of, warm_catalog
from app.runtime.settings.site import Settings
from app.runtime.wiring.current_catalog import CurrentCatalog
from app.runtime.wiring.providers import recorded_speech
from app.runtime.wiring.site import Site
from app.runtime.wiring.store_and_encoder import open_catalog, release_name


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """Plan of the catalog's folder as it is now; `is_served`: visitors get this very catalog."""

    site: Site
    plan: Plan
    agreement: Agreement
    is_served: bool


def files_now(settings: Settings) -> tuple[int, int]:
    """Return what changes with any file of the folder, and with any clip that is stored on this disk. Blocking."""
    recipes = Path(settings.cache) / "v1" / "recipes"
    stored = fingerprint(recipes, deep=0) if not settings.in_bucket and recipes.is_dir() else 0
    return (fingerprint(settings.catalog) if settings.catalog.is_dir() else 0), stored


async def plan_folder(site: Site) -> FolderPlan:
    """Plan the folder, beside whatever is served.

    Raises:
        CatalogError: `check` finds an error in it, as for `greenroom plan`.
    """
    await asyncio.to_thread(judged, site.settings)
    catalog = await asyncio.to_thread(open_catalog, site.settings)
    is_served = catalog.digest == site.catalog.digest
    folder = site if is_served else replace(site, current=CurrentCatalog(catalog, release_name(catalog)))
    plan = await plan_catalog(folder)
    return FolderPlan(folder, plan, await asyncio.to_thread(_sealed, folder, plan), is_served)


def _sealed(site: Site, plan: Plan) -> Agreement:
    """Return the agreement as a person would send it back; blocking."""
    return Agreement.model_validate(agreement_of(site, plan).document())


async def warm_as_agreed(
    site: Site,
    agreement: Agreement,
    *,
    most: Decimal,
    by: str,
    place: Callable[[Plan], WarmPlace],
    on_event: OnEvent,
) -> Summary:
    """Carry an agreement out: its recipes, for its price or `most` if that is less, and nothing else.

    Raises:
        PlanError: the folder is not as agreed any more, or costs more than `most`; nothing was ordered.
    """
    now = await plan_folder(site)
    plan = held_to(agreement, now.plan)
    if plan.price > most:
        raise PlanError(
            f"Expected a plan for {money(most)} USD at most, got one for {money(plan.price)} USD; nothing was ordered. "
            "Look at the plan again, and agree to its sum."
        )
    site.studio.speech = {**site.studio.speech, **recorded_speech(now.site.catalog.recordings)}
    details: dict[str, str | int] = {"price": money(plan.price), "clips": len(plan.todo), "most": money(most)}
    await site.audit.append(Act(site.studio.clock(), by, "warm.agreed", agreement.scope, details))
    limits = limits_of(agreement, most)
    return await warm_catalog(now.site, plan, limits=limits, on_event=on_event, place=place(plan))
