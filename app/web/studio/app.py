"""Studio put together: its pages, its files, and its state in the app."""

from fastapi import FastAPI, Response

from app.errors import NotFoundError
from app.runtime.serving.container import Container
from app.web.static_files import STATIC, EmbeddedFiles
from app.web.studio import (
    answers,
    avatars,
    editing,
    intents,
    overview,
    plans,
    questions,
    releases,
    settings,
    sign_in,
    try_it,
)
from app.web.studio.access import StudioState, Viewing
from app.web.studio.figures import Figures
from app.web.studio.pages import studio_router
from app.web.studio.sessions import StudioSessions

PAGES = (sign_in, overview, questions, answers, intents, editing, try_it, releases, plans, avatars, settings)


_nowhere = studio_router()


@_nowhere.get("/{place:path}")
async def nowhere(place: str, visit: Viewing) -> Response:
    """Say that there is no such page, in words for authors."""
    del visit
    raise NotFoundError(f"The Studio has no page {place[:80]!r}. Look into the overview.")


def add_studio(app: FastAPI, container: Container) -> StudioState:
    """Add the Studio to an app; `tell` of its state says links where only this computer's person sees them."""
    web = container.web
    sessions = StudioSessions(web.secret, container.clock, web.keys, links=web.environment == "development")
    state = app.state.studio = StudioState(sessions, Figures(container))
    for module in PAGES:
        app.router.routes += module.router.routes
    app.mount("/studio/static", EmbeddedFiles(directory=STATIC / "studio"), name="studio")
    app.router.routes += _nowhere.routes
    return state
