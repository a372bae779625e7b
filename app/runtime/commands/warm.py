"""Warm: render a plan with the studio, within its budget."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import structlog

from app.errors import StateUnavailableError
from app.rendering.ledger.port import Cap
from app.rendering.ledger.rejections import render_all_again
from app.rendering.plan.agreement import Agreement
from app.rendering.plan.planner import Plan, PlanAction
from app.rendering.work.waiting_line import WarmPlace
from app.rendering.work.warm import RunLimits, warm
from app.rendering.work.warm_events import ClipFinished, OnEvent, Summary, WarmEvent
from app.rendering.work.warm_history import WarmEnd, outcome_of
from app.runtime.wiring.site import Site

log = structlog.get_logger()


async def warm_catalog(
    site: Site,
    plan: Plan,
    *,
    limits: RunLimits | None = None,
    on_event: OnEvent = lambda _: None,
    whole: bool = True,
    place: WarmPlace | None = None,
) -> Summary:
    """Render what the plan of the served catalog says; the catalog's budget for a run holds, too.

    `whole`: it is the plan of the whole catalog, so its end goes into the site's history. `place`: that of a
    serving node, which keeps one place at the renderer free for its visitors.
    """
    avatar, limits = site.catalog.avatar, limits or RunLimits()
    budgets = (limits.budget, site.catalog.budget.per_run)
    at_once = site.studio.providers(avatar).renderer.capabilities.concurrency
    end = _End(plan, on_event)
    try:
        summary = await warm(
            plan,
            place or site.studio,
            avatar=avatar,
            limits=replace(limits, budget=min((one for one in budgets if one is not None), default=None)),
            concurrency=max(1, at_once - 1) if place else at_once,
            on_event=end.show,
        )
        await add_small_renditions(site, plan)
    finally:
        if whole:
            await end.record(site)
    return summary


async def add_small_renditions(site: Site, plan: Plan) -> int:
    """Encode the small renditions that stored clips of a plan lack; nothing is ordered. Return how many were made."""
    items = plan.of(PlanAction.UNCHANGED)
    made = sum([await site.studio.add_small(item.wanted, avatar=site.catalog.avatar) for item in items])
    if made:
        log.info("renditions.made", clips=made)
    return made


class _End:
    """End of a run, as its events tell it; they are passed on."""

    def __init__(self, plan: Plan, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._wanted = {action: {item.wanted.key for item in plan.of(action)} for action in PlanAction}
        self._missing = {key for action in _MISSING for key in self._wanted[action]}
        self._summary: Summary | None = None

    def show(self, event: WarmEvent) -> None:
        """Take note of an event."""
        if isinstance(event, ClipFinished):
            self._missing.discard(event.key)
        if isinstance(event, Summary):
            self._summary = event
        self._on_event(event)

    async def record(self, site: Site) -> None:
        """Write the end down for the nodes; a database that is away does not spoil the run."""
        if self._summary is None:
            return  # nothing was begun
        end = WarmEnd(
            run=f"{self._summary.run}-{uuid4().hex[:8]}",  # each try of a command is an end of its own
            ended_at=site.studio.clock(),
            outcome=outcome_of(self._summary.ended, self._missing),
            clips_wanted=sum(len(self._wanted[action]) for action in (*_MISSING, PlanAction.UNCHANGED)),
            missing=frozenset(self._missing),
        )
        try:
            await site.warm_history.add(end)
        except StateUnavailableError as error:
            log.warning("warm.end_not_recorded", error=str(error))


_MISSING = (PlanAction.NEW, PlanAction.STALE, PlanAction.REFUSED)
"""Actions of a plan whose clips are not stored before the run."""


def limits_of(agreement: Agreement, budget: Decimal | None = None) -> RunLimits:
    """Return the limits on all runs of an agreement together: its total, or what a person allows instead."""
    total = agreement.price if budget is None else budget
    source = "it with --budget, plan again now that the words are spoken,"
    return RunLimits(caps=(Cap(agreement.scope, total, source),))


async def allow_rejected(site: Site, plan: Plan) -> int:
    """Allow clips that the quality gate refused to be rendered again, as a person decided.

    Return their number.
    """
    keys = [key for item in plan.todo for key in item.wanted.keys]
    return await render_all_again(site.studio.ledger, keys, now=site.studio.clock())


def part_of(plan: Plan, intents: Collection[str]) -> Plan:
    """Return the part of a plan for these intents."""
    return replace(
        plan, items=tuple(item for item in plan.items if any(line.intent in intents for line in item.wanted.lines))
    )
