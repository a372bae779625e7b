"""Money of the ledger's scopes in memory, for renders and paid calls together."""

from collections.abc import Collection
from decimal import Decimal

from app.rendering.ledger.port import Cap, Spend, check_cap


class MemoryBudgets:
    """Amounts reserved and spent by scope, in memory."""

    def __init__(self) -> None:
        self._spend: dict[str, Spend] = {}

    def of(self, scope: str) -> Spend:
        """Return the money of a scope."""
        return self._spend.get(scope, Spend(scope))

    def settle(self, scopes: Collection[str], *, reserved: Decimal, spent: Decimal, caps: Collection[Cap]) -> None:
        """Add a change of reserved and spent money to every scope, or to none.

        Raises:
            BudgetExceededError: one of the caps would be exceeded.
        """
        used = {scope: self.of(scope) for scope in scopes}
        for cap in caps:
            if cap.scope in used:
                check_cap(cap, used[cap.scope], reserved)
        for scope, was in used.items():
            self._spend[scope] = Spend(scope, reserved=was.reserved + reserved, spent=was.spent + spent)
