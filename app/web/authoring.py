"""Authoring over HTTP: files of the catalog's folder, edits with what they would do, and the four actions."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.runtime.commands.answers.clips import ClipTarget, use_clip
from app.runtime.commands.answers.editor import CatalogEditor, EditTerms
from app.runtime.commands.answers.never import never
from app.runtime.commands.answers.new_intent import WantedIntent, new_intent
from app.runtime.commands.answers.phrases import make_phrases
from app.runtime.commands.answers.proposals import USUAL, propose_phrases
from app.runtime.commands.answers.recorded import recorded_questions
from app.web.auth import Caller
from app.web.authoring_views import (
    NEWEST,
    CatalogFileView,
    ClipBody,
    EditsBody,
    EditTermsBody,
    IntentBody,
    NeverBody,
    NeverView,
    PhrasesBody,
    PreviewView,
    ProposalsView,
    UsedClipView,
    WrittenIntentView,
)
from app.web.deps import Author, State, WebState

router = APIRouter(tags=["authoring"])


@router.get("/v1/catalog/file", dependencies=[Author])
async def catalog_file(name: Annotated[str, Query(min_length=1, max_length=200)], state: State) -> CatalogFileView:
    """Return a file of the catalog's folder as it is now, and its digest."""
    found = _editor(state).files.seen(name)
    return CatalogFileView(file=found.file, digest=found.digest, text=found.text)


@router.post("/v1/catalog/edits")
async def edits(body: EditsBody, state: State, caller: Annotated[Caller, Author]) -> PreviewView:
    """Edit files of the catalog's folder, all or none; comments, order and quotes of the author stay."""
    async with state.editing:
        editor, terms = _editor(state), await _terms(body, state, caller, quick=body.quick)
        default = (await editor.ready()).default_locale
        found = await editor.carry_out([one.edit(default) for one in body.edits], terms)
    return PreviewView.model_validate(found)


@router.post("/v1/answers/phrases")
async def phrases(body: PhrasesBody, state: State, caller: Annotated[Caller, Author]) -> PreviewView:
    """Make questions phrases of an intent."""
    async with state.editing:
        terms = await _terms(body, state, caller)
        found = await make_phrases(_editor(state), body.intent, body.texts, locale=body.locale, terms=terms)
    return PreviewView.model_validate(found)


@router.post("/v1/answers/intents")
async def intents(body: IntentBody, state: State, caller: Annotated[Caller, Author]) -> WrittenIntentView:
    """Write a new intent; without an answer the documents propose one, and it is marked as a draft."""
    wanted = WantedIntent(body.title, body.phrases, body.answer, body.topic, body.id, body.locale)
    async with state.editing:
        found = await new_intent(_editor(state), wanted, terms=await _terms(body, state, caller))
    made = found.intent
    return WrittenIntentView(
        id=made.id,
        topic=made.topic,
        answer=next(iter(made.answer.values()))[0],
        draft=made.draft,
        preview=PreviewView.model_validate(found.preview),
    )


@router.post("/v1/answers/never")
async def never_this(body: NeverBody, state: State, caller: Annotated[Caller, Author]) -> NeverView:
    """See to it that an intent never answers a question, and prove it."""
    async with state.editing:
        terms = await _terms(body, state, caller)
        found = await never(_editor(state), body.question, body.intent, locale=body.locale, terms=terms)
    return NeverView.model_validate(found)


@router.post("/v1/answers/clips")
async def clips(body: ClipBody, state: State, caller: Annotated[Caller, Author]) -> UsedClipView:
    """Use the clip that was made for one visitor as an answer for all."""
    target = ClipTarget(body.intent, body.title, body.topic)
    turn = await state.container.services.turn_log.get(body.turn)
    async with state.editing:
        terms = await _terms(body, state, caller)
        found = await use_clip(_editor(state), state.container.recipes, turn, target, terms=terms)
    return UsedClipView.model_validate(found)


@router.get("/v1/answers/proposals/{intent}", dependencies=[Author])
async def proposals(
    intent: Annotated[str, Path(max_length=64)],
    state: State,
    locale: Annotated[str | None, Query(max_length=35)] = None,
    limit: Annotated[int, Query(ge=1, le=40)] = USUAL,
) -> ProposalsView:
    """Propose phrases for an intent, each with what it adds; nothing is written, and no model is asked."""
    recorded = await recorded_questions(state.container.services.turn_log, newest=NEWEST)
    async with state.editing:
        found = await propose_phrases(_editor(state), intent, locale=locale, recorded=recorded, limit=limit)
    return ProposalsView.model_validate(found)


def _editor(state: WebState) -> CatalogEditor:
    container = state.container
    return CatalogEditor.of(container.site.settings, audit=container.audit, loaded=container.loaded.encoder)


async def _terms(body: EditTermsBody, state: WebState, caller: Caller, *, quick: bool = False) -> EditTerms:
    newest = 0 if quick else body.recorded
    recorded = await recorded_questions(state.container.services.turn_log, newest=newest)
    return EditTerms(None if body.dry_run else caller.actor, body.seen, recorded, quick)
