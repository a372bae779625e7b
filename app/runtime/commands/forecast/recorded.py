"""Recorded turns as a log of questions, and what each intent's clips cost and pay back."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal, get_args

from app.catalog.model import Catalog, Meanwhile
from app.learning.forecast.meanwhile import StaleIntent
from app.learning.forecast.pay_back import IntentCost, PayBack, VariantRating, pay_back
from app.learning.questions.query import ASKED, QuestionQuery
from app.learning.turn_log import TurnLog, TurnRecord
from app.rendering.plan.meanwhile import can_keep, chosen, says_the_same
from app.rendering.plan.planner import Plan, PlanAction, PlanItem
from app.rendering.plan.pricing import price_of
from app.runtime.commands.forecast.question_log import LoggedQuestion, counted
from app.runtime.commands.plan import plan_catalog
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import is_new, open_database
from app.runtime.wiring.site import Site
from app.runtime.wiring.turn_log import open_turn_log
from app.store.ports import RecipeIndex

_PAGE: Final = 500

Rating = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class SitePayBack:
    """Pay-back of all intents beside a live avatar's minute, the ratings of their variants, and what is stale."""

    live_minute: Decimal
    currency: str
    intents: tuple[PayBack, ...]
    ratings: tuple[VariantRating, ...]
    stale: tuple[StaleIntent, ...]
    """Most played first."""


async def recorded_log(settings: Settings) -> tuple[LoggedQuestion, ...]:
    """Read the questions that are kept, without choices, replies and failures; none if there is no database yet."""
    if is_new(settings):
        return ()
    found: Counter[tuple[str, str]] = Counter()
    async with open_database(settings) as database:
        async for turn in _every(open_turn_log(settings, database), QuestionQuery(outcomes=ASKED, limit=_PAGE)):
            found[turn.question, turn.locale] += 1
    return counted((text, locale, times) for (text, locale), times in found.items())


async def site_pay_back(site: Site, *, live_minute: Decimal, meanwhile: Meanwhile | None = None) -> SitePayBack:
    """Return what each intent of the served catalog cost, played and paid back, at today's prices.

    `meanwhile` is what would play for stale clips where an intent has no choice of its own; else as the site says.
    """
    turns = open_turn_log(site.settings, site.database)
    plan = await plan_catalog(site)
    costs = _costs(plan)
    rated = await _rated_clips(turns)
    lines = await _lines_by_video(plan, site.store.recipes) if rated else {}
    currency = next((total.currency for total in plan.totals), "USD")
    plays = await turns.asked()
    intents = pay_back(costs, plays, live_minute=live_minute)
    stale = stale_intents(plan, site.catalog, plays, meanwhile or site.settings.meanwhile or None)
    return SitePayBack(live_minute, currency, intents, _ratings(rated, lines), stale)


def stale_intents(
    plan: Plan, catalog: Catalog, plays: Mapping[tuple[str, str], int], run: Meanwhile | None
) -> tuple[StaleIntent, ...]:
    """Return the intents with stale clips, most played first."""
    found: dict[tuple[str, str], StaleIntent] = {}
    for item in plan.of(PlanAction.STALE):
        words = next((change for change in item.changes if change.field == "text"), None)
        for place in dict.fromkeys((line.intent, line.locale) for line in item.wanted.lines if not line.part):
            one = found.get(place) or StaleIntent(*place, plays.get(place, 0), chosen(catalog, place[0], run))
            found[place] = replace(
                one,
                clips=one.clips + 1,
                price=one.price + _price(plan, item),
                kept=one.kept + can_keep(item),
                same=one.same + says_the_same(item),
                was=one.was or (words.was if words else None),
                now=one.now or (words.now if words else None),
            )
    return tuple(sorted(found.values(), key=lambda one: (-one.plays, one.intent, one.locale)))


def _costs(plan: Plan) -> tuple[IntentCost, ...]:
    found: dict[tuple[str, str], IntentCost] = {}
    for item in plan.items:
        price = _price(plan, item)
        stale = item.action is PlanAction.STALE
        for place in dict.fromkeys((line.intent, line.locale) for line in item.wanted.lines if not line.part):
            before = found.get(place, IntentCost(*place, clips=0, seconds=0.0, price=Decimal(0)))
            found[place] = IntentCost(
                *place,
                clips=before.clips + 1,
                seconds=before.seconds + item.seconds,
                price=before.price + price,
                stale=before.stale + stale,
                stale_price=before.stale_price + (price if stale else 0),
            )
    return tuple(found.values())


def _price(plan: Plan, item: PlanItem) -> Decimal:
    recipe = item.filmed_by.recipe
    facts = plan.capabilities.get(recipe.renderer)
    return price_of(item.seconds, facts, recipe.model) if facts else Decimal(0)


async def _lines_by_video(plan: Plan, recipes: RecipeIndex) -> Mapping[str, tuple[str, str, int]]:
    found: dict[str, tuple[str, str, int]] = {}
    for item in plan.items:
        for key in item.wanted.keys if item.action is PlanAction.UNCHANGED else ():
            entry = await recipes.get(key)
            if entry is not None:
                line = next((line for line in item.wanted.lines if not line.part), None)
                if line is not None:
                    found[str(entry.blobs["video"])] = (line.intent, line.locale, line.variant)
    return found


async def _rated_clips(turns: TurnLog) -> Mapping[tuple[str, Rating], int]:
    """Count the ratings of each clip, by the digest of its video."""
    counts: Counter[tuple[str, Rating]] = Counter()
    for rating in get_args(Rating):
        async for turn in _every(turns, QuestionQuery(rating=rating, limit=_PAGE)):
            if turn.clip:
                counts[turn.clip, rating] += 1
    return counts


async def _every(turns: TurnLog, query: QuestionQuery) -> AsyncIterator[TurnRecord]:
    """Yield every turn that fits, page by page."""
    cursor = None
    while True:
        page = await turns.questions(replace(query, cursor=cursor))
        for turn in page.items:
            yield turn
        cursor = page.cursor
        if cursor is None:
            return


def _ratings(
    rated: Mapping[tuple[str, Rating], int], lines: Mapping[str, tuple[str, str, int]]
) -> tuple[VariantRating, ...]:
    found: Counter[tuple[tuple[str, str, int], Rating]] = Counter()
    for (clip, rating), count in rated.items():
        if clip in lines:
            found[lines[clip], rating] += count
    places = sorted({place for place, _ in found})
    return tuple(VariantRating(*place, up=found[place, "up"], down=found[place, "down"]) for place in places)
