"""Queries on the ledger's history and webhooks, and its totals."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Insert,
    RowMapping,
    Select,
    Table,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.audit import add_act
from app.adapters.sql.columns import IS_SLIP
from app.adapters.sql.tables import HookRow, RecordRow, RenderRow
from app.audit import Act
from app.rendering.ledger.port import ProviderSignal, orphan_not_found
from app.rendering.ledger.records import (
    FENCED,
    ORPHAN,
    REJECTED_CODES,
    TAKEN_OVER,
    HealthVerdict,
    Hook,
    Record,
    SpendLine,
    Total,
    TotalKind,
)
from app.rendering.ledger.states import CLOSED, BeginSubmit, Ready, RenderState
from app.rendering.ports import MICRO

_RECORDS: Table = RecordRow.__table__  # type: ignore[attr-defined]
_HOOKS: Table = HookRow.__table__  # type: ignore[attr-defined]
_RECORD = _RECORDS.c
_H = _HOOKS.c
_ADD = insert(_RECORDS)
_VERDICTS = (
    select(_RECORD.at, _RECORD.verdict)
    .where(_RECORD.provider == bindparam("by"), _RECORD.at >= bindparam("since"), _RECORD.verdict.is_not(None))
    .order_by(_RECORD.at.desc(), _RECORD.id.desc())
    .limit(bindparam("most"))
)


def micros(amount: Decimal) -> int:
    """Return an amount in whole millionths."""
    return int(amount / MICRO)


def amount(count: int) -> Decimal:
    """Return millionths as an amount."""
    return Decimal(count) * MICRO


def before(place: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that a row comes before these values in column order.

    The start of the next page.
    """
    known = (literal(value, column.type) for column, value in zip(place, values, strict=True))
    return tuple_(*place) < tuple_(*known)


