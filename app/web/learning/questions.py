"""Routes of questions, for authors: what was asked, groups by meaning, their states, transcripts of visits."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.learning.questions.groups import GroupMember, QuestionGroup
from app.learning.questions.query import MOST_A_PAGE, GroupState, QuestionOrder, QuestionOutcome, QuestionQuery
from app.learning.turn_log import TurnRecord
from app.web.auth import Caller
from app.web.author_api import TurnView
from app.web.deps import Author, State

router = APIRouter(tags=["questions"], dependencies=[Author])

Name = Annotated[str | None, StringConstraints(max_length=64)]
Limit = Annotated[int, Field(ge=1, le=MOST_A_PAGE)]


class Filters(BaseModel):
    """Filters and page of a list of questions."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | None = Field(None, description="asked then or later")
    until: AwareDatetime | None = Field(None, description="asked before then")
    topic: Name = Field(None, description="topic of the intent that was played, or was nearest")
    intent: Name = Field(None, description="intent that was played")
    outcome: tuple[QuestionOutcome, ...] = Field((), description="what came of it; repeat for several")
    rating: Literal["up", "down"] | None = None
    locale: Name = None
    release: Name = None
    text: str | None = Field(None, max_length=200, description="words that the question contains")
    limit: Limit = 50
    cursor: str | None = Field(None, max_length=200, description="the `cursor` of the page before")

    def query(self) -> QuestionQuery:
        """Return the filters as the core knows them."""
        given = self.model_dump(include=_SHARED)
        return QuestionQuery(outcomes=self.outcome, **given)


class GroupFilters(Filters):
    """Filters and page of a list of groups."""

    state: GroupState | None = None
    order: QuestionOrder = "most"
    visitors: int | None = Field(
        None, ge=1, le=1000, description="visitors at least; by default GREENROOM_QUESTION_VISITORS"
    )


_SHARED = {field.name for field in fields(QuestionQuery)} - {"outcomes"}


class TurnList(BaseModel):
    """Turns, the newest first; `cursor` leads to the next page, null on the last."""

    items: tuple[TurnView, ...]
    cursor: str | None


class Transcript(BaseModel):
    """Turns of one visit, the oldest first."""

    session: str
    items: tuple[TurnView, ...]


class GroupView(BaseModel):
    """Questions of one meaning in one locale, with personal data masked; counts are of the turns that fit."""

    id: str = Field(description="the id of one of its questions; that of any other finds the group, too")
    locale: str
    question: str = Field(description="the wording that was asked most")
    examples: tuple[str, ...]
    asked: int
    visitors: int
    wordings: int
    first_at: datetime
    last_at: datetime
    outcomes: dict[str, int]
    intents: dict[str, int] = Field(description="intents that were played")
    nearest: str | None = Field(description="the intent nearest to what none answered")
    up: int
    down: int
    state: GroupState
    state_by: str | None
    state_at: datetime | None
    note: str
    asked_since: int = Field(description="how often it was asked after its state was set")


class GroupList(BaseModel):
    """Groups of questions; `hidden` counts those that fewer than `visitors` visitors asked."""

    items: tuple[GroupView, ...]
    cursor: str | None
    hidden: int
    visitors: int
    grouped_at: datetime | None = Field(description="words that are new since then are in no group yet")


class MemberView(BaseModel):
    """Wording of a group; equal words count together."""

    id: str
    question: str
    asked: int
    visitors: int
    last_at: datetime
    outcomes: dict[str, int]


class GroupStory(BaseModel):
    """Group with its wordings, most asked first."""

    group: GroupView
    members: tuple[MemberView, ...]


class StateChange(BaseModel):
    """New state of a group."""

    state: GroupState
    note: Annotated[str, StringConstraints(max_length=500)] = ""


class Regrouped(BaseModel):
    """Outcome of a grouping."""

    questions: int
    grouped_at: datetime | None


@router.get("/v1/questions")
async def questions(state: State, filters: Annotated[Filters, Query()]) -> TurnList:
    """List what visitors asked, one item a turn, the newest first."""
    page = await state.container.questions.asked(filters.query())
    return TurnList(items=tuple(_turn(turn) for turn in page.items), cursor=page.cursor)


@router.get("/v1/questions/groups")
async def groups(state: State, filters: Annotated[GroupFilters, Query()]) -> GroupList:
    """List questions grouped by meaning, most asked first.

    What failed, was cancelled, or is no question counts only where `outcome` says so.
    """
    asked = state.container.questions
    least = asked.visitors if filters.visitors is None else filters.visitors
    page = await asked.groups(filters.query(), visitors=least)
    items = tuple(_group(one) for one in page.items)
    return GroupList(items=items, cursor=page.cursor, hidden=page.hidden, visitors=least, grouped_at=page.grouped_at)


@router.post("/v1/questions/groups/refresh")
async def refresh(state: State) -> Regrouped:
    """Group all questions anew, and wait for it."""
    asked = state.container.questions
    count = await asked.regroup()
    return Regrouped(questions=count, grouped_at=await asked.book.grouped_at())


@router.get("/v1/questions/groups/{question}")
async def group(question: str, state: State, limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = 200) -> GroupStory:
    """Return the group that holds this question, with its wordings."""
    asked = state.container.questions
    found, members = await asked.group(question), await asked.members(question, limit=limit)
    return GroupStory(group=_group(found), members=tuple(_member(one) for one in members))


@router.put("/v1/questions/groups/{question}/state")
async def set_state(question: str, change: StateChange, state: State, caller: Annotated[Caller, Author]) -> GroupView:
    """Say what becomes of a group. The state belongs to its questions, so it outlives any grouping."""
    return _group(
        await state.container.questions.mark(question, change.state, by=caller.actor, note=change.note.strip())
    )


@router.get("/v1/questions/sessions/{session}")
async def transcript(session: str, state: State) -> Transcript:
    """Return all turns of one visit, as they were typed and answered."""
    turns = await state.container.questions.transcript(session)
    return Transcript(session=session, items=tuple(_turn(turn) for turn in turns))


def _turn(turn: TurnRecord) -> TurnView:
    return TurnView.model_validate(turn, from_attributes=True)


def _group(one: QuestionGroup) -> GroupView:
    return GroupView.model_validate(one, from_attributes=True)


def _member(one: GroupMember) -> MemberView:
    return MemberView.model_validate(one, from_attributes=True)
