"""Overview: what visitors asked and got, what it costs, what is filmed, and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import Response

from app.catalog.model import Role
from app.web.studio import charts
from app.web.studio.access import Viewing
from app.web.studio.figures import DAYS, KINDS, Asked
from app.web.studio.pages import page, studio_router

router = studio_router()

MOST_TOPICS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """Next thing to do: where, in words."""

    says: str
    place: str
    action: str


@router.get("/")
async def overview(visit: Viewing) -> Response:
    """Show the overview."""
    container = visit.container
    clips, asked = await visit.studio.figures.clips.read(), await visit.studio.figures.asked.read()
    ready = None if clips is None else (sum(one[0] for one in clips.values()), sum(one[1] for one in clips.values()))
    answers = [intent for intent in container.catalog.intents if intent.role is Role.ANSWER]
    return page(
        visit,
        "overview",
        here="",
        release=container.release,
        answers=len(answers),
        topics=len({intent.topic for intent in answers}),
        ready=ready,
        asked=asked,
        columns=_columns(asked),
        most_topics=MOST_TOPICS,
        days=DAYS,
        reasons=await container.readiness(),
        steps=tuple(_steps(ready, asked)),
    )


def _columns(asked: Asked | None) -> charts.Columns | None:
    if asked is None or not asked.total():
        return None
    return charts.columns([(f"{day:%d %b}", counts) for day, counts in asked.days], KINDS)


def _steps(ready: tuple[int, int] | None, asked: Asked | None) -> Iterator[Step]:
    if ready is not None and ready[0] < ready[1]:
        missing = ready[1] - ready[0]
        verb = "clips are not filmed yet" if missing > 1 else "clip is not filmed yet"
        yield Step(f"{missing} {verb}: visitors get words there.", "intents?show=unfilmed", "See which")
    if asked is not None and not asked.total():
        yield Step("Nobody has asked anything yet. Ask as a visitor would.", "try", "Try a question")
