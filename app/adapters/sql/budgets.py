"""Budgets in SQL: the money that each scope has reserved and spent, and the caps that bind it."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.ledger_queries import amount, insert_missing, micros
from app.adapters.sql.tables import BudgetRow
from app.rendering.ledger.port import Cap, Spend, check_cap

_BUDGETS: Table = BudgetRow.__table__  # type: ignore[attr-defined]
_B = _BUDGETS.c

_USED = select(_BUDGETS).where(_B.scope == bindparam("of"))
_LOCKED = _USED.with_for_update()
_ADD = (
    update(_BUDGETS)
    .where(_B.scope == bindparam("of"))
    .values(
        reserved_micros=_B.reserved_micros + bindparam("reserved"), spent_micros=_B.spent_micros + bindparam("spent")
    )
)


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
        if scope in by_scope:
            check_cap(by_scope[scope], await _locked(connection, scope), reserved)
        more = {"of": scope, "reserved": micros(reserved), "spent": micros(spent)}
        if (await connection.execute(_ADD, more)).rowcount == 0:
            await _begin(connection, scope)
            await connection.execute(_ADD, more)


async def spend_in(connection: AsyncConnection, scope: str) -> Spend:
    """Return the money that a scope has used."""
    return await _read(connection, _USED, scope) or Spend(scope)


async def _locked(connection: AsyncConnection, scope: str) -> Spend:
    """Return the money that a scope has used; nobody else changes it before the transaction ends."""
    used = await _read(connection, _LOCKED, scope)
    if used is None:  # only a row can be locked
        await _begin(connection, scope)
        used = await _read(connection, _LOCKED, scope)
    return used or Spend(scope)


async def _begin(connection: AsyncConnection, scope: str) -> None:
    await insert_missing(connection, _BUDGETS, {"scope": scope, "reserved_micros": 0, "spent_micros": 0})


async def _read(connection: AsyncConnection, query: Select[Any], scope: str) -> Spend | None:
    row = (await connection.execute(query, {"of": scope})).mappings().one_or_none()
    if row is None:
        return None
    return Spend(scope, reserved=amount(row["reserved_micros"]), spent=amount(row["spent_micros"]))
