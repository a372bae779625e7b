"""Carrying a plan out with the whole studio."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from app.catalog.model import Catalog
from app.rendering.planner import Plan
from app.rendering.warm import OnEvent, Summary, warm
from app.runtime.opening import Store, open_database, open_studio
from app.runtime.settings import Settings


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
    async with open_database(settings) as database, open_studio(settings, store, database) as studio:
        concurrency = studio.cast(catalog.avatar).renderer.capabilities.concurrency
        return await warm(
            plan, studio, avatar=catalog.avatar, budget=budget, concurrency=concurrency, on_event=on_event
        )


def part_of(plan: Plan, intents: Collection[str]) -> Plan:
    """The part of a plan that serves these intents."""
    return replace(
        plan, items=tuple(item for item in plan.items if any(line.intent in intents for line in item.wanted.lines))
    )
