"""Routes of the forecast: coverage and frontier of the recorded questions, and what each intent pays back."""

import asyncio
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.catalog.model import Meanwhile
from app.errors import EncoderUnavailableError
from app.learning.forecast.pay_back import LIVE_MINUTE
from app.matching.matcher import Matcher
from app.runtime.commands.forecast.forecast import forecast, usual_answer
from app.runtime.commands.forecast.recorded import recorded_log, site_pay_back
from app.web.deps import Author, State, WebState
from app.web.renders import Money

router = APIRouter(tags=["forecast"], dependencies=[Author])

_GROUPS = 100


class ReachView(BaseModel):
    """Number of groups that cover a share of the questions; null: no number does."""

    share: float
    groups: int | None
    low: int | None
    high: int | None


class CoveredShareView(BaseModel):
    """Share of the questions that the most asked groups cover, with a 90 % interval."""

    groups: int
    share: float
    low: float
    high: float


class FrontierStepView(BaseModel):
    """Step of the frontier: so many missed groups as new intents, their price, and the helped share then."""

    groups: int
    price: Money
    seconds: float
    helped: float
    low: float
    high: float
    questions: tuple[str, ...]


class AskedGroupView(BaseModel):
    """Group of one meaning, and how it is answered today."""

    question: str
    locale: str
    asked: int
    wordings: int
    played: int
    chips: int
    intent: str | None


class ForecastView(BaseModel):
    """Forecast of the recorded questions."""

    questions: int
    wordings: int
    played: float
    chips: float
    once: float
    currency: str
    rate: float
    rate_is_measured: bool
    reaches: tuple[ReachView, ...]
    curve: tuple[CoveredShareView, ...]
    steps: tuple[FrontierStepView, ...]
    groups: tuple[AskedGroupView, ...]


class PayBackView(BaseModel):
    """Pay-back of an intent in one locale."""

    intent: str
    locale: str
    plays: int
    clips: int
    seconds: float
    price: Money
    live: Money
    pays_after: int | None
    has_paid: bool
    stale: int
    stale_price: Money


class VariantRatingView(BaseModel):
    """Ratings of one variant of an answer."""

    intent: str
    locale: str
    variant: int
    up: int
    down: int


class StaleIntentView(BaseModel):
    """Stale clips of an intent in one locale, and what plays until they are rendered."""

    intent: str
    locale: str
    plays: int
    clips: int
    price: Money
    kept: int = Field(description="clips of before that may play on: the same face and voice")
    was: str | None
    now: str | None
    wish: Meanwhile = Field(description="what was chosen")
    meanwhile: Meanwhile = Field(description="what really plays")
    choices: dict[str, str] = Field(description="what each choice means for its plays")


class SitePayBackView(BaseModel):
    """Pay-back of all intents, most played first."""

    live_minute: Money
    currency: str
    intents: tuple[PayBackView, ...]
    ratings: tuple[VariantRatingView, ...]
    stale: tuple[StaleIntentView, ...]


def _matcher(state: WebState) -> Matcher:
    matcher = state.container.decider.matcher
    if matcher is None:
        raise EncoderUnavailableError("The catalog is still loading; ask again in a few seconds.")
    return matcher


@router.get("/v1/forecast")
async def coverage_forecast(
    state: State, budget: Annotated[Decimal | None, Query(ge=0, le=10**9, description="what new clips may cost")] = None
) -> ForecastView:
    """Forecast what the recorded questions need: groups by meaning, today's share, what the next intents bring."""
    container = state.container
    matcher = _matcher(state)
    log = await recorded_log(container.site.settings)
    usual = await usual_answer(container.site.settings, container.catalog)
    async with state.editing:
        found = await asyncio.to_thread(forecast, log, matcher, container.loaded.plain, usual, budget=budget)
    cover, ahead = found.coverage, found.frontier
    return ForecastView.model_validate(
        {
            "questions": found.questions,
            "wordings": found.wordings,
            "played": found.played,
            "chips": found.chips,
            "once": cover.once,
            "currency": found.currency,
            "rate": ahead.rate,
            "rate_is_measured": ahead.rate_is_measured,
            "reaches": cover.reaches,
            "curve": cover.curve,
            "steps": ahead.steps,
            "groups": found.groups[:_GROUPS],
        },
        from_attributes=True,
    )


@router.get("/v1/forecast/intents")
async def pay_backs(
    state: State,
    live_minute: Annotated[Decimal, Query(gt=0, le=100, description="price of a live avatar's minute")] = LIVE_MINUTE,
    meanwhile: Annotated[
        Meanwhile | None, Query(description="what would play for stale clips where an intent does not say; else as set")
    ] = None,
) -> SitePayBackView:
    """Tell what each intent plays, costs and pays back, which variants are liked, and what is stale."""
    _matcher(state)
    found = await site_pay_back(state.container.site, live_minute=live_minute, meanwhile=meanwhile)
    return SitePayBackView.model_validate(found, from_attributes=True)
