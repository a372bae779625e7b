"""Releases over HTTP: list them, read one, publish the folder, make one current again."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.authoring.releases.merge import Side
from app.runtime.commands.releases.diff import diff_releases
from app.runtime.commands.releases.publish import PublishOrder, publish_folder
from app.web.auth import Caller
from app.web.deps import MAX_NUMBER, Author, Limit, Offset, Publisher, State, Viewer
from app.web.releases.views import (
    ZIP,
    DiffView,
    Number,
    PublicationView,
    ReleaseView,
    StandingView,
    publishing_in,
    release_view,
    standing_view,
    zip_of,
)

router = APIRouter(tags=["releases"])


class ReleasePage(BaseModel):
    """Releases, the newest first; `served` is what this node serves now."""

    items: tuple[ReleaseView, ...]
    current: StandingView | None
    served: str
    limit: int
    offset: int


class Change(BaseModel):
    """State that the caller saw: after another change in between, this one fails with `release_conflict`."""

    after: int = Field(ge=0, le=MAX_NUMBER, description="the `step` of the current release as it was seen")


class PublishRequest(Change):
    """Publication of this node's catalog folder."""

    message: str = Field("", max_length=500, description="why")
    base: int | None = Field(
        None, ge=1, le=MAX_NUMBER, description="the release that the folder was made from, if it is known better"
    )
    merge: bool = Field(default=False, description="bring what others published into the folder first")
    prefer: Side | None = Field(None, description="whose version wins where both changed the same")
    allow_missing: bool = Field(default=False, description="publish even if clips are not rendered yet")


@router.get("/v1/releases", dependencies=[Viewer])
async def releases(state: State, limit: Limit = 50, offset: Offset = 0) -> ReleasePage:
    """List the releases, the current one, and the one that this node serves."""
    published = state.container.releases
    current = await published.current()
    return ReleasePage(
        items=tuple(release_view(one) for one in await published.list(limit=limit, offset=offset)),
        current=standing_view(current) if current else None,
        served=state.container.release,
        limit=limit,
        offset=offset,
    )


@router.post("/v1/releases", status_code=201)
async def publish(request: PublishRequest, state: State, caller: Annotated[Caller, Publisher]) -> PublicationView:
    """Publish this node's catalog folder as the next release, unless others published meanwhile."""
    order = PublishOrder(by=caller.actor, **request.model_dump())
    done = await publish_folder(publishing_in(state), order)
    return PublicationView(current=standing_view(done.current), missing=done.missing, merged=done.merged)


@router.get("/v1/releases/{number}", dependencies=[Viewer])
async def release(number: Number, state: State) -> ReleaseView:
    """Return one release."""
    return release_view(await state.container.releases.get(number))


@router.get("/v1/releases/{number}/diff", dependencies=[Author])
async def release_diff(
    number: Number, state: State, against: Annotated[int | None, Query(ge=1, le=MAX_NUMBER)] = None
) -> DiffView:
    """Say what a release changed against another one, the one before it unless another is named."""
    report = await diff_releases(publishing_in(state), number, against)
    return DiffView.model_validate(report, from_attributes=True)


@router.get("/v1/releases/{number}/pack", dependencies=[Author], response_class=Response, responses=ZIP)
async def release_pack(number: Number, state: State) -> Response:
    """Return the folder of a release as a zip archive."""
    await state.container.releases.get(number)
    return zip_of(await state.container.releases.pack(number), f"release-{number}")


@router.post("/v1/releases/{number}/use")
async def use(number: Number, change: Change, state: State, caller: Annotated[Caller, Publisher]) -> StandingView:
    """Make a release current again; every node serves it within seconds."""
    container = state.container
    current = await container.releases.use(number, by=caller.actor, at=container.clock.now(), after=change.after)
    container.notify_nodes()
    return standing_view(current)
