"""Audit log over HTTP, for operators."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from app.audit import AuditRow
from app.runtime.wiring.answer_switch import AnswerSwitch
from app.web.auth import Caller
from app.web.deps import Limit, Offset, Operator, State

router = APIRouter(tags=["audit"], dependencies=[Operator])


class AuditView(BaseModel):
    """Row of the audit log."""

    number: int
    at: datetime
    actor: str = Field(description="`name@host`, `key ada (publisher)`, `visitor` or `system`")
    action: str
    subject: str
    details: dict[str, str | int]
    previous: str = Field(description="the digest of the row before")
    digest: str = Field(description="over this row and `previous`")


class AuditPage(BaseModel):
    """Rows, the newest first."""

    items: tuple[AuditView, ...]
    limit: int
    offset: int


@router.get("/v1/audit")
async def audit(
    state: State,
    action: Annotated[tuple[str, ...], Query(description="`release.published`, or all of `money`")] = (),
    since: AwareDatetime | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> AuditPage:
    """List who did what with money, consent, releases, erasure and API keys, the newest first."""
    rows = await state.container.audit.list(actions=action, since=since, limit=limit, offset=offset)
    return AuditPage(items=tuple(_view(row) for row in rows), limit=limit, offset=offset)


class AnswersView(BaseModel):
    """Switch for new answers."""

    paused: bool
    at: datetime | None = Field(None, description="since when they are paused")
    actor: str = Field("", description="who paused them")
    note: str = ""


class SwitchRequest(BaseModel):
    """Wish to pause new answers, or to resume them."""

    paused: bool
    note: str = Field("", max_length=500, description="why; for the audit log")


@router.get("/v1/answers/switch")
async def answers_switch(state: State) -> AnswersView:
    """Tell whether new answers are paused."""
    return await _switch_of(AnswerSwitch(state.container.audit))


@router.post("/v1/answers/switch")
async def turn_answers_switch(state: State, caller: Annotated[Caller, Operator], wish: SwitchRequest) -> AnswersView:
    """Pause new answers on every node, or resume them; stored clips play on."""
    switch = AnswerSwitch(state.container.audit)
    await switch.turn(on=not wish.paused, actor=caller.actor, at=state.container.clock.now(), note=wish.note)
    return await _switch_of(switch)


async def _switch_of(switch: AnswerSwitch) -> AnswersView:
    pause = await switch.pause()
    return AnswersView(paused=pause is not None, **(asdict(pause) if pause else {}))


def _view(row: AuditRow) -> AuditView:
    act, sealed = row.act, {"number": row.number, "previous": row.previous, "digest": row.digest}
    own = {"at": act.at, "actor": act.actor, "action": act.action, "subject": act.subject, "details": dict(act.details)}
    return AuditView.model_validate(own | sealed)
