"""Overview: what visitors asked and got, what it costs, what is filmed, and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fastapi import Response

from app.catalog.model import Role
from app.matching.wilson_interval import Share
from app.rendering.plan.break_even import CacheSavings, cache_savings
from app.rendering.plan.planner import PlanAction
from app.runtime.serving.container import Container
from app.runtime.serving.served_release import LoadingDecider
from app.runtime.settings.api_keys import KeyRole
from app.web.studio import charts
from app.web.studio.access import Viewing, Visit
from app.web.studio.figures import DAYS, KINDS, Asked, Folder
from app.web.studio.pages import page, studio_router
from app.web.studio.texts import count, dollars

router = studio_router()

MOST_TOPICS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """Next thing to do: where, in words."""

    says: str
    place: str
    action: str


@router.get("/")
async def overview(visit: Viewing) -> Response:
    """Show the overview."""
    container = visit.container
    folder, asked = await visit.studio.figures.folder(), await visit.studio.figures.asked.read()
    clips = folder.clips
    ready = None if clips is None else (sum(one[0] for one in clips.values()), sum(one[1] for one in clips.values()))
    answers = [intent for intent in folder.catalog.intents if intent.role is Role.ANSWER]
    return page(
        visit,
        "overview",
        here="",
        release=container.release,
        answers=len(answers),
        topics=len({intent.topic for intent in answers}),
        ready=ready,
        asked=asked,
        columns=_columns(asked),
        most_topics=MOST_TOPICS,
        days=DAYS,
        reasons=await container.readiness(),
        problem=folder.problem,
        steps=tuple(_steps(folder, ready, asked)),
        promise=_promise(container),
        money=await _money(visit, asked),
    )


def _columns(asked: Asked | None) -> charts.Columns | None:
    if asked is None or not asked.total():
        return None
    return charts.columns([(f"{day:%d %b}", counts) for day, counts in asked.days], KINDS)


def _steps(folder: Folder, ready: tuple[int, int] | None, asked: Asked | None) -> Iterator[Step]:
    stale = [item for item in folder.lines.items if item.action is PlanAction.STALE]
    if stale:
        price = sum((item.price for item in stale), Decimal(0))
        what = f"{count(len(stale), 'clip')} stored for other words than the folder's: {dollars(price)} to film again."
        yield Step(what, "plan", "See the plan")
    if ready is not None and ready[1] - ready[0] > len(stale):
        missing = ready[1] - ready[0] - len(stale)
        verb = "clips are not filmed yet" if missing > 1 else "clip is not filmed yet"
        yield Step(f"{missing} {verb}: visitors get words there.", "intents?show=unfilmed", "See which")
    if folder.states:
        yield Step(
            f"{count(len(folder.states), 'intent')} changed in the folder, and not published.",
            "releases",
            "See releases",
        )
    if asked is not None and not asked.total():
        yield Step("Nobody has asked anything yet. Ask as a visitor would.", "try", "Try a question")


@dataclass(frozen=True, slots=True)
class Promise:
    """Promise of the served catalog: the share of wrong clips it keeps under, and the share expected."""

    at_most: float
    wrong: Share


def _promise(container: Container) -> Promise | None:
    """Return the promise; None while the matcher is loading."""
    decider = container.decider
    if not isinstance(decider, LoadingDecider) or decider.matcher is None:
        return None
    return Promise(container.catalog.matching.max_false_hit_rate, decider.matcher.fitted.false_hit_rate)


@dataclass(frozen=True, slots=True)
class Money:
    """Money of this month, and what the plays of the chart would have cost with live avatars."""

    spent: Decimal
    reserved: Decimal
    saved: CacheSavings


async def _money(visit: Visit, asked: Asked | None) -> Money | None:
    """Return the money, for those whose key may see it."""
    report = await visit.studio.figures.spend.read() if visit.may(KeyRole.OPERATOR) else None
    if report is None or asked is None:
        return None
    return Money(report.spent, report.reserved, cache_savings(asked.total("answered"), report.clip_price))
