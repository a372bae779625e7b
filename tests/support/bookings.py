"""Jobs in a ledger as workers leave them: ordered for an amount, then ended in one way or another."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.rendering.ledger.port import Cap, Ledger, RenderRequest
from app.rendering.ledger.states import BeginSubmit, Claim, Event, Fenced, Render, Submitted
from app.store.labels import Labels

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def order(
    ledger: Ledger,
    number: int,
    amount: str,
    *,
    at: datetime = NOON,
    provider: str = "fal",
    run: str = "4f1c",
    **labels: Any,
) -> Render:
    """Order job `number`; its provider takes it as `job-<number>`."""
    words = {"intent": "hours", "locale": "en", "text": "We are open."} | labels
    request = RenderRequest(f"{number:064x}", provider, "kling-avatar-v2-pro", Labels.from_json(words))
    render = await ledger.want(request, now=at)
    held = await ledger.apply(render.id, Claim(now=at, worker="w", lease_s=10))
    begin = BeginSubmit(now=at, fence=held.fence, token=f"{number:032x}", amount=Decimal(amount))
    await ledger.apply(render.id, begin, caps=[Cap(f"run:{run}", Decimal(100))])
    taken = Submitted(now=at, fence=held.fence, request_id=f"job-{number}")
    return await ledger.apply(render.id, taken)


async def end(ledger: Ledger, render: Render, event: type[Event], *, at: datetime = NOON, **details: Any) -> Render:
    """Let an ordered job end."""
    fence = {"fence": render.fence} if issubclass(event, Fenced) else {}
    return await ledger.apply(render.id, event(now=at, **fence, **details))
