"""The ledger: the truth about paid work. Queues, events and webhooks are only hints to look here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_UP, Decimal
from typing import Any, Protocol

from app.errors import BudgetExceededError
from app.rendering.states import BeginSubmit, Event, Render, RenderState

MICRO = Decimal("0.000001")
"""The smallest amount the ledger knows; prices are rounded up to it."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on what may be reserved and spent under one scope, such as `day:2026-11-22` or `run:4f1c`."""

    scope: str
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Spend:
    """What a scope has used up: set aside for unsettled submits, and billed."""

    scope: str
    reserved: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)

    @property
    def committed(self) -> Decimal:
        """All that counts against a cap."""
        return self.reserved + self.spent


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """What a recipe's render is wanted from; `labels` say for people what it is for."""

    recipe_key: str
    provider: str
    model: str
    labels: Mapping[str, Any]
    currency: str = "USD"


class Ledger(Protocol):
    """Renders and money. Every method is one transaction; time is given by the caller."""

    async def want(self, request: RenderRequest, *, now: datetime) -> Render:
        """The recipe's open render, made if there is none: a recipe never has two."""
        ...

    async def apply(self, render_id: str, event: Event, *, caps: Collection[Cap] = ()) -> Render:
        """Let the event happen, together with what it does to the money of the render's scopes.

        `caps` bind a `BeginSubmit`: its amount counts under each of their scopes.

        Raises:
            RenderNotFoundError: there is no such render.
            LeaseLostError, RenderStateError: as `transition` says; nothing has changed.
            BudgetExceededError: one of the caps would be exceeded; nothing has changed.
        """
        ...

    async def claim_next(self, *, worker: str, now: datetime, lease_s: float) -> Render | None:
        """Claim the oldest render that nobody holds, or None: how workers and the reconciler find work."""
        ...

    async def get(self, render_id: str) -> Render:
        """One render.

        Raises:
            RenderNotFoundError: there is none with this id.
        """
        ...

    async def latest(self, recipe_key: str) -> Render | None:
        """The recipe's newest render, open or closed."""
        ...

    async def list(
        self, *, states: Collection[RenderState] = (), limit: int = 100, offset: int = 0
    ) -> tuple[Render, ...]:
        """Renders in these states (all when none are named), newest first."""
        ...

    async def counts(self) -> Mapping[RenderState, int]:
        """How many renders stand where; states nobody is in are left out."""
        ...

    async def spend(self, scope: str) -> Spend:
        """What the scope has used up."""
        ...


def check_cap(cap: Cap, used: Spend, amount: Decimal) -> None:
    """Refuse an amount that would take the scope over its cap; an amount of nothing always passes.

    Raises:
        BudgetExceededError: `used` and the amount are more than the cap.
    """
    if amount > 0 and used.committed + amount > cap.limit:
        raise BudgetExceededError(
            f"{amount} more would take `{cap.scope}` to {used.committed + amount}, its budget is {cap.limit}; "
            "raise the budget or render less."
        )


def bounded(event: Event, caps: Collection[Cap]) -> Event:
    """A `BeginSubmit` with its amount in whole millionths and every cap's scope named; other events as they are."""
    if not isinstance(event, BeginSubmit):
        return event
    scopes = tuple(dict.fromkeys((*event.scopes, *(cap.scope for cap in caps))))
    return replace(event, amount=event.amount.quantize(MICRO, rounding=ROUND_UP), scopes=scopes)
