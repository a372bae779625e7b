"""Warm: render a plan with the studio, within its budget."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from app.rendering.ledger.rejections import film_all_again
from app.rendering.plan.planner import Plan
from app.rendering.work.warm import OnEvent, Summary, warm
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.site import Site


async def warm_catalog(
    site: Site, plan: Plan, *, budget: Decimal | None = None, on_event: OnEvent = lambda _: None
) -> Summary:
    """Render what the plan of the served catalog says."""
    avatar, limits = site.catalog.avatar, (budget, site.catalog.budget.per_run)
    return await warm(
        plan,
        site.studio,
        avatar=avatar,
        budget=min((limit for limit in limits if limit is not None), default=None),
        concurrency=site.studio.providers(avatar).renderer.capabilities.concurrency,
        on_event=on_event,
    )


async def allow_rejected(site: Site, plan: Plan) -> int:
    """Allow clips that the quality gate refused to be rendered again, as a person decided.

    Return their number.
    """
    keys = [key for item in plan.todo for key in item.wanted.keys]
    return await film_all_again(site.studio.ledger, keys, now=SystemClock().now())


def part_of(plan: Plan, intents: Collection[str]) -> Plan:
    """Return the part of a plan for these intents."""
    return replace(
        plan, items=tuple(item for item in plan.items if any(line.intent in intents for line in item.wanted.lines))
    )
