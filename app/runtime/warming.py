"""Carrying a plan out with the whole studio."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from app.catalog.model import Catalog
from app.rendering.planner import Plan
from app.rendering.warm import OnEvent, Summary, warm
from app.runtime.database import open_database
from app.runtime.opening import Store
from app.runtime.settings import Settings
from app.runtime.studio import open_studio


async def warm_catalog(
    settings: Settings,
    catalog: Catalog,
    store: Store,
    plan: Plan,
    *,
    budget: Decimal | None = None,
    on_event: OnEvent = lambda _: None,
) -> Summary:
    """Film what the plan says."""
    async with (
        open_database(settings) as database,
        open_studio(settings, store, database, budget=catalog.budget) as studio,
    ):
        concurrency = studio.cast(catalog.avatar).renderer.capabilities.concurrency
        return await warm(
            plan,
            studio,
            avatar=catalog.avatar,
            budget=min((limit for limit in (budget, catalog.budget.per_run) if limit is not None), default=None),
            concurrency=concurrency,
            on_event=on_event,
        )


def part_of(plan: Plan, intents: Collection[str]) -> Plan:
    """The part of a plan that serves these intents."""
    return replace(
        plan, items=tuple(item for item in plan.items if any(line.intent in intents for line in item.wanted.lines))
    )
