"""Releases over HTTP: list them, read one, make one current again."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from app.catalog.releases import CurrentRelease, Deed, PublishedRelease
from app.web.auth import Caller
from app.web.deps import Publisher, State, Viewer

router = APIRouter(tags=["releases"])

Number = Annotated[int, Path(ge=1)]


class ReleaseView(BaseModel):
    """Published catalog."""

    number: int
    catalog: str = Field(description="digest of its content")
    name: str
    intents: int
    note: str
    published_at: datetime
    published_by: str


class StandingView(BaseModel):
    """Current release, and since when it is current."""

    step: int = Field(description="counts all changes of the current release; send it back when you change it")
    release: ReleaseView
    deed: Deed
    at: datetime
    by: str


class ReleasePage(BaseModel):
    """Releases, the newest first; `served` is what this node serves now."""

    items: tuple[ReleaseView, ...]
    current: StandingView | None
    served: str
    limit: int
    offset: int


class Change(BaseModel):
    """State that the caller saw: after another change in between, this one fails with `release_conflict`."""

    after: int = Field(ge=0, description="the `step` of the current release as it was seen")


@router.get("/v1/releases", dependencies=[Viewer])
async def releases(
    state: State, limit: Annotated[int, Query(ge=1, le=500)] = 50, offset: Annotated[int, Query(ge=0)] = 0
) -> ReleasePage:
    """List the releases, the current one, and the one that this node serves."""
    published = state.container.releases
    current = await published.current()
    return ReleasePage(
        items=tuple(_view(one) for one in await published.list(limit=limit, offset=offset)),
        current=_standing(current) if current else None,
        served=state.container.release,
        limit=limit,
        offset=offset,
    )


@router.get("/v1/releases/{number}", dependencies=[Viewer])
async def release(number: Number, state: State) -> ReleaseView:
    """Return one release."""
    return _view(await state.container.releases.get(number))


@router.post("/v1/releases/{number}/use")
async def use(number: Number, change: Change, state: State, caller: Annotated[Caller, Publisher]) -> StandingView:
    """Make a release current again; every node serves it within seconds."""
    container = state.container
    current = await container.releases.use(number, by=caller.actor, at=container.clock.now(), after=change.after)
    container.notify_nodes()
    return _standing(current)


def _view(found: PublishedRelease) -> ReleaseView:
    return ReleaseView.model_validate(found, from_attributes=True)


def _standing(found: CurrentRelease) -> StandingView:
    return StandingView.model_validate(found, from_attributes=True)
