"""Accounts that calls of a test are booked on, in memory."""

from datetime import UTC, datetime
from decimal import Decimal

from app.rendering.ledger.calls_memory import MemoryPaidCalls
from app.rendering.ledger.calls_meter import CallAccount, CallMeter
from app.rendering.ledger.port import Cap
from app.rendering.tariffs import CallKind, Tariff

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHAT = Tariff(CallKind.CHAT, "openai", "gpt-5-mini", Decimal("0.25"), Decimal(2))
MODERATION = Tariff(CallKind.MODERATION, "openai", "omni-moderation-latest", Decimal(0))


def an_account(day: str = "1", calls: MemoryPaidCalls | None = None, tariff: Tariff = CHAT) -> CallAccount:
    """An account with a budget for the day; `calls` has what was booked."""
    meter = CallMeter(calls or MemoryPaidCalls(), lambda: NOON)
    return CallAccount(tariff, meter, lambda _session: (Cap("day", Decimal(day), "GREENROOM_BUDGET_DAY_USD"),))


def judging(day: str = "1", calls: MemoryPaidCalls | None = None) -> CallAccount:
    """An account of a moderation without a price."""
    return an_account(day, calls, MODERATION)
