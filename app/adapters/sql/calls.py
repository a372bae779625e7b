"""Paid calls in SQL: each step is one transaction, together with the money of the call's scopes."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, RowMapping, Table, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.audit import add_act
from app.adapters.sql.budgets import settle_in
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger_queries import amount, insert_missing, micros
from app.adapters.sql.retry import patient
from app.adapters.sql.tables import PaidCallRow
from app.rendering.ledger.calls import CallRecord, CallState, CallTotal, acts_of_call, begun
from app.rendering.ledger.port import Cap
from app.rendering.ledger.records import SpendLine
from app.rendering.tariffs import CallKind, PaidCall, Usage

_CALLS: Table = PaidCallRow.__table__  # type: ignore[attr-defined]
_C = _CALLS.c
_LOCKED = select(_CALLS).where(_C.id == bindparam("call")).with_for_update()
_CHANGE = update(_CALLS).where(_C.id == bindparam("call"))

_CHARGED = tuple(state.value for state in CallState if state is not CallState.RELEASED)
_Ending = Callable[[CallRecord], CallRecord]


class SqlPaidCalls:
    """Paid calls on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, call: PaidCall, *, caps: Collection[Cap], now: datetime) -> str:
        """Insert the row and move the money."""
        record = begun(call, uuid4().hex, caps, now)
        await self._reserve(record, tuple(caps))
        return record.id

    @patient
    async def _reserve(self, record: CallRecord, caps: Collection[Cap]) -> None:
        """Reserve once: a try whose reply was lost has left the row."""
        estimate = record.call.estimate
        async with self._database.writing() as connection:
            if await insert_missing(connection, _CALLS, _values_of(record)):
                await settle_in(connection, record.scopes, reserved=estimate, spent=Decimal(0), caps=caps)
                await _audit(connection, record)

    async def settle(self, call_id: str, amount: Decimal, used: Usage, *, now: datetime) -> None:
        """End it with its price."""
        await self._end(call_id, lambda one: one.ended(CallState.SETTLED, charged=amount, used=used, now=now))

    async def release(self, call_id: str, *, now: datetime) -> None:
        """End it without a price."""
        nothing = Decimal(0)
        await self._end(call_id, lambda one: one.ended(CallState.RELEASED, charged=nothing, used=Usage(0), now=now))

    async def lose(self, call_id: str, *, now: datetime) -> None:
        """End it with its estimate."""
        await self._end(call_id, lambda one: _lost(one, now))

    async def lose_older(self, than: datetime, *, now: datetime) -> int:
        """Find them, and end each in a transaction of its own."""
        ids = await self._older(than)
        for call_id in ids:
            await self.lose(call_id, now=now)
        return len(ids)

    @patient
    async def list(self, *, since: date | None = None, until: date | None = None) -> tuple[CallRecord, ...]:
        """Read the rows of these days."""
        query = select(_CALLS).where(*_within(since, until)).order_by(_C.at, _C.id)
        async with self._database.reading() as connection:
            return tuple(_record_of(row) for row in (await connection.execute(query)).mappings())

    @patient
    async def spend_report(self, *, since: date | None = None, until: date | None = None) -> tuple[SpendLine, ...]:
        """Add them up in the database."""
        places = (_C.day, _C.provider, _C.intent, _C.currency, _C.kind)
        open_now = func.sum(_C.estimated_micros).filter(_C.state == CallState.RESERVED.value)
        sums = (
            func.count().label("submits"),
            func.coalesce(open_now, 0).label("reserved"),
            func.sum(_C.charged_micros).label("spent"),
        )
        query = select(*places, *sums).where(*_within(since, until), _C.state.in_(_CHARGED))
        async with self._database.reading() as connection:
            rows = await connection.execute(query.group_by(*places).order_by(*places))
        return tuple(_line(row) for row in rows.mappings())

    @patient
    async def totals(self) -> tuple[CallTotal, ...]:
        """Count the rows."""
        places = (_C.kind, _C.provider, _C.state)
        query = select(*places, func.count(), func.sum(_C.charged_micros)).group_by(*places).order_by(*places)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            CallTotal(kind, provider, CallState(state), int(count), amount(int(charged)))
            for kind, provider, state, count, charged in rows
        )

    @patient
    async def _older(self, than: datetime) -> tuple[str, ...]:
        old = select(_C.id).where(_C.state == CallState.RESERVED.value, _C.at < than)
        async with self._database.reading() as connection:
            return tuple((await connection.execute(old)).scalars())

    @patient
    async def _end(self, call_id: str, ending: _Ending) -> None:
        """End a call that is under way; a try whose reply was lost finds it over."""
        async with self._database.writing() as connection:
            before = _record_of((await connection.execute(_LOCKED, {"call": call_id})).mappings().one())
            after = ending(before)
            if after is before:
                return
            reserved, spent = after.reserved - before.reserved, after.charged - before.charged
            await settle_in(connection, after.scopes, reserved=reserved, spent=spent, caps=())
            await connection.execute(_CHANGE, {**_values_of(after), "call": call_id})
            await _audit(connection, after)


def _lost(record: CallRecord, now: datetime) -> CallRecord:
    call = record.call
    return record.ended(CallState.UNKNOWN, charged=call.estimate, used=call.most, now=now)


def _line(row: RowMapping) -> SpendLine:
    sums = {name: amount(int(row[name])) for name in ("reserved", "spent")}
    return SpendLine(**{**row, **sums, "submits": int(row["submits"]), "clips": 0})


async def _audit(connection: AsyncConnection, record: CallRecord) -> None:
    for act in acts_of_call(record):
        await add_act(connection, act)


def _within(since: date | None, until: date | None) -> tuple[ColumnElement[bool], ...]:
    first = () if since is None else (_C.day >= since,)
    return first if until is None else (*first, _C.day <= until)


def _values_of(record: CallRecord) -> dict[str, Any]:
    call = record.call
    return {
        "id": record.id,
        "kind": call.kind.value,
        "provider": call.provider,
        "model": call.model,
        "intent": call.intent,
        "unit": call.unit,
        "most_in": call.most.units_in,
        "most_out": call.most.units_out,
        "units_in": record.used.units_in,
        "units_out": record.used.units_out,
        "estimated_micros": micros(call.estimate),
        "charged_micros": micros(record.charged),
        "currency": call.currency,
        "free": call.free,
        "state": record.state.value,
        "scopes": list(record.scopes),
        "day": record.day,
        "at": record.at,
        "ended_at": record.ended_at,
        "request_id": record.used.request_id[:500],
    }


def _record_of(row: RowMapping) -> CallRecord:
    call = PaidCall(
        kind=CallKind(row["kind"]),
        provider=row["provider"],
        model=row["model"],
        most=Usage(row["most_in"], row["most_out"]),
        estimate=amount(row["estimated_micros"]),
        currency=row["currency"],
        intent=row["intent"],
        free=row["free"],
    )
    return CallRecord(
        id=row["id"],
        call=call,
        state=CallState(row["state"]),
        scopes=tuple(row["scopes"]),
        at=row["at"],
        used=Usage(row["units_in"], row["units_out"], row["request_id"]),
        charged=amount(row["charged_micros"]),
        ended_at=row["ended_at"],
    )
