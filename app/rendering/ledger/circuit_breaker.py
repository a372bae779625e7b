"""Circuit breaker over the ledger's records: all processes see the same failures and pause together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.rendering.ledger.port import ProviderSignal

WINDOW_S = 600.0
"""Window of the records that count."""

IN_A_ROW = 3
"""Number of bad steps in a row that opens the breaker; a good one closes it."""

COOL_S = 60.0
"""Time for which it stays open after the last bad step; then one try decides."""

LOST = 3
"""Number of lost answers among the newest `LOOKED_AT` steps that opens it too: each may be wasted money."""

LOOKED_AT = 10
COOL_LOST_S = 300.0


@dataclass(frozen=True, slots=True)
class Opening:
    """Opening of the breaker: its end as far as is known now, and its reason."""

    until: datetime
    reason: str


def open_until(signals: Sequence[ProviderSignal], now: datetime) -> datetime | None:
    """Return the time until which nothing should be submitted; None if the provider is well.

    Newest signal first.
    """
    found = opening(signals, now)
    return found.until if found else None


def opening(signals: Sequence[ProviderSignal], now: datetime) -> Opening | None:
    """Return the breaker's opening; None if the provider is well. Newest signal first."""
    reasons = (
        (_bad_until(signals), f"{IN_A_ROW} failures in a row"),
        (_lost_until(signals), f"{LOST} lost answers, each of which may be paid, in its last {LOOKED_AT} steps"),
    )
    found = [Opening(until, reason) for until, reason in reasons if until is not None and until > now]
    return max(found, key=lambda one: one.until, default=None)


def _bad_until(signals: Sequence[ProviderSignal]) -> datetime | None:
    known = [(at, verdict) for at, verdict in signals if verdict != "unknown"][:IN_A_ROW]
    if len(known) < IN_A_ROW or any(verdict == "good" for _, verdict in known):
        return None
    return known[0][0] + timedelta(seconds=COOL_S)


def _lost_until(signals: Sequence[ProviderSignal]) -> datetime | None:
    lost = [at for at, verdict in signals[:LOOKED_AT] if verdict == "unknown"]
    return lost[0] + timedelta(seconds=COOL_LOST_S) if len(lost) >= LOST else None
