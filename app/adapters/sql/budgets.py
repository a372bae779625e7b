"""Budgets in SQL: the money that each scope has reserved and spent, and the caps that bind it."""

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.ledger_queries import amount, insert_missing, micros
from app.adapters.sql.tables import BudgetRow
from app.rendering.ledger.port import Cap, Spend, check_cap

_BUDGETS: Table = BudgetRow.__table__  # type: ignore[attr-defined]


async def settle_in(
    connection: AsyncConnection, scopes: Collection[str], *, reserved: Decimal, spent: Decimal, caps: Collection[Cap]
) -> None:
    """Add a change of reserved and spent money to each scope's counters, in the open transaction.

    Raises:
        BudgetExceededError: one of the caps would be exceeded; the transaction is to be rolled back.
    """
    if not reserved and not spent:
        return
    by_scope = {cap.scope: cap for cap in caps}
    for scope in sorted(scopes):  # one order, so that no two transactions deadlock
        await insert_missing(connection, _BUDGETS, {"scope": scope, "reserved_micros": 0, "spent_micros": 0})
        used = await spend_in(connection, scope, lock=True)
        if scope in by_scope:
            check_cap(by_scope[scope], used, reserved)
        await connection.execute(
            update(_BUDGETS)
            .where(_BUDGETS.c.scope == scope)
            .values(
                reserved_micros=_BUDGETS.c.reserved_micros + micros(reserved),
                spent_micros=_BUDGETS.c.spent_micros + micros(spent),
            )
        )


async def spend_in(connection: AsyncConnection, scope: str, *, lock: bool = False) -> Spend:
    """Return the money that a scope has used; with `lock` nobody else changes it before the transaction ends."""
    query = select(_BUDGETS).where(_BUDGETS.c.scope == scope)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    if row is None:
        return Spend(scope)
    return Spend(scope, reserved=amount(row["reserved_micros"]), spent=amount(row["spent_micros"]))