async def insert_missing(connection: AsyncConnection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row unless its key is there; return whether it was inserted.

    Two processes may do it at once.
    """
    return (await connection.execute(_insert_new(table, connection.dialect.name), values)).rowcount == 1


@functools.cache
def _insert_new(table: Table, dialect: str) -> Insert:
    statement = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return cast("Insert", statement.on_conflict_do_nothing())


async def add_record(connection: AsyncConnection, record: Record) -> None:
    """Add a step to the history."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    reserved, spent, charged = (values.pop(name) for name in ("reserved", "spent", "provider_charged"))
    values |= {"state": record.state.value, "reserved_micros": micros(reserved), "spent_micros": micros(spent)}
    values["provider_charged_micros"] = None if charged is None else micros(charged)
    await connection.execute(_ADD, values)


async def history_of(connection: AsyncConnection, render_id: str) -> tuple[Record, ...]:
    """Return a render's steps, oldest first."""
    rows = await connection.execute(select(_RECORDS).where(_RECORD.render_id == render_id).order_by(_RECORD.id))
    return tuple(_record(row) for row in rows.mappings())


async def verdicts_on(
    connection: AsyncConnection, provider: str, since: datetime, limit: int
) -> tuple[ProviderSignal, ...]:
    """Return the newest verdicts on a provider, newest first."""
    rows = await connection.execute(_VERDICTS, {"by": provider, "since": since, "most": limit})
    return tuple((at, cast("HealthVerdict", verdict)) for at, verdict in rows)


async def spend_lines(connection: AsyncConnection, since: date | None, until: date | None) -> tuple[SpendLine, ...]:
    """Return the spending by day, provider and intent, oldest first."""
    rows = await connection.execute(_spend_query(since, until))
    return tuple(_line(row) for row in rows.mappings())


async def hooks_of(connection: AsyncConnection, token: str) -> tuple[Hook, ...]:
    """Return the webhooks of a token, oldest first."""
    ours = select(_HOOKS).where(_H.token == token, _H.state != ORPHAN).order_by(_H.received_at)
    return tuple(Hook(**row) for row in (await connection.execute(ours)).mappings())


async def orphans_in(
    connection: AsyncConnection, after: Hook | None, limit: int, *, acknowledged: bool
) -> tuple[Hook, ...]:
    """Return a page of the webhooks about jobs without a render, newest first."""
    place = (_H.received_at, _H.provider, _H.token, _H.request_id)
    page = select(_HOOKS).where(_H.state == ORPHAN).order_by(*(column.desc() for column in place)).limit(limit)
    if not acknowledged:
        page = page.where(_H.acknowledged_at.is_(None))
    if after is not None:
        page = page.where(before(place, (after.received_at, after.provider, after.token, after.request_id)))
    return tuple(Hook(**row) for row in (await connection.execute(page)).mappings())


async def count_orphans(connection: AsyncConnection) -> int:
    """Count the webhooks about jobs without a render that nobody has acknowledged."""
    open_ones = select(func.count()).select_from(_HOOKS).where(_H.state == ORPHAN, _H.acknowledged_at.is_(None))
    return int((await connection.execute(open_ones)).scalar_one())


async def acknowledge_in(
    connection: AsyncConnection, provider: str, request_id: str, *, note: str, by: str, now: datetime
) -> Hook:
    """Mark the orphans of a job as acknowledged, and audit it; return the newest of them."""
    job = (_H.state == ORPHAN) & (_H.provider == provider) & (_H.request_id == request_id)
    words = {"acknowledged_at": now, "acknowledged_by": by, "note": note}
    changed = await connection.execute(update(_HOOKS).where(job, _H.acknowledged_at.is_(None)).values(**words))
    newest = select(_HOOKS).where(job).order_by(_H.received_at.desc()).limit(1)
    row = (await connection.execute(newest)).mappings().one_or_none()
    if row is None:
        raise orphan_not_found(provider, request_id)
    if changed.rowcount:
        details = {"provider": provider, "note": note}
        await add_act(connection, Act(now, by, "orphan.acknowledged", request_id[:200], details))
    return Hook(**row)


def _spend_query(since: date | None, until: date | None) -> Select[Any]:
    groups = (_RECORD.day, _RECORD.provider, _RECORD.intent, _RECORD.currency)
    submits = func.sum(case((_RECORD.event == BeginSubmit.__name__, 1), else_=0)).label("submits")
    clips = func.sum(case((_RECORD.event == Ready.__name__, 1), else_=0)).label("clips")
    reserved, spent = func.sum(_RECORD.reserved_micros).label("reserved"), func.sum(_RECORD.spent_micros).label("spent")
    rejected = func.sum(case((_RECORD.code.in_(REJECTED_CODES), _RECORD.spent_micros), else_=0)).label("rejected")
    query = select(*groups, submits, clips, reserved, spent, rejected).group_by(*groups).order_by(*groups)
    query = query if since is None else query.where(_RECORD.day >= since)
    query = query if until is None else query.where(_RECORD.day <= until)
    return query.having((submits != 0) | (reserved != 0) | (spent != 0))


def _line(row: RowMapping) -> SpendLine:
    sums = {name: amount(int(row[name])) for name in ("reserved", "spent", "rejected")}
    return SpendLine(**{**row, **sums, "submits": int(row["submits"]), "clips": int(row["clips"])})


def _record(row: RowMapping) -> Record:
    values = dict(row)
    values.pop("id")
    reserved, spent = amount(values.pop("reserved_micros")), amount(values.pop("spent_micros"))
    charged = values.pop("provider_charged_micros")
    money = {"reserved": reserved, "spent": spent, "provider_charged": None if charged is None else amount(charged)}
    return Record(**{**values, **money, "state": RenderState(values["state"])})


_RENDERS: Table = RenderRow.__table__  # type: ignore[attr-defined]
_R, _C = _RENDERS.c, _RECORDS.c

_IS_REFUSED = (_R.state == RenderState.FAILED.value) & _R.error_code.in_(sorted(REJECTED_CODES))
_SLIPS: dict[str, TotalKind] = {TAKEN_OVER: "taken_over", FENCED: "fenced"}


async def totals_in(connection: AsyncConnection) -> tuple[Total, ...]:
    """Count, by provider, renders, their outcomes, leases taken over, and steps refused by the fence."""
    by_state = select(_R.provider, _R.state, func.count()).group_by(_R.provider, _R.state)
    refused = select(_R.provider, func.count()).where(_IS_REFUSED).group_by(_R.provider)
    slips = select(_C.provider, _C.event, func.count()).where(IS_SLIP).group_by(_C.provider, _C.event)
    states = {(provider, RenderState(state)): count for provider, state, count in await connection.execute(by_state)}
    rejected = {row.provider: row[1] for row in await connection.execute(refused)}
    slip_totals = [Total(provider, _SLIPS[event], count) for provider, event, count in await connection.execute(slips)]
    return (*_ends(states, rejected), *slip_totals)


async def models_in(connection: AsyncConnection) -> frozenset[tuple[str, str]]:
    """Return each provider and model that ever had a job."""
    rows = await connection.execute(select(_R.provider, _R.model).where(_R.attempts > 0).distinct())
    return frozenset((provider, model) for provider, model in rows)


async def refused_in(connection: AsyncConnection, scope: str) -> tuple[int, Decimal]:
    """Count the clips refused under a scope, and add up their cost."""
    elements_of = func.json_each if connection.dialect.name == "sqlite" else func.json_array_elements_text
    scopes = elements_of(_R.scopes).table_valued("value")
    named = exists(select(scopes.c.value).where(scopes.c.value == scope).correlate(_RENDERS))
    query = select(func.count(), func.coalesce(func.sum(_R.spent_micros), 0)).where(_IS_REFUSED, named)
    count, cost = (await connection.execute(query)).one()
    return int(count), amount(int(cost))


def _ends(states: Mapping[tuple[str, RenderState], int], rejected: Mapping[str, int]) -> Iterator[Total]:
    for provider in sorted({provider for provider, _ in states}):
        own_counts = {state: count for (owner, state), count in states.items() if owner == provider}
        refused = rejected.get(provider, 0)
        ends: dict[TotalKind, int] = {cast("TotalKind", state.value): own_counts.get(state, 0) for state in CLOSED}
        ends |= {"wanted": sum(own_counts.values()), "failed": ends["failed"] - refused, "rejected": refused}
        yield from (Total(provider, kind, count) for kind, count in ends.items() if count)
