"""Break-even: after how many plays a clip has cost less than a live avatar would have.

A clip is paid for once, a live avatar by the minute of its session. Both numbers below are assumptions, said
wherever a result is shown.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

LIVE_MINUTE_USD: Final = (Decimal("0.06"), Decimal("0.20"))
"""Price of a minute with a live avatar, the lowest and the highest list price that was found (2026-11).

Keyframe 0.06, Telnyx 0.08, LiveAvatar 0.10 (LITE) to 0.20 (FULL), each without the call and the model.
"""

SESSION_S: Final = 45
"""Seconds of a live session that one answer takes: asking, waiting, some twelve seconds of answer, and a pause."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Plays that pay for a clip: `fewest` beside the dearest live avatar, `most` beside the cheapest."""

    fewest: int
    most: int


@dataclass(frozen=True, slots=True)
class CacheSavings:
    """Cost of the same plays without stored clips, in US dollars: beside live avatars, and with a new clip each time.

    `anew` is None where no price of a clip is known.
    """

    plays: int
    live_low: Decimal
    live_high: Decimal
    anew: Decimal | None


def cache_savings(plays: int, clip_price: Decimal | None) -> CacheSavings:
    """Return what these plays would have cost."""
    low, high = (plays * minute * SESSION_S / 60 for minute in LIVE_MINUTE_USD)
    return CacheSavings(plays, low, high, None if clip_price is None else plays * clip_price)


def break_even(price: Decimal) -> BreakEven | None:
    """Return the plays after which a clip at this price is the cheaper one; None if it is free."""
    if price <= 0:
        return None
    most, fewest = (plays_that_pay(price, minute) for minute in LIVE_MINUTE_USD)
    return BreakEven(fewest, most)


def plays_that_pay(price: Decimal, live_minute: Decimal) -> int:
    """Return the plays after which a clip at this price has cost less than a live avatar at this minute."""
    return int((price / (live_minute * SESSION_S / 60)).to_integral_value(ROUND_CEILING))
