"""Answers: from what visitors asked to the catalog's files, in two steps: what it would change, then the writing."""

from fastapi import Response

from app.author_errors import EditRefusedError
from app.runtime.commands.answers.never import never
from app.runtime.commands.answers.new_intent import NewIntentResult, WantedIntent, new_intent
from app.runtime.commands.answers.phrases import make_phrases
from app.web.studio.access import Authoring, Visit
from app.web.studio.effects import Effect, Held, agreed, editor_of, effect_page, terms_of, written
from app.web.studio.pages import studio_router

router = studio_router()


@router.post("/answers/phrases")
async def phrases(visit: Authoring) -> Response:
    """Make questions phrases of an intent."""
    intent, texts = visit.text("intent"), _taken(visit)
    async with visit.web.editing:
        preview = await make_phrases(
            editor_of(visit), intent, texts, locale=visit.text("locale") or None, terms=terms_of(visit)
        )
    if agreed(visit):
        return await written(visit, preview, f"Add phrases to {intent}", f"intents/{intent}")
    fields = {"intent": (intent,), "texts": texts, **_shared(visit)}
    return await effect_page(visit, Effect(f"Phrases of {intent}", preview, "answers/phrases", fields, _back(visit)))


@router.post("/answers/intents")
async def intents(visit: Authoring) -> Response:
    """Write a new intent out of questions."""
    wanted = WantedIntent(
        title=visit.text("title"),
        phrases=_taken(visit),
        answer=visit.text("answer") or None,
        topic=visit.text("topic") or None,
        locale=visit.text("locale") or None,
    )
    if not wanted.title:
        raise EditRefusedError("Expected a title for the new intent, got none. Go back, and write its chip's text.")
    async with visit.web.editing:
        made: NewIntentResult = await new_intent(editor_of(visit), wanted, terms=terms_of(visit))
    if agreed(visit):
        return await written(visit, made.preview, f"Add the intent {made.intent.id}", "intents")
    said = next(iter(made.intent.answer.values()))
    fields = {
        "title": (wanted.title,),
        "topic": (made.intent.topic,),
        "texts": tuple(wanted.phrases),
        "answer": () if made.proposed_by else said,
        **_shared(visit),
    }
    effect = Effect(
        f"New intent: {wanted.title}", made.preview, "answers/intents", fields, _back(visit), made.proposed_by
    )
    return await effect_page(visit, effect)


@router.post("/answers/never")
async def bar(visit: Authoring) -> Response:
    """See to it that an intent never answers a question."""
    intent, question = visit.text("barred"), visit.text("question")
    async with visit.web.editing:
        receipt = await never(
            editor_of(visit), question, intent, locale=visit.text("locale") or None, terms=terms_of(visit)
        )
    if agreed(visit):
        return await written(visit, receipt.preview, f"Bar a question from {intent}", f"intents/{intent}")
    fields = {"barred": (intent,), "question": (question,), **_shared(visit)}
    held = Held(receipt.tried, receipt.reached, receipt.removed)
    effect = Effect(f"Never {intent} to that", receipt.preview, "answers/never", fields, _back(visit), held=held)
    return await effect_page(visit, effect)


def _taken(visit: Visit) -> tuple[str, ...]:
    texts = tuple(one.strip() for one in visit.texts("texts") if one.strip())
    if not texts:
        raise EditRefusedError("Expected at least one wording, got none. Go back, and take those that fit.")
    return texts


def _shared(visit: Visit) -> dict[str, tuple[str, ...]]:
    return {name: (visit.text(name),) for name in ("locale", "group")}


def _back(visit: Visit) -> str:
    group = visit.text("group")
    return f"questions/groups/{group}" if group else "questions"
