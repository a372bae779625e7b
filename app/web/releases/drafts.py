"""Drafts over HTTP: save the node's folder as one, approve, schedule, publish, delete."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field

from app.authoring.releases.drafts import Draft
from app.runtime.commands.releases.diff import diff_draft
from app.runtime.commands.releases.drafts import (
    SaveOrder,
    approve_draft,
    drop_draft,
    publish_draft,
    save_draft,
    schedule_draft,
)
from app.web.auth import Caller
from app.web.deps import MAX_NUMBER, Author, Publisher, State
from app.web.releases.views import (
    ZIP,
    DiffView,
    DraftName,
    DraftView,
    PublicationView,
    publishing_in,
    standing_view,
    zip_of,
)

router = APIRouter(tags=["releases"])


class DraftPage(BaseModel):
    """All drafts, those that wait first."""

    items: tuple[DraftView, ...]
    review: bool = Field(description="a second person must approve a draft before it is published")


class SaveRequest(BaseModel):
    """This node's folder as a draft; `revision` is the one that the caller saw, 0 for a new draft."""

    message: str = Field("", max_length=500, description="why")
    revision: int = Field(0, ge=0, le=MAX_NUMBER)
    allow_missing: bool = Field(default=False, description="let it be published even if clips are not rendered by then")


class SeenDraft(BaseModel):
    """Revision that the caller saw: after another change in between, this one fails with `draft_conflict`."""

    revision: int = Field(ge=1, le=MAX_NUMBER)


class ScheduleRequest(SeenDraft):
    """Time at which one node publishes the draft; null takes it back."""

    at: AwareDatetime | None


@router.get("/v1/drafts", dependencies=[Author])
async def drafts(state: State) -> DraftPage:
    """List the drafts."""
    items = tuple(_view(one) for one in await state.container.drafts.list())
    return DraftPage(items=items, review=state.container.settings.review_releases)


@router.get("/v1/drafts/{name}", dependencies=[Author])
async def draft(name: DraftName, state: State) -> DraftView:
    """Return one draft."""
    return _view(await state.container.drafts.get(name))


@router.get("/v1/drafts/{name}/diff", dependencies=[Author])
async def draft_diff(name: DraftName, state: State) -> DiffView:
    """Say what a draft changes against what is current: words, facts and settings."""
    return DiffView.model_validate(await diff_draft(publishing_in(state), name), from_attributes=True)


@router.get("/v1/drafts/{name}/pack", dependencies=[Author], response_class=Response, responses=ZIP)
async def draft_pack(name: DraftName, state: State) -> Response:
    """Return the folder of a draft as a zip archive."""
    content = await state.container.drafts.content(name)
    return zip_of(content.pack, f"draft-{name}")


@router.put("/v1/drafts/{name}")
async def draft_save(
    name: DraftName, request: SaveRequest, state: State, caller: Annotated[Caller, Author]
) -> DraftView:
    """Save this node's folder as a draft; what was approved or scheduled before is so no more."""
    order = SaveOrder(by=caller.actor, **request.model_dump())
    return _view(await save_draft(publishing_in(state), name, order))


@router.post("/v1/drafts/{name}/approve")
async def draft_approve(
    name: DraftName, seen: SeenDraft, state: State, caller: Annotated[Caller, Publisher]
) -> DraftView:
    """Approve a draft, with another key than the one that saved it."""
    return _view(await approve_draft(publishing_in(state), name, by=caller.actor, revision=seen.revision))


@router.post("/v1/drafts/{name}/schedule")
async def draft_schedule(
    name: DraftName, request: ScheduleRequest, state: State, caller: Annotated[Caller, Publisher]
) -> DraftView:
    """Have a draft published at a time, by exactly one node."""
    publishing = publishing_in(state)
    return _view(await schedule_draft(publishing, name, request.at, by=caller.actor, revision=request.revision))


@router.post("/v1/drafts/{name}/publish", status_code=201)
async def draft_publish(
    name: DraftName, seen: SeenDraft, state: State, caller: Annotated[Caller, Publisher]
) -> PublicationView:
    """Publish a draft now."""
    current = await publish_draft(publishing_in(state), name, by=caller.actor, revision=seen.revision)
    return PublicationView(current=standing_view(current), missing=0)


@router.post("/v1/drafts/{name}/drop", status_code=204)
async def draft_drop(name: DraftName, seen: SeenDraft, state: State, caller: Annotated[Caller, Author]) -> None:
    """Delete a draft."""
    await drop_draft(publishing_in(state), name, by=caller.actor, revision=seen.revision)


def _view(found: Draft) -> DraftView:
    return DraftView.model_validate(found, from_attributes=True)
