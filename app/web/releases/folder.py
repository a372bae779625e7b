"""Catalog folder of this node over HTTP: how it stands, what it changes, and the merge with what others published."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.authoring.releases.base import FolderState
from app.authoring.releases.merge import Side
from app.runtime.commands.releases.diff import QUESTIONS, diff
from app.runtime.commands.releases.folder import merge_folder, standing
from app.web.auth import Caller
from app.web.deps import MAX_NUMBER, Author, State, WebState
from app.web.releases.views import DiffView, FolderView, publishing_in

router = APIRouter(tags=["releases"])


class MergeRequest(BaseModel):
    """Merge of what others published into the folder."""

    base: int | None = Field(
        None, ge=1, le=MAX_NUMBER, description="the release that the folder was made from, if it is known better"
    )
    prefer: Side | None = Field(None, description="whose version wins where both changed the same")


@router.get("/v1/folder", dependencies=[Author])
async def folder(state: State) -> FolderView:
    """Say which release the folder was made from, and what others published since."""
    return _view(state, await standing(publishing_in(state)))


@router.get("/v1/folder/diff", dependencies=[Author])
async def folder_diff(
    state: State,
    against: Annotated[int | None, Query(ge=1, le=MAX_NUMBER)] = None,
    questions: Annotated[int, Query(ge=0, le=10_000, description="recorded turns to ask again; 0: none")] = QUESTIONS,
) -> DiffView:
    """Say what the folder changes: words, facts, clips, money, and what visitors would get. May take seconds."""
    async with state.editing:
        report = await diff(publishing_in(state), against=against, questions=questions)
    return DiffView.model_validate(report, from_attributes=True)


@router.post("/v1/folder/merge")
async def folder_merge(request: MergeRequest, state: State, caller: Annotated[Caller, Author]) -> FolderView:
    """Bring what others published into the folder; where both changed the same, nothing is written."""
    found, names = await merge_folder(publishing_in(state), by=caller.actor, base=request.base, prefer=request.prefer)
    return _view(state, found, names)


def _view(state: WebState, found: FolderState, merged: tuple[str, ...] = ()) -> FolderView:
    return FolderView(**asdict(found), review=state.container.settings.review_releases, merged=merged)
