"""Jobs in a ledger as workers leave them: ordered for an amount, then ended in one way or another."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.rendering.ledger.port import Cap, Ledger, RenderRequest
from app.rendering.ledger.states import BeginSubmit, Claim, Event, Fenced, Render, Submitted
from app.store.labels import Labels

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

_CAPS = [Cap("run:4f1c", Decimal(100)), Cap("release:7", Decimal("Infinity"))]


async def order(ledger: Ledger, number: int, amount: str, *, at: datetime = NOON, **other: Any) -> Render:
    """Order the clip `number`; its provider takes it as `job-<number>`, or as `job`. Further words are labels."""
    token, job = other.pop("token", number), other.pop("job", f"job-{number}")
    words = {"intent": "hours", "locale": "en", "text": "We are open."} | other
    request = RenderRequest(f"{number:064x}", "fal", "kling-avatar-v2-pro", Labels.from_json(words))
    render = await ledger.want(request, now=at)
    held = await ledger.apply(render.id, Claim(now=at, worker="w", lease_s=10))
    begin = BeginSubmit(now=at, fence=held.fence, token=f"{token:032x}", amount=Decimal(amount), seconds=3.5)
    await ledger.apply(render.id, begin, caps=_CAPS)
    return await ledger.apply(render.id, Submitted(now=at, fence=held.fence, request_id=job))


async def end(ledger: Ledger, render: Render, event: type[Event], *, at: datetime = NOON, **details: Any) -> Render:
    """Let an ordered job end."""
    fence = {"fence": render.fence} if issubclass(event, Fenced) else {}
    return await ledger.apply(render.id, event(now=at, **fence, **details))
