"""Corrections in SQL: a record beside those of the render, which stays as it was booked."""

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.audit import add_act
from app.adapters.sql.budgets import settle_in
from app.adapters.sql.ledger_queries import add_record, history_of
from app.audit import Act
from app.rendering.ledger.records import CORRECTED, Record, correction_of
from app.rendering.ledger.states import Render


async def correct_in(connection: AsyncConnection, render: Render, amount: Decimal, act: Act) -> Record:
    """Add the record of a correction, count it under its day, and audit it, in the open transaction.

    A second time, after a reply that was lost, it returns the record of the first.

    Raises:
        RenderStateError: the render's money is not settled, or less than nothing would be booked.
    """
    history = await history_of(connection, render.id)
    for record in history:
        if (record.event, record.at, record.spent, record.actor) == (CORRECTED, act.at, amount, act.actor):
            return record
    record = correction_of(render, history, amount, by=act)
    await add_record(connection, record)
    more = max(amount, Decimal(0))
    await settle_in(connection, (f"day:{record.day}",), reserved=Decimal(0), spent=more, caps=())
    await add_act(connection, act)
    return record
