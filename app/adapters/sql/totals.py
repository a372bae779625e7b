"""Totals over the ledger: each query reads an index and the few rows that are no everyday matter."""

from collections.abc import Iterator, Mapping
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.sql.tables import IS_SLIP, RecordRow, RenderRow
from app.rendering.records import FENCED, REJECTED_CODES, TAKEN_OVER, Kind, Total
from app.rendering.states import CLOSED, RenderState

_RENDERS: Table = RenderRow.__table__  # type: ignore[attr-defined]
_RECORDS: Table = RecordRow.__table__  # type: ignore[attr-defined]
_R, _C = _RENDERS.c, _RECORDS.c

_SLIPS: dict[str, Kind] = {TAKEN_OVER: "taken_over", FENCED: "fenced"}


async def totals_in(connection: AsyncConnection) -> tuple[Total, ...]:
    """How many renders there were by provider, how they ended, which leases were taken over, which steps refused."""
    standing = select(_R.provider, _R.state, func.count()).group_by(_R.provider, _R.state)
    failed = (_R.state == RenderState.FAILED.value) & _R.error_code.in_(sorted(REJECTED_CODES))
    refused = select(_R.provider, func.count()).where(failed).group_by(_R.provider)
    slips = select(_C.provider, _C.event, func.count()).where(IS_SLIP).group_by(_C.provider, _C.event)
    states = {(provider, RenderState(state)): count for provider, state, count in await connection.execute(standing)}
    rejected = {row.provider: row[1] for row in await connection.execute(refused)}
    told = [Total(provider, _SLIPS[event], count) for provider, event, count in await connection.execute(slips)]
    return (*_ends(states, rejected), *told)


def _ends(states: Mapping[tuple[str, RenderState], int], rejected: Mapping[str, int]) -> Iterator[Total]:
    for provider in sorted({provider for provider, _ in states}):
        mine = {state: count for (owner, state), count in states.items() if owner == provider}
        refused = rejected.get(provider, 0)
        ends: dict[Kind, int] = {cast("Kind", state.value): mine.get(state, 0) for state in CLOSED}
        ends |= {"wanted": sum(mine.values()), "failed": ends["failed"] - refused, "rejected": refused}
        yield from (Total(provider, kind, count) for kind, count in ends.items() if count)
