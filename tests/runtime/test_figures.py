"""Figures read from the ledger."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from prometheus_client import CollectorRegistry

from app.rendering.ledger import Cap, RenderRequest
from app.rendering.memory import MemoryLedger
from app.rendering.states import BeginSubmit, Claim
from app.runtime.figures import LedgerFigures

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


async def handed_over(ledger, key, amount, *, at=NOON, provider="fal"):
    request = RenderRequest(recipe_key=key * 64, provider=provider, model="m", labels={})
    render = await ledger.want(request, now=at)
    held = await ledger.apply(render.id, Claim(now=at, worker="w", lease_s=10))
    day = f"day:{at:%Y-%m-%d}"
    begin = BeginSubmit(now=at, fence=held.fence, token=key, amount=Decimal(amount), scopes=(day,))
    await ledger.apply(render.id, begin)


async def test_the_day_its_budget_and_its_paid_requests_are_told():
    registry, ledger = CollectorRegistry(), MemoryLedger()
    await handed_over(ledger, "a", "0.30")
    await handed_over(ledger, "b", "0.20")
    await handed_over(ledger, "c", "0", provider="local")
    await handed_over(ledger, "d", "9", at=NOON - timedelta(days=1))
    figures = LedgerFigures(registry, ledger, lambda _: [Cap("day", Decimal(5)), Cap("other", Decimal(7))])

    await figures.read(NOON)

    told = {name: registry.get_sample_value(f"greenroom_{name}_day") for name in ("spend", "budget", "paid_requests")}
    assert told == {"spend": 0.5, "budget": 5.0, "paid_requests": 2.0}


async def test_without_a_budget_it_is_nothing():
    registry = CollectorRegistry()

    await LedgerFigures(registry, MemoryLedger()).read(NOON)

    assert registry.get_sample_value("greenroom_budget_day") == 0.0
