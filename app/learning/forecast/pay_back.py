"""Pay-back of an intent: its plays and its price beside a live avatar's minutes, and which variants are liked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.rendering.plan.break_even import SESSION_S, plays_that_pay

LIVE_MINUTE: Final = Decimal("0.08")
"""Price of a live avatar's minute, in US dollars, unless another is given: the middle of the list prices found."""


@dataclass(frozen=True, slots=True)
class IntentCost:
    """Clips of an intent in one locale: how many, how long, what they cost to render today, and which are stale."""

    intent: str
    locale: str
    clips: int
    seconds: float
    price: Decimal
    stale: int = 0
    stale_price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PayBack:
    """Pay-back: `live` is what the same plays cost with a live avatar, `pays_after` the plays that pay for the clips.

    `pays_after` is None for clips that are free.
    """

    intent: str
    locale: str
    plays: int
    clips: int
    seconds: float
    price: Decimal
    live: Decimal
    pays_after: int | None
    has_paid: bool
    stale: int
    stale_price: Decimal


@dataclass(frozen=True, slots=True)
class VariantRating:
    """Ratings of one variant of an answer by its visitors."""

    intent: str
    locale: str
    variant: int
    up: int
    down: int


def pay_back(
    costs: Iterable[IntentCost], plays: Mapping[tuple[str, str], int], *, live_minute: Decimal = LIVE_MINUTE
) -> tuple[PayBack, ...]:
    """Return the intents with clips, most played first."""
    found = [_one(cost, plays.get((cost.intent, cost.locale), 0), live_minute) for cost in costs]
    return tuple(sorted(found, key=lambda one: (-one.plays, one.intent, one.locale)))


def _one(cost: IntentCost, plays: int, live_minute: Decimal) -> PayBack:
    after = plays_that_pay(cost.price, live_minute) if cost.price > 0 else None
    return PayBack(
        intent=cost.intent,
        locale=cost.locale,
        plays=plays,
        clips=cost.clips,
        seconds=round(cost.seconds, 1),
        price=cost.price,
        live=(plays * live_minute * SESSION_S / 60).quantize(Decimal("0.01")),
        pays_after=after,
        has_paid=after is None or plays >= after,
        stale=cost.stale,
        stale_price=cost.stale_price,
    )
