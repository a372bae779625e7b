"""Balances as providers write them."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from app.errors import ProviderRefusedError
from app.rendering.balances import Balance


def balance_at(
    provider: str,
    document: Mapping[str, Any],
    *path: str,
    unit: Literal["usd", "credits"] = "usd",
    currency: str | None = None,
) -> Balance:
    """Return the balance at a path of names; `currency` is the name beside it that must say US dollars.

    Raises:
        ProviderRefusedError: there is none, or it is in another currency.
    """
    holder: Any = document
    for step in path[:-1]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    found = holder.get(path[-1]) if isinstance(holder, dict) else None
    if currency and isinstance(holder, dict) and str(holder.get(currency, "usd")).lower() != "usd":
        raise ProviderRefusedError(f"Expected {provider}'s balance in US dollars, got {holder[currency]!r}.")
    amount = _number(found)
    if amount is None:
        raise ProviderRefusedError(f"Expected a balance from {provider} in `{'.'.join(path)}`, got {found!r}.")
    return Balance(amount, unit)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
