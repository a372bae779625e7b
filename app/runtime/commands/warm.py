"""Carrying a plan out with the whole studio."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from app.catalog.model import Catalog
from app.rendering.ledger.rejections import film_all_again
from app.rendering.plan.planner import Plan
from app.rendering.work.warm import OnEvent, Summary, warm
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.database import open_database
from app.runtime.wiring.providers import state_ledger
from app.runtime.wiring.store_and_encoder import OpenStore
from app.runtime.wiring.studio import open_studio


async def warm_catalog(
    settings: Settings,
    catalog: Catalog,
    store: OpenStore,
    plan: Plan,
    *,
    budget: Decimal | None = None,
    on_event: OnEvent = lambda _: None,
) -> Summary:
    """Film what the plan says."""
    async with (
        open_database(settings) as database,
        open_studio(settings, store, database, budget=catalog.budget, recordings=catalog.recordings) as studio,
    ):
        concurrency = studio.providers(catalog.avatar).renderer.capabilities.concurrency
        return await warm(
            plan,
            studio,
            avatar=catalog.avatar,
            budget=min((limit for limit in (budget, catalog.budget.per_run) if limit is not None), default=None),
            concurrency=concurrency,
            on_event=on_event,
        )


async def allow_rejected(settings: Settings, plan: Plan) -> int:
    """Let what the quality gate refused be filmed again, on a person's word; returns how many clips."""
    keys = [key for item in plan.todo for key in item.wanted.keys]
    async with open_database(settings) as database:
        return await film_all_again(state_ledger(database), keys, now=SystemClock().now())


def part_of(plan: Plan, intents: Collection[str]) -> Plan:
    """The part of a plan that serves these intents."""
    return replace(
        plan, items=tuple(item for item in plan.items if any(line.intent in intents for line in item.wanted.lines))
    )
