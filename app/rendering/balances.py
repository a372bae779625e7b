"""Balance of our account at a provider, where the provider can be asked for it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Balance:
    """Amount left of an account: US dollars, or credits, which each provider counts in its own way."""

    amount: Decimal
    unit: Literal["usd", "credits"]


@runtime_checkable
class BalanceSource(Protocol):
    """Renderer whose provider tells the balance of the account."""

    async def balance(self) -> Balance:
        """Ask for the balance, which costs nothing.

        Raises:
            ProviderRefusedError: the key may not see it, or the account has none.
            ProviderUnavailableError: not now.
        """
        ...
