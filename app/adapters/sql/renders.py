"""Rows of renders, and the query that lists them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, select

from app.adapters.sql.ledger_queries import amount, before, micros
from app.adapters.sql.tables import RenderRow
from app.rendering.ledger.states import Claim, Render, RenderState
from app.store.labels import Labels

RENDERS: Table = RenderRow.__table__  # type: ignore[attr-defined]
_R = RENDERS.c

_COLUMNS = [column.name for column in RENDERS.columns if not column.name.endswith("_micros")]
_CLAIMABLE = sorted(state.value for state in Claim.arrows)


def renders_page(
    states: Collection[RenderState], *, free_at: datetime | None, after: Render | None
) -> Select[tuple[Any, ...]]:
    """Return the query for renders in these states, newest first, starting after `after`."""
    page = select(RENDERS).order_by(_R.created_at.desc(), _R.id.desc())
    if states:
        page = page.where(_R.state.in_([state.value for state in states]))
    if free_at is not None:
        page = page.where(_is_free(free_at))
    if after is not None:
        page = page.where(before((_R.created_at, _R.id), (after.created_at, after.id)))
    return page


def values_of(render: Render) -> dict[str, Any]:
    """Return the row of a render."""
    values = {name: getattr(render, name) for name in _COLUMNS}
    return values | {
        "state": render.state.value,
        "scopes": list(render.scopes),
        "labels": render.labels.to_json(),
        "reserved_micros": micros(render.reserved),
        "spent_micros": micros(render.spent),
    }


def render_of(row: Mapping[Any, Any]) -> Render:
    """Return the render of a row."""
    values = dict(row)
    reserved, spent = amount(values.pop("reserved_micros")), amount(values.pop("spent_micros"))
    state, scopes = RenderState(values.pop("state")), tuple(values.pop("scopes"))
    labels = Labels.from_json(values.pop("labels"))
    return Render(**values, state=state, scopes=scopes, reserved=reserved, spent=spent, labels=labels)


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Return the condition of `Render.free` in SQL."""
    unheld = _R.lease_until.is_(None) | (_R.lease_until <= now)
    return _R.state.in_(_CLAIMABLE) & unheld & (_R.run_after.is_(None) | (_R.run_after <= now))
