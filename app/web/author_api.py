"""Routes for authors and other programs: decisions, the catalog, misses, one turn with its receipt."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from app.catalog.model import Role
from app.conversation.protocol.client_messages import MAX_TEXT_CHARS
from app.errors import TurnNotFoundError
from app.learning.questions.query import QuestionOutcome
from app.learning.turn_log import AnswerSource, TurnOutcome
from app.matching.decision import Decision
from app.matching.turns.previous import Previous
from app.runtime.serving.container import Container
from app.web.auth import Caller
from app.web.deps import Author, Limit, Offset, State, Viewer

router = APIRouter(tags=["authors"])


class Question(BaseModel):
    """Question as a visitor would ask it."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_CHARS)]
    locale: str | None = Field(None, max_length=35)
    previous: str | None = Field(None, max_length=MAX_TEXT_CHARS, description="the question before it")
    previous_intent: str | None = Field(None, max_length=64, description="the intent that was just played")
    offered: tuple[Annotated[str, StringConstraints(max_length=64)], ...] = Field(
        (), max_length=10, description="the intents among which the visitor was just asked to choose"
    )


class IntentView(BaseModel):
    """Intent, and the number of its clips that are rendered."""

    id: str
    topic: str
    starter: str | None
    title: str
    role: Role
    phrases: int
    clips_ready: int
    clips_wanted: int


class CatalogView(BaseModel):
    """Catalog of the served release."""

    name: str
    digest: str
    default_locale: str
    locales: tuple[str, ...]
    avatar: str
    intents: tuple[IntentView, ...]


class CallerView(BaseModel):
    """Caller: the name in the audit log, and the role."""

    name: str
    role: Literal["viewer", "author", "publisher", "operator"]


class MissView(BaseModel):
    """Question that no intent answered."""

    question: str
    locale: str
    count: int
    last_asked_at: datetime
    quoted: int = Field(description="how often a document or a model answered it all the same")
    chips: int = Field(description="how often it came to chips of which none was chosen")


class MissPage(BaseModel):
    """Misses, most asked first."""

    items: tuple[MissView, ...]
    limit: int
    offset: int


class TurnView(BaseModel):
    """Turn: one question, its outcome, and why."""

    id: str
    session: str
    asked_at: datetime
    question: str
    locale: str
    outcome: TurnOutcome
    intent: str | None
    clip: str | None
    receipt: dict[str, Any]
    latency_ms: float
    score: str | None
    comment: str | None
    chosen_for: str | None
    result: QuestionOutcome = Field(description="the outcome, with answers told apart by what gave them")
    said: str = Field(description="what was played or said")
    answered_by: AnswerSource | None
    document: str | None = Field(description="the document that was quoted")
    offered: tuple[str, ...] = Field(description="intents whose chips were shown")
    chosen: str | None = Field(description="the one that was picked")
    stopped_after_s: float | None = Field(description="seconds until she was stopped; null if she was heard out")
    release: str | None
    topic: str | None
    nearest: str | None = Field(description="the intent nearest to a question that none answered")


@router.post("/v1/match", dependencies=[Viewer])
async def match(question: Question, state: State) -> Decision:
    """Decide a question without playing anything: the decision and its receipt."""
    before = Previous(question.previous or "", question.previous_intent, question.offered)
    return await state.container.services.decider.decide(question.text, locale=question.locale, previous=before)


@router.get("/v1/catalog", dependencies=[Viewer])
async def catalog(state: State) -> CatalogView:
    """Return the intents of the served release and the state of their clips."""
    served = state.container.catalog
    clips = await clip_states(state.container)
    intents = tuple(
        IntentView(
            id=intent.id,
            topic=intent.topic,
            starter=intent.starter,
            title=intent.title,
            role=intent.role,
            phrases=sum(len(texts) for texts in intent.phrases.values()),
            clips_ready=clips[intent.id][0],
            clips_wanted=clips[intent.id][1],
        )
        for intent in served.intents
    )
    return CatalogView(
        name=served.name,
        digest=served.digest,
        default_locale=served.default_locale,
        locales=served.locales,
        avatar=served.avatar.name,
        intents=intents,
    )


@router.get("/v1/me")
async def me(caller: Annotated[Caller, Viewer]) -> CallerView:
    """Return whose key this is and what it may do; a program asks before it offers anything."""
    return CallerView(name=caller.actor, role=caller.role.value)


@router.get("/v1/misses", dependencies=[Author])
async def misses(state: State, limit: Limit = 50, offset: Offset = 0) -> MissPage:
    """List the questions that no intent answered, most asked first."""
    found = await state.container.services.turn_log.misses(limit=limit, offset=offset)
    items = tuple(MissView.model_validate(miss, from_attributes=True) for miss in found)
    return MissPage(items=items, limit=limit, offset=offset)


@router.get("/v1/turns/{turn_id}", dependencies=[Author])
async def turn(turn_id: str, state: State) -> TurnView:
    """Return one turn with its receipt."""
    found = await state.container.services.turn_log.get(turn_id)
    if found is None:
        raise TurnNotFoundError(f"No turn has the id {turn_id[:80]!r}; ids come from `input.accepted`.")
    return TurnView.model_validate(found, from_attributes=True)


async def clip_states(container: Container) -> dict[str, tuple[int, int]]:
    """Count the rendered and the wanted clips of each intent, over its own locales and variants."""
    is_stored = container.services.clips.is_stored
    states = {}
    for intent in container.catalog.intents:
        spoken = [(locale, variant) for locale, texts in intent.answer.items() for variant in range(len(texts))]
        wanted = spoken or [(container.catalog.default_locale, 0)]
        ready = [await is_stored(intent.id, locale=locale, variant=variant) for locale, variant in wanted]
        states[intent.id] = (sum(ready), len(wanted))
    return states
