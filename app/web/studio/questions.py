"""Questions: what visitors asked, grouped by meaning or one by one, states of groups, and visits as they went."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from fastapi import Response

from app.learning.questions.query import (
    OUTCOMES,
    STATES,
    UNHELPED,
    GroupState,
    QuestionOrder,
    QuestionOutcome,
    QuestionQuery,
)
from app.web.studio.access import Authoring, Visit
from app.web.studio.pages import page, studio_router, to

router = studio_router()

PERIODS: Mapping[str, int] = {"7": 7, "30": 30, "90": 90, "all": 0}
"""Periods by the value in the address; 0: all that is stored."""

SIZE = 40
"""Items of one page."""

MOST_MEMBERS = 100

NAMES: Mapping[str, str] = {
    "answered": "answered",
    "document": "quoted a document",
    "model": "words of a model",
    "chosen": "chose a chip",
    "chips": "chips, none chosen",
    "missed": "nothing",
    "blocked": "blocked",
    "failed": "failed",
    "cancelled": "went on",
    "choice": "a click on a chip",
    "reply": "no question",
    "open": "open",
    "in_work": "in work",
    "done": "done",
    "will_not": "will not",
    "up": "liked",
    "down": "disliked",
    "most": "most asked",
    "newest": "newest",
}
"""Names of outcomes, states, ratings and orders in words."""

KIND_OF: Mapping[QuestionOutcome, str] = {
    "answered": "answered",
    "document": "other-words",
    "model": "other-words",
    "chosen": "asked-back",
    "chips": "nothing",
    "missed": "nothing",
    "blocked": "nothing",
    "failed": "failed",
    "cancelled": "failed",
    "choice": "answered",
    "reply": "answered",
}
"""Colour of each outcome."""


@router.get("/questions")
async def questions(visit: Authoring) -> Response:
    """Show groups, or the questions one by one."""
    asked, query = visit.container.questions, _query(visit)
    grouped = visit.text("view") != "asked"
    groups = await asked.groups(query) if grouped else None
    turns = None if grouped else await asked.asked(query)
    found = groups or turns
    return page(
        visit,
        "questions",
        here="questions",
        groups=groups,
        turns=turns,
        more=_address(visit, cursor=found.cursor) if found and found.cursor else "",
        views={view: _address(visit, view=view, cursor=None) for view in ("groups", "asked")},
        chosen={name: visit.text(name) for name in (*_FILTERS, "days", "view")},
        **_choices(visit),
    )


@router.get("/questions/groups/{question}")
async def group(question: str, visit: Authoring) -> Response:
    """Show one group with its wordings, and what can be done about it."""
    asked = visit.container.questions
    found = await asked.group(question)
    members = await asked.members(question, limit=MOST_MEMBERS)
    catalog = visit.container.catalog
    intents = [one for one in catalog.intents if one.phrases and one.starter is None]
    titles = {one.id: one.title for one in catalog.intents}
    topics = sorted({one.topic for one in intents})
    return page(
        visit,
        "group",
        here="questions",
        group=found,
        members=members,
        intents=intents,
        titles=titles,
        topics=topics,
        **_words(),
    )


@router.post("/questions/groups/{question}/state")
async def set_state(question: str, visit: Authoring) -> Response:
    """Give the group a state."""
    wanted = visit.text("state")
    state: GroupState = next((one for one in STATES if one == wanted), "open")
    await visit.container.questions.mark(question, state, by=visit.caller.actor, note=visit.text("note")[:500])
    return to(visit, f"questions/groups/{question}", done="state")


@router.get("/questions/visits/{session}")
async def transcript(session: str, visit: Authoring) -> Response:
    """Show the turns of one visit."""
    turns = await visit.container.questions.transcript(session)
    titles = {one.id: one.title for one in visit.container.catalog.intents}
    return page(visit, "transcript", here="questions", session=session, turns=turns, titles=titles, **_words())


_FILTERS = ("text", "topic", "outcome", "rating", "locale", "release", "state", "order")


def _this_minute(visit: Visit) -> datetime:
    """Return the time to the minute: the same page asked for again is the same query."""
    return visit.container.clock.now().replace(second=0, microsecond=0)


def _query(visit: Visit) -> QuestionQuery:
    days = PERIODS.get(visit.text("days") or "30", 30)
    outcome, rating, state = visit.text("outcome"), visit.text("rating"), visit.text("state")
    ratings: tuple[Literal["up", "down"], ...] = ("up", "down")
    orders: tuple[QuestionOrder, ...] = get_args(QuestionOrder)
    grouped = visit.text("view") != "asked"
    default: QuestionOrder = "most" if grouped else "newest"
    return QuestionQuery(
        since=_this_minute(visit) - timedelta(days=days) if days else None,
        topic=visit.text("topic") or None,
        outcomes=UNHELPED if outcome == "unhelped" else tuple(one for one in OUTCOMES if one == outcome),
        rating=next((one for one in ratings if one == rating), None),
        locale=visit.text("locale") or None,
        release=visit.text("release") or None,
        state=next((one for one in STATES if one == state), None) if grouped else None,
        text=visit.text("text") or None,
        order=next((one for one in orders if grouped and one == visit.text("order")), default),
        limit=SIZE,
        cursor=visit.text("cursor") or None,
    )


def _choices(visit: Visit) -> dict[str, Any]:
    catalog = visit.container.catalog
    return {
        "periods": {"7": "7 days", "30": "30 days", "90": "90 days", "all": "all"},
        "topics": sorted({one.topic for one in catalog.intents}),
        "locales": catalog.locales,
        "outcomes": ("unhelped", *OUTCOMES),
        "states": STATES,
        "titles": {one.id: one.title for one in catalog.intents},
        **_words(),
    }


def _words() -> dict[str, Any]:
    return {"names": {**NAMES, "unhelped": "got no answer"}, "kinds": KIND_OF, "all_states": STATES}


def _address(visit: Visit, **changed: str | None) -> str:
    """Return the page's address with some fields changed."""
    now = dict(visit.request.query_params)
    return "?" + urlencode({name: value for name, value in {**now, **changed}.items() if value})
