"""Try it: one question, what would be played, and the receipt as a picture."""

from dataclasses import dataclass

from fastapi import Response

from app.catalog.model import Role
from app.conversation.ports import PlayableClip
from app.conversation.protocol.client_messages import MAX_TEXT_CHARS
from app.matching.decision import Decision
from app.matching.receipt_text import explain
from app.matching.turns.previous import Previous
from app.web.studio.access import Viewing, Visit
from app.web.studio.pages import page, studio_router

router = studio_router()

BARS = 5
"""Candidates that are drawn."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Question that was tried: the decision, its explanation, and the clip that a visitor would see."""

    decision: Decision
    lines: tuple[str, ...]
    clip: PlayableClip | None
    titles: dict[str, str]


@router.get("/try")
async def try_it(visit: Viewing) -> Response:
    """Show the form, and the decision about the question that the address carries."""
    text = visit.text("text")[:MAX_TEXT_CHARS]
    locale = visit.text("locale")
    known = locale if locale in visit.container.catalog.locales else ""
    before = visit.text("before")
    return page(
        visit,
        "try",
        here="try",
        text=text,
        locale=known,
        before=before,
        tried=await _tried(visit, text, known, before) if text else None,
        catalog=visit.container.catalog,
        answers=[one for one in visit.container.catalog.intents if one.role is Role.ANSWER],
        bars=BARS,
        most=MAX_TEXT_CHARS,
    )


async def _tried(visit: Visit, text: str, locale: str, before: str) -> Tried:
    container = visit.container
    catalog = container.catalog
    intent = catalog.intent(before)
    previous = Previous(intent.title if intent else "", intent.id if intent else None, ()) if intent else None
    decision = await container.services.decider.decide(text, locale=locale or None, previous=previous)
    played = decision.intent
    clip = (
        await container.services.clips.for_intent(played, locale=decision.receipt.locale, variant=0) if played else None
    )
    return Tried(decision, explain(decision), clip, {one.id: one.title for one in catalog.intents})
