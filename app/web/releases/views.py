"""Views of releases, folders and drafts, and what their routes call the actions with."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Path, Response
from pydantic import BaseModel, Field, PlainSerializer

from app.authoring.releases.base import BaseSource
from app.authoring.releases.diff import ClipAction
from app.authoring.releases.drafts import DRAFT_NAME, DraftState
from app.authoring.releases.merge import ChangeKind
from app.authoring.releases.replay import ReplayVerdict
from app.catalog.releases import CurrentRelease, Deed, PublishedRelease
from app.matching.decision import Outcome
from app.runtime.commands.releases.publishing import Publishing
from app.web.deps import MAX_NUMBER, WebState

Number = Annotated[int, Path(ge=1, le=MAX_NUMBER)]
DraftName = Annotated[str, Path(pattern=DRAFT_NAME, max_length=64)]
ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}}
Money = Annotated[Decimal, PlainSerializer(str, return_type=str)]


class ReleaseView(BaseModel):
    """Published catalog."""

    number: int
    catalog: str = Field(description="digest of its content")
    name: str
    intents: int
    note: str = Field(description="why: the message of who published it")
    published_at: datetime
    published_by: str


class StandingView(BaseModel):
    """Current release, and since when it is current."""

    step: int = Field(description="counts all changes of the current release; send it back when you change it")
    release: ReleaseView
    deed: Deed
    at: datetime
    by: str


class FileView(BaseModel):
    """File that differs."""

    path: str
    kind: ChangeKind


class ConflictView(BaseModel):
    """Place that both sides changed; a text is null if that side does not have it."""

    path: str
    key: str = Field(description="place in the file, such as `answer.en`; empty for the whole file")
    base: str | None
    theirs: str | None
    mine: str | None


class FolderView(BaseModel):
    """Catalog's folder of this node against what is current."""

    base: int | None = Field(description="the release that it was made from; null if it is like none of them")
    source: BaseSource
    current: int | None
    step: int
    stale: bool = Field(description="publishing it would take back what others published")
    came: tuple[FileView, ...]
    conflicts: tuple[ConflictView, ...]
    by: str = Field(description="who made the current release current")
    at: datetime | None
    message: str
    review: bool = Field(description="a second person must approve a draft before it is published")
    merged: tuple[str, ...] = Field((), description="files that a merge just wrote")


class WordView(BaseModel):
    """Text before and after; null: it is not there."""

    key: str
    locale: str | None
    before: str | None
    after: str | None


class IntentChangeView(BaseModel):
    """Intent that differs."""

    id: str
    kind: ChangeKind
    title: str
    words: tuple[WordView, ...]


class FactChangeView(BaseModel):
    """Fact that differs, and the intents that say it."""

    name: str
    locale: str | None
    before: str | None
    after: str | None
    intents: tuple[str, ...]


class ClipChangeView(BaseModel):
    """Clip that only one side needs."""

    intent: str
    locale: str
    variant: int
    text: str | None
    action: ClipAction
    seconds: float
    price: Money


class ClipBillView(BaseModel):
    """Clips that the change asks for, and what they cost."""

    clips: tuple[ClipChangeView, ...]
    filmed: int
    seconds: float
    price: Money
    currency: str
    stored: int
    dropped: int
    refused: int
    owed: int = Field(description="clips that are not rendered either way")


class ReplayedAnswerView(BaseModel):
    """Decision about a question."""

    outcome: Outcome
    intent: str | None
    choices: tuple[str, ...]
    probability: float


class ReplayedQuestionView(BaseModel):
    """Question that gets something else."""

    ask: str
    locale: str | None
    source: Literal["tests", "visitors"]
    times: int
    expect: str | None
    before: ReplayedAnswerView
    after: ReplayedAnswerView
    verdict: ReplayVerdict


class ReplayView(BaseModel):
    """Questions asked of both sides."""

    tests: int
    visitors: int
    counts: dict[str, int]
    questions: tuple[ReplayedQuestionView, ...]


class DiffView(BaseModel):
    """Changes that a folder, a draft or a release makes."""

    against: int | None
    catalog: str
    files: tuple[FileView, ...]
    intents: tuple[IntentChangeView, ...]
    facts: tuple[FactChangeView, ...]
    settings: tuple[WordView, ...]
    documents: tuple[FileView, ...]
    clips: ClipBillView | None
    replay: ReplayView | None


class PublicationView(BaseModel):
    """Outcome of a publication."""

    current: StandingView
    missing: int = Field(description="clips that are not rendered yet")
    merged: tuple[str, ...] = Field((), description="files of the folder that a merge wrote first")


class DraftView(BaseModel):
    """Catalog that waits to be published."""

    name: str
    revision: int = Field(description="counts all changes of it; send it back when you change it")
    catalog: str
    title: str
    intents: int
    message: str
    base: int
    made_by: str
    made_at: datetime
    missing: int
    allow_missing: bool
    approved_by: str | None
    approved_at: datetime | None
    publish_at: datetime | None
    scheduled_by: str | None
    state: DraftState
    release: int | None
    failure: str


def publishing_in(state: WebState) -> Publishing:
    """Return what the actions on releases need, as this node has it."""
    container = state.container
    return Publishing(
        settings=container.settings,
        releases=container.releases,
        drafts=container.drafts,
        audit=container.audit,
        now=container.clock.now,
        notify=container.notify_nodes,
    )


def zip_of(pack: bytes, name: str) -> Response:
    """Return a packed folder as a download."""
    disposition = f'attachment; filename="{name}.zip"'
    return Response(pack, media_type="application/zip", headers={"content-disposition": disposition})


def release_view(found: PublishedRelease) -> ReleaseView:
    """Return a release as it is shown."""
    return ReleaseView.model_validate(found, from_attributes=True)


def standing_view(found: CurrentRelease) -> StandingView:
    """Return the current release as it is shown."""
    return StandingView.model_validate(found, from_attributes=True)
