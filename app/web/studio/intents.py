"""Intents: the list with its search, and one intent with its words and its clips."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import Response

from app.catalog.model import Intent, Role
from app.conversation.clip_source import playable
from app.conversation.ports import PlayableClip
from app.errors import IntentNotFoundError
from app.rendering.plan.planner import PlanAction
from app.text import fold
from app.web.studio.access import Viewing, Visit
from app.web.studio.figures import Folder
from app.web.studio.pages import page, studio_router

router = studio_router()

PAGE = 50
"""Intents of one page of the list."""

SHOWS = ("all", "answers", "roles", "unfilmed", "changed")
"""Choices of what the list shows."""


@dataclass(frozen=True, slots=True)
class Row:
    """Intent in the list: its phrases, its stored and wanted clips, and whether visitors get it like this."""

    intent: Intent
    phrases: int
    ready: int | None
    wanted: int | None
    state: str | None


@router.get("/intents")
async def intents(visit: Viewing) -> Response:
    """Show the list."""
    folder = await visit.studio.figures.folder()
    found = tuple(_found(visit, folder, await _with_words(visit, folder)))
    at = visit.number("at")
    return page(
        visit,
        "intents",
        here="intents",
        rows=tuple(_row(intent, folder) for intent in found[at : at + PAGE]),
        total=len(found),
        at=at,
        size=PAGE,
        q=visit.text("q"),
        topic=visit.text("topic"),
        show=visit.text("show") or "all",
        shows=SHOWS,
        topics=sorted({intent.topic for intent in folder.catalog.intents}),
        everything=len(folder.catalog.intents),
        problem=folder.problem,
    )


@router.get("/intents/{intent_id}")
async def intent(intent_id: str, visit: Viewing) -> Response:
    """Show one intent."""
    folder = await visit.studio.figures.folder()
    found = folder.catalog.intent(intent_id)
    if found is None:
        raise IntentNotFoundError(f"No intent of the catalog has the id {intent_id[:80]!r}.")
    return page(
        visit,
        "intent",
        here="intents",
        intent=found,
        clips=await variants_of(visit, found, folder),
        shows_face=shows_face(visit),
        state=folder.state(found),
        editable=found.starter is None,
    )


async def _with_words(visit: Visit, folder: Folder) -> frozenset[str] | None:
    """Return the intents that say all the words that are looked for; None if none are."""
    words = fold(visit.text("q")).split()
    if not words:
        return None
    said = await visit.studio.figures.said(folder.catalog)
    return frozenset(name for name, text in said.items() if all(word in text for word in words))


def _found(visit: Visit, folder: Folder, wanted: frozenset[str] | None) -> Iterator[Intent]:
    """Yield the intents that the address asks for."""
    topic, show = visit.text("topic"), visit.text("show")
    for one in folder.catalog.intents:
        if (topic and one.topic != topic) or (wanted is not None and one.id not in wanted):
            continue
        if _is_shown(one, show, folder):
            yield one


def _is_shown(one: Intent, show: str, folder: Folder) -> bool:
    match show:
        case "answers" | "roles":
            return (one.role is Role.ANSWER) == (show == "answers")
        case "unfilmed":
            ready, wanted = (folder.clips or {}).get(one.id, (0, 0))
            return folder.clips is None or ready < wanted
        case "changed":
            return folder.state(one) is not None
        case _:
            return True


def _row(one: Intent, folder: Folder) -> Row:
    ready, wanted = (folder.clips or {}).get(one.id, (None, None))
    return Row(one, sum(len(texts) for texts in one.phrases.values()), ready, wanted, folder.state(one))


@dataclass(frozen=True, slots=True)
class Variant:
    """Variant of an answer, and its clip if it is stored."""

    locale: str
    number: int
    text: str
    clip: PlayableClip | None


def shows_face(visit: Visit) -> bool:
    """Return whether the avatar may be shown: the consent for its face is not withdrawn."""
    return visit.container.catalog.avatar.portrait_digest not in visit.container.site.withdrawals.faces


async def variants_of(visit: Visit, one: Intent, folder: Folder) -> tuple[Variant, ...]:
    """Return the variants of an intent's answer as the folder has it, each with its stored clip."""
    default, served = folder.catalog.default_locale, visit.container.services.clips
    spoken = [(locale, number, text) for locale, texts in one.answer.items() for number, text in enumerate(texts)]
    planned = await _planned(visit, one, folder)
    found = []
    for locale, number, text in spoken or [(default, 0, "")]:
        clip = planned.get((locale, number))
        if not folder.lines.items and await served.is_stored(one.id, locale=locale, variant=number):
            clip = await served.for_intent(one.id, locale=locale, variant=number)
        found.append(Variant(locale, number, text, clip))
    return tuple(found)


async def _planned(visit: Visit, one: Intent, folder: Folder) -> Mapping[tuple[str, int], PlayableClip]:
    """Return the stored clips of an intent as the folder has it, by locale and variant."""
    found: dict[tuple[str, int], PlayableClip] = {}
    for item in folder.lines.by_intent.get(one.id, ()):
        lines = [line for line in item.wanted.lines if line.intent == one.id and not line.part]
        if lines and item.action is PlanAction.UNCHANGED:
            entry = await visit.container.recipes.get(item.filmed_by.key)
            if entry is not None:
                clip = playable(entry, text=item.wanted.text or "")
                found |= {(line.locale, line.variant): clip for line in lines}
    return found
