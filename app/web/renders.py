"""Renders over HTTP, for operators: list, show, cancel, retry, and say what became of a parked one."""

import asyncio
import re
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field, StringConstraints, WithJsonSchema, model_validator

from app.adapters.vendors.facts import look_for
from app.errors import MediaError
from app.rendering.ledger.operator import MAX_NOTE_CHARS, ways_out
from app.rendering.ledger.records import Hook, Record
from app.rendering.ledger.states import Render, RenderState
from app.rendering.work.reconciler import Swept
from app.web.auth import Caller
from app.web.deps import Limit, Operator, State

router = APIRouter(tags=["renders"], dependencies=[Operator])

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{6,32}$", description="the render's id, or its first six or more letters")]
Who = Annotated[Caller, Operator]
RequestId = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]

VIDEO_UPLOAD = ("PUT", re.compile(r"/v1/renders/[0-9a-f]{6,32}/video"))
"""Method and path of the route that takes a video."""

MAX_VIDEO_BYTES = 1024**3
"""Limit on a video that a person brings."""


Money = Annotated[Decimal, WithJsonSchema({"type": "string", "examples": ["0.420000"]})]
"""Amount as decimal text, never a float."""


class RenderView(BaseModel):
    """Render: one paid attempt. Amounts are in `currency`."""

    id: str
    state: RenderState
    provider: str
    model: str
    intent: str = Field(description="the intent it is for, or empty")
    recipe_key: str
    request_id: str | None = Field(description="the job's id at the provider")
    token: str | None = Field(description="our name of the last submit, to look for at the provider")
    attempts: int
    reserved: Money = Field(description="set aside for a submit that is not settled")
    spent: Money = Field(description="is, or may be, billed")
    currency: str
    error_code: str | None
    error: str | None
    created_at: datetime
    updated_at: datetime


class RenderPage(BaseModel):
    """Renders, the newest first; `orphans` counts the jobs at providers that belong to no render."""

    items: tuple[RenderView, ...]
    next: str | None = Field(description="send it as `after` for the next page; null on the last one")
    orphans: int


class StepView(BaseModel):
    """Step of a render. Amounts are changes."""

    at: datetime
    event: str
    state: RenderState
    reserved: Money
    spent: Money
    code: str | None
    note: str | None = Field(description="the reason of a correction")
    actor: str | None = Field(description="who booked it")


class RenderStoryView(BaseModel):
    """Render with its steps, the oldest first, and for a parked one what a person may do, and what each costs."""

    render: RenderView
    steps: tuple[StepView, ...]
    ways_out: tuple[str, ...]


class Adoption(BaseModel):
    """Job at the provider that a person found for a parked render."""

    request_id: RequestId


class Resolution(BaseModel):
    """Word of a person about a parked render's job, from the provider's console or bill."""

    outcome: Literal["not_billed", "billed", "never_ordered"]
    amount: Annotated[Decimal, Field(gt=0, le=1_000_000, max_digits=13, decimal_places=6)] | None = Field(
        None, description="what the provider billed; for `billed` only"
    )

    @model_validator(mode="after")
    def _amount_with_billed(self) -> "Resolution":
        if (self.outcome == "billed") != (self.amount is not None):
            raise ValueError("Expected `amount` with the outcome `billed`, and with no other.")
        return self


class Correction(BaseModel):
    """Refund, with a minus, or what was billed beyond the estimate, for a render whose money is settled."""

    amount: Annotated[Decimal, Field(ge=-1_000_000, le=1_000_000, max_digits=13, decimal_places=6)]
    note: Annotated[str, StringConstraints(min_length=1, max_length=MAX_NOTE_CHARS, strip_whitespace=True)]


class SweepView(BaseModel):
    """Result of asking the providers about every submitted render that nobody works on."""

    ready: int
    resumed: int
    parked: int
    left: int
    orphans: int


class OrphanView(BaseModel):
    """Job that a provider called about and that belongs to no render: it may be money for nothing."""

    provider: str
    request_id: str
    token: str
    received_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None


class OrphanPage(BaseModel):
    """Orphans, the newest first; `total` counts all that nobody has acknowledged."""

    items: tuple[OrphanView, ...]
    total: int
    limit: int


class Acknowledgement(BaseModel):
    """Note of a person who has looked into an orphan."""

    provider: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    request_id: RequestId
    note: Annotated[str, StringConstraints(min_length=1, max_length=MAX_NOTE_CHARS, strip_whitespace=True)]


@router.get("/v1/renders")
async def renders(
    state: State,
    status: Annotated[tuple[RenderState, ...], Query(alias="state", description="only these; may be repeated")] = (),
    after: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$", description="`next` of the page before")] = None,
    limit: Limit = 50,
) -> RenderPage:
    """List renders, the newest first."""
    ledger = state.container.render_admin().ledger
    start = await ledger.get(after) if after else None
    found = await ledger.list(states=status, after=start, limit=limit)
    following = found[-1].id if len(found) == limit else None
    return RenderPage(items=tuple(map(_view, found)), next=following, orphans=await ledger.orphan_count())


