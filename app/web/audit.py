"""Audit log over HTTP, for operators."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from app.audit import AuditRow
from app.web.deps import Operator, State

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
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> AuditPage:
    """List who did what with money, consent, releases, erasure and API keys, the newest first."""
    rows = await state.container.audit.list(actions=action, since=since, limit=limit, offset=offset)
    return AuditPage(items=tuple(_view(row) for row in rows), limit=limit, offset=offset)


def _view(row: AuditRow) -> AuditView:
    act, sealed = row.act, {"number": row.number, "previous": row.previous, "digest": row.digest}
    own = {"at": act.at, "actor": act.actor, "action": act.action, "subject": act.subject, "details": dict(act.details)}
    return AuditView.model_validate(own | sealed)
