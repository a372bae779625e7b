"""Plan and warm: what is to be filmed and why, its price first, then the agreement, then progress as it happens."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from app.digest import Digest
from app.errors import PlanError
from app.rendering.plan.agreement import Agreement
from app.rendering.plan.meanwhile import MEANS, until_rendered
from app.rendering.plan.plan_json import money
from app.rendering.plan.planner import PlanAction
from app.rendering.work.warm_events import ClipFailed, ClipFinished, ClipStarted, ProviderPaused, Summary, WarmEvent
from app.runtime.commands.agreed_warm import warm_as_agreed
from app.web.studio.access import Authoring, Operating, Visit
from app.web.studio.events import event_stream, told
from app.web.studio.pages import page, studio_router, to
from app.web.studio.remembered import WAIT_S
from app.web.studio.texts import lasts
from app.web.studio.work import Progress, Work

router = studio_router()

WARM = "warm"
"""Name of the work."""

SHOWN = 100
"""Clips of each kind that the page lists."""

PLAN_WAIT_S = 2.0
"""Time for which the page waits for the plan, unless the last one took longer: then it shows that one, and says so."""


@router.get("/plan")
async def plan(visit: Authoring) -> Response:
    """Show the plan, or how far its warm-up is."""
    figure = visit.studio.figures.plan
    await visit.studio.figures.look_at_files()  # whoever edits files elsewhere sees here what they mean
    made = await figure.read(WAIT_S if figure.is_counting or figure.took_s > PLAN_WAIT_S else PLAN_WAIT_S)
    work = visit.studio.works.get(WARM)
    until: dict[Digest, str] = {}
    if made is not None:
        visit.studio.agreements.keep(made.agreement)
        run = visit.container.site.settings.meanwhile or None
        stale = made.plan.of(PlanAction.STALE)[:SHOWN]
        until = {item.wanted.key: MEANS[until_rendered(item, made.site.catalog, run)] for item in stale}
    return page(
        visit,
        "plan",
        here="plan",
        made=made,
        counting=figure.is_counting,
        action=PlanAction,
        shown=SHOWN,
        until=until,
        work=work,
        progress=work and told(work.progress),
    )


@router.post("/plan/warm")
async def warm(visit: Operating) -> Response:
    """Begin to carry out what was agreed to."""
    agreement = visit.studio.agreements.find(visit.text("seal"))
    most = _sum(visit.text("most"), agreement)
    begun = Progress(WARM, by=visit.caller.actor, total=len(agreement.clips), says="Planning once more")
    visit.studio.works.start(begun, _warming(visit, agreement, most))
    return to(visit, "plan")


@router.post("/plan/stop")
async def stop(visit: Operating) -> Response:
    """Stop the warm-up; what is ordered is still fetched."""
    work = visit.studio.works.get(WARM)
    if work is not None and work.is_running and work.task is not None:
        work.task.cancel()
    visit.studio.figures.plan.forget()
    return to(visit, "plan", done="stopped")


@router.get("/plan/events")
async def events(visit: Authoring) -> StreamingResponse:
    """Send the progress as server-sent events: all of it first, then each change."""
    return event_stream(visit.studio.works.get(WARM))


def _sum(text: str, agreement: Agreement) -> Decimal:
    """Read the sum that the person agrees to.

    Raises:
        PlanError: it is no amount, or less than the plan's price.
    """
    try:
        most = Decimal(text.replace("$", "").replace(",", ".").strip() or "0")
    except InvalidOperation:
        most = Decimal(-1)
    if not most.is_finite() or most < agreement.price or most > 10**6:
        raise PlanError(
            f"Expected the sum that you agree to, {money(agreement.price)} USD or more, got {text[:40]!r}; nothing was "
            "ordered."
        )
    return most


def _warming(visit: Visit, agreement: Agreement, most: Decimal) -> Callable[[Work], Coroutine[Any, Any, None]]:
    container, figures = visit.container, visit.studio.figures

    async def run(work: Work) -> None:
        try:
            await warm_as_agreed(
                container.site,
                agreement,
                most=most,
                by=visit.caller.actor,
                place=lambda plan: container.warm_place(free=not plan.price),
                on_event=lambda event: work.tell(after(work.progress, event)),
            )
        finally:
            figures.plan.forget()
            figures.clips.forget()

    return run


def after(progress: Progress, event: WarmEvent) -> Progress:
    """Return the progress after an event."""
    match event:
        case ClipStarted(intent=intent, locale=locale, tally=tally):
            return replace(progress, total=tally.clips_total, says=f"Filming {intent or 'a clip'} ({locale})")
        case ClipFinished(intent=intent, locale=locale, tally=tally, duration_s=seconds):
            line = f"{intent or 'clip'} ({locale}), {lasts(seconds)}"
            moved = replace(progress, done=tally.clips_done, spent=tally.spent, left_s=tally.eta_s)
            return moved.with_line(line)
        case ClipFailed(failure=failure, tally=tally):
            moved = replace(progress, spent=tally.spent, left_s=tally.eta_s)
            return moved.with_line(f"{failure.intent or 'clip'} ({failure.locale}) failed: {failure.message}")
        case ProviderPaused(provider=provider, reason=reason):
            return progress.with_line(f"{provider} is paused: {reason}")
        case Summary():
            return _ended(progress, event)
        case _:
            return progress


def _ended(progress: Progress, summary: Summary) -> Progress:
    ended = replace(progress, done=summary.clips_done, spent=summary.spent, left_s=None)
    if summary.complete:
        return replace(ended, state="done", says=f"{summary.clips_done} clips are filmed.")
    why = f" {summary.why}" if summary.why else ""
    says = f"{summary.clips_done} filmed, {summary.clips_failed} failed, {summary.clips_left} left.{why}"
    return replace(ended, state="failed", says=says)