@router.get("/v1/renders/{render_id}")
async def show(render_id: Id, state: State) -> RenderStoryView:
    """Show a render, every step it took, and the ways out of a parked one."""
    story = await state.container.render_admin().show(render_id)
    ways = tuple(ways_out(story.render, look_for(story.render.provider)))
    return RenderStoryView(render=_view(story.render), steps=tuple(map(_step, story.history)), ways_out=ways)


@router.post("/v1/renders/{render_id}/cancel")
async def cancel(render_id: Id, state: State, caller: Who) -> RenderView:
    """Stop a render; what was submitted counts as billed."""
    return _view(await state.container.render_admin(caller.actor).cancel(render_id))


@router.post("/v1/renders/{render_id}/retry")
async def retry(render_id: Id, state: State, caller: Who) -> RenderView:
    """Allow a parked render to be ordered again, or a refused clip to be rendered again; it may be paid for twice."""
    return _view(await state.container.render_admin(caller.actor).retry(render_id))


@router.post("/v1/renders/{render_id}/resolve")
async def resolve(render_id: Id, word: Resolution, state: State, caller: Who) -> RenderView:
    """Say what became of a parked render's job: what was not billed frees its money, what was billed is booked."""
    admin = state.container.render_admin(caller.actor)
    return _view(await admin.resolve(render_id, billed=word.amount, ordered=word.outcome != "never_ordered"))


@router.post("/v1/renders/{render_id}/correct")
async def correct(render_id: Id, word: Correction, state: State, caller: Who) -> StepView:
    """Book a refund or a surcharge beside what is booked for a render; it belongs to today."""
    return _step(await state.container.render_admin(caller.actor).correct(render_id, word.amount, note=word.note))


@router.post("/v1/renders/{render_id}/adopt")
async def adopt(render_id: Id, job: Adoption, state: State, caller: Who) -> RenderView:
    """Say which job at the provider a parked render is: it is fetched, judged and stored, and nothing is ordered."""
    admin = state.container.render_admin(caller.actor)
    render = await admin.find(render_id)
    return _view(await state.container.reconciler.adopt(render, job.request_id, admin.ledger))


@router.post("/v1/renders/{render_id}/accept")
async def accept(render_id: Id, state: State, caller: Who) -> RenderView:
    """Say that the words of what was refused are right: a video is stored, and `warm` orders the film of a speech."""
    admin = state.container.render_admin(caller.actor)
    return _view(await state.container.reconciler.accept(await admin.find(render_id), admin.ledger))


@router.put("/v1/renders/{render_id}/video")
async def deliver(render_id: Id, request: Request, state: State, caller: Who) -> RenderView:
    """Bring the video of a parked render as the body: it is judged and stored like any other."""
    admin = state.container.render_admin(caller.actor)
    render = await admin.find(render_id)
    with TemporaryDirectory(prefix="greenroom-video-") as folder:
        video = FilePath(folder) / "video.mp4"
        await _keep(request, video)
        return _view(await state.container.reconciler.deliver(render, video, admin.ledger))


@router.post("/v1/renders/reconcile")
async def reconcile(state: State) -> SweepView:
    """Ask the providers about every submitted render that nobody works on, and fetch the results."""
    return _swept(await state.container.reconciler.sweep(ask_again=True))


@router.get("/v1/orphans", tags=["renders"])
async def orphans(
    state: State,
    *,
    acknowledged: Annotated[bool, Query(description="also those that a person has acknowledged")] = False,
    limit: Limit = 50,
) -> OrphanPage:
    """List jobs that providers called about and that belong to no render."""
    ledger = state.container.render_admin().ledger
    found = await ledger.orphans(limit=limit, acknowledged=acknowledged)
    return OrphanPage(items=tuple(map(_orphan, found)), total=await ledger.orphan_count(), limit=limit)


@router.post("/v1/orphans/acknowledge", status_code=HTTPStatus.OK)
async def acknowledge(word: Acknowledgement, state: State, caller: Who) -> OrphanView:
    """Say that you have looked into an orphan: its alarm ends, and the note is in the audit log."""
    admin = state.container.render_admin(caller.actor)
    return _orphan(await admin.acknowledge(word.provider, word.request_id, note=word.note))


async def _keep(request: Request, video: FilePath) -> None:
    """Write the body to a file; the limit on bodies holds before this one does."""
    size = 0
    with video.open("wb") as file:
        async for piece in request.stream():
            size += await asyncio.to_thread(file.write, piece)
    if not size:
        raise MediaError("Expected a video as the body, got nothing; send the MP4 file itself.")


def _view(render: Render) -> RenderView:
    own = {name: getattr(render, name) for name in RenderView.model_fields.keys() - {"intent", "request_id"}}
    known = render.provider_request_id or render.request_id
    return RenderView.model_validate(own | {"intent": render.labels.intent or "", "request_id": known})


def _step(record: Record) -> StepView:
    return StepView.model_validate(record, from_attributes=True)


def _orphan(hook: Hook) -> OrphanView:
    return OrphanView.model_validate(hook, from_attributes=True)


def _swept(swept: Swept) -> SweepView:
    ready = swept.carried_on + swept.closed
    return SweepView(ready=ready, resumed=swept.adopted, parked=swept.parked, left=swept.left, orphans=swept.orphans)
