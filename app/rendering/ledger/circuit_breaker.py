"""A circuit breaker over the ledger's records: every process sees the same failures, and stops asking for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.rendering.ledger.port import ProviderSignal

WINDOW_S = 600.0
"""What is older says nothing any more."""

IN_A_ROW = 3
"""So many bad steps in a row open the breaker; a good one closes it."""

COOL_S = 60.0
"""How long it stays open after the last bad step; then one try decides."""

LOST = 3
"""So many lost answers among the newest `LOOKED_AT` steps open it too: each may be money for nothing."""

LOOKED_AT = 10
COOL_LOST_S = 300.0


def open_until(told: Sequence[ProviderSignal], now: datetime) -> datetime | None:
    """Until when nothing should be submitted; None while the provider is well. `told` is newest first."""
    ends = [end for end in (_bad_until(told), _lost_until(told)) if end is not None and end > now]
    return max(ends, default=None)


def _bad_until(told: Sequence[ProviderSignal]) -> datetime | None:
    known = [(at, verdict) for at, verdict in told if verdict != "unknown"][:IN_A_ROW]
    if len(known) < IN_A_ROW or any(verdict == "good" for _, verdict in known):
        return None
    return known[0][0] + timedelta(seconds=COOL_S)


def _lost_until(told: Sequence[ProviderSignal]) -> datetime | None:
    lost = [at for at, verdict in told[:LOOKED_AT] if verdict == "unknown"]
    return lost[0] + timedelta(seconds=COOL_LOST_S) if len(lost) >= LOST else None
