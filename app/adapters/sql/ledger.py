"""The ledger in SQL: every arrow of the state machine is one transaction, conditional on the fence."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, Select, Table, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.engine import Database
from app.adapters.sql.tables import BudgetRow, RenderRow
from app.errors import LeaseLostError, RenderNotFoundError
from app.rendering.ledger import MICRO, Cap, RenderRequest, Spend, bounded, check_cap
from app.rendering.states import OPEN, Claim, Event, Render, RenderState, transition

_RENDERS: Table = RenderRow.__table__  # type: ignore[attr-defined]
_BUDGETS: Table = BudgetRow.__table__  # type: ignore[attr-defined]
_R = _RENDERS.c

_COLUMNS = [column.name for column in _RENDERS.columns if not column.name.endswith("_micros")]
_CLAIMABLE = sorted(state.value for state in Claim.arrows)
_OPEN = sorted(state.value for state in OPEN)


class SqlLedger:
    """Renders and money in two tables, on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def want(self, request: RenderRequest, *, now: datetime) -> Render:
        """Find the recipe's open render or insert one; the unique index decides a race."""
        try:
            async with self._database.writing() as connection:
                return await _open_render(connection, request.recipe_key) or await _insert(connection, request, now)
        except IntegrityError:
            async with self._database.reading() as connection:
                found = await _open_render(connection, request.recipe_key)
            if found is None:
                raise
            return found

    async def apply(self, render_id: str, event: Event, *, caps: Collection[Cap] = ()) -> Render:
        """Read, step, write and settle the money in one transaction."""
        async with self._database.writing() as connection:
            before = await _locked(connection, render_id)
            after = transition(before, bounded(event, caps))
            await _settle(connection, before, after, {cap.scope: cap for cap in caps})
            await _save(connection, before, after)
            return after

    async def claim_next(self, *, worker: str, now: datetime, lease_s: float) -> Render | None:
        """Take the oldest free render; workers on PostgreSQL skip each other's rows instead of waiting."""
        free = (
            select(_RENDERS)
            .where(_R.state.in_(_CLAIMABLE))
            .where(or_(_R.lease_until.is_(None), _R.lease_until <= now))
            .where(or_(_R.run_after.is_(None), _R.run_after <= now))
            .order_by(_R.created_at, _R.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._database.writing() as connection:
            before = await _one(connection, free)
            if before is None:
                return None
            after = transition(before, Claim(now=now, worker=worker, lease_s=lease_s))
            await _save(connection, before, after)
            return after

    async def get(self, render_id: str) -> Render:
        """Read one row."""
        async with self._database.reading() as connection:
            return _found(await _one(connection, select(_RENDERS).where(_R.id == render_id)), render_id)

    async def latest(self, recipe_key: str) -> Render | None:
        """Read the recipe's newest row."""
        newest = select(_RENDERS).where(_R.recipe_key == recipe_key).order_by(_R.created_at.desc(), _R.id.desc())
        async with self._database.reading() as connection:
            return await _one(connection, newest.limit(1))

    async def list(
        self, *, states: Collection[RenderState] = (), limit: int = 100, offset: int = 0
    ) -> tuple[Render, ...]:
        """Read a page."""
        page = select(_RENDERS).order_by(_R.created_at.desc(), _R.id.desc()).limit(limit).offset(offset)
        if states:
            page = page.where(_R.state.in_([state.value for state in states]))
        async with self._database.reading() as connection:
            return tuple(_render(row) for row in (await connection.execute(page)).mappings())

    async def counts(self) -> Mapping[RenderState, int]:
        """Count by state."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(_R.state, func.count()).group_by(_R.state))
            return {RenderState(state): count for state, count in rows}

    async def spend(self, scope: str) -> Spend:
        """Read the scope's counters."""
        async with self._database.reading() as connection:
            return await _spend(connection, scope) or Spend(scope)


async def _insert(connection: AsyncConnection, request: RenderRequest, now: datetime) -> Render:
    render = Render(id=uuid4().hex, created_at=now, updated_at=now, **asdict(request))
    await connection.execute(insert(_RENDERS).values(**_values(render)))
    return render


async def _open_render(connection: AsyncConnection, recipe_key: str) -> Render | None:
    return await _one(connection, select(_RENDERS).where(_R.recipe_key == recipe_key, _R.state.in_(_OPEN)))


async def _locked(connection: AsyncConnection, render_id: str) -> Render:
    row = await _one(connection, select(_RENDERS).where(_R.id == render_id).with_for_update())
    return _found(row, render_id)


async def _save(connection: AsyncConnection, before: Render, after: Render) -> None:
    unchanged = (_R.id == before.id) & (_R.fence == before.fence) & (_R.state == before.state.value)
    result = await connection.execute(update(_RENDERS).where(unchanged).values(**_values(after)))
    if result.rowcount != 1:
        raise LeaseLostError(f"Render {before.id} was changed by another worker; drop the work.")


async def _settle(connection: AsyncConnection, before: Render, after: Render, caps: Mapping[str, Cap]) -> None:
    """Carry what the step did to the render's money over to each scope's counters."""
    reserved, spent = after.reserved - before.reserved, after.spent - before.spent
    if not reserved and not spent:
        return
    for scope in sorted(after.scopes):  # one order for all, so that no two transactions wait for each other
        used = await _spend(connection, scope, lock=True)
        if used is None:
            await connection.execute(insert(_BUDGETS).values(scope=scope, reserved_micros=0, spent_micros=0))
        if scope in caps:
            check_cap(caps[scope], used or Spend(scope), reserved)
        await connection.execute(
            update(_BUDGETS)
            .where(_BUDGETS.c.scope == scope)
            .values(
                reserved_micros=_BUDGETS.c.reserved_micros + _micros(reserved),
                spent_micros=_BUDGETS.c.spent_micros + _micros(spent),
            )
        )


async def _spend(connection: AsyncConnection, scope: str, *, lock: bool = False) -> Spend | None:
    query = select(_BUDGETS).where(_BUDGETS.c.scope == scope)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    return (
        None
        if row is None
        else Spend(scope, reserved=_amount(row["reserved_micros"]), spent=_amount(row["spent_micros"]))
    )


async def _one(connection: AsyncConnection, query: Select[Any]) -> Render | None:
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else _render(row)


def _found(render: Render | None, render_id: str) -> Render:
    if render is None:
        raise RenderNotFoundError(f"Expected a render of this ledger, got {render_id!r}; list them to see which exist.")
    return render


def _values(render: Render) -> dict[str, Any]:
    values = {name: getattr(render, name) for name in _COLUMNS}
    return values | {
        "state": render.state.value,
        "scopes": list(render.scopes),
        "labels": dict(render.labels),
        "reserved_micros": _micros(render.reserved),
        "spent_micros": _micros(render.spent),
    }


def _render(row: RowMapping) -> Render:
    values = dict(row)
    reserved, spent = _amount(values.pop("reserved_micros")), _amount(values.pop("spent_micros"))
    state, scopes = RenderState(values.pop("state")), tuple(values.pop("scopes"))
    return Render(**values, state=state, scopes=scopes, reserved=reserved, spent=spent)


def _micros(amount: Decimal) -> int:
    return int(amount / MICRO)


def _amount(micros: int) -> Decimal:
    return Decimal(micros) * MICRO
