"""Intents: the list with its search, and one intent with its words, its clips and its history."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import Response

from app.catalog.model import Catalog, Intent, Role
from app.errors import IntentNotFoundError
from app.text import fold
from app.web.studio.access import Viewing, Visit
from app.web.studio.pages import page, studio_router

router = studio_router()

PAGE = 50
"""Intents of one page of the list."""

SHOWS = ("all", "answers", "roles", "unfilmed")
"""Choices of what the list shows."""


@dataclass(frozen=True, slots=True)
class Row:
    """Intent in the list."""

    intent: Intent
    phrases: int
    ready: int | None
    wanted: int | None

    @property
    def state(self) -> str:
        """Name of its clips' state."""
        if self.ready is None:
            return "unknown"
        return "filmed" if self.ready == self.wanted else "partly" if self.ready else "missing"


@router.get("/intents")
async def intents(visit: Viewing) -> Response:
    """Show the list."""
    catalog = visit.container.catalog
    clips = await visit.studio.figures.clips.read()
    found = tuple(_found(visit, catalog, clips))
    at = visit.number("at")
    return page(
        visit,
        "intents",
        here="intents",
        rows=tuple(_row(intent, clips) for intent in found[at : at + PAGE]),
        total=len(found),
        at=at,
        size=PAGE,
        q=visit.text("q"),
        topic=visit.text("topic"),
        show=visit.text("show") or "all",
        shows=SHOWS,
        topics=sorted({intent.topic for intent in catalog.intents}),
        everything=len(catalog.intents),
    )


@router.get("/intents/{intent_id}")
async def intent(intent_id: str, visit: Viewing) -> Response:
    """Show one intent."""
    catalog = visit.container.catalog
    found = catalog.intent(intent_id)
    if found is None:
        raise IntentNotFoundError(f"No intent of the served catalog has the id {intent_id[:80]!r}.")
    return page(visit, "intent", here="intents", intent=found, clips=await _clips(visit, found), catalog=catalog)


def _found(visit: Visit, catalog: Catalog, clips: Mapping[str, tuple[int, int]] | None) -> Iterator[Intent]:
    """Yield the intents that the address asks for; words are looked for in all that an intent says."""
    words, topic, show = fold(visit.text("q")).split(), visit.text("topic"), visit.text("show")
    for one in catalog.intents:
        if topic and one.topic != topic:
            continue
        if (show == "answers" and one.role is not Role.ANSWER) or (show == "roles" and one.role is Role.ANSWER):
            continue
        if show == "unfilmed" and clips is not None and clips[one.id][0] >= clips[one.id][1]:
            continue
        if words and not _says(one, words):
            continue
        yield one


def _says(one: Intent, words: list[str]) -> bool:
    texts = [
        one.id,
        one.title,
        *(text for part in (one.phrases, one.answer) for some in part.values() for text in some),
    ]
    said = fold(" ".join(texts))
    return all(word in said for word in words)


def _row(one: Intent, clips: Mapping[str, tuple[int, int]] | None) -> Row:
    ready, wanted = clips.get(one.id, (None, None)) if clips is not None else (None, None)
    return Row(one, sum(len(texts) for texts in one.phrases.values()), ready, wanted)


@dataclass(frozen=True, slots=True)
class Variant:
    """Variant of an answer, and its clip if it is filmed."""

    locale: str
    number: int
    text: str
    url: str | None
    poster: str | None
    duration_s: float | None


async def _clips(visit: Visit, one: Intent) -> tuple[Variant, ...]:
    catalog, source = visit.container.catalog, visit.container.services.clips
    spoken = [(locale, number, text) for locale, texts in one.answer.items() for number, text in enumerate(texts)]
    found = []
    for locale, number, text in spoken or [(catalog.default_locale, 0, "")]:
        stored = await source.is_stored(one.id, locale=locale, variant=number)
        clip = await source.for_intent(one.id, locale=locale, variant=number) if stored else None
        seen = (clip.url, clip.poster, clip.duration_s) if clip else (None, None, None)
        found.append(Variant(locale, number, text, *seen))
    return tuple(found)
