"""Studio put together: its pages, its files, and its state in the app."""

from fastapi import FastAPI

from app.runtime.serving.container import Container
from app.web.static_files import STATIC, EmbeddedFiles
from app.web.studio import avatars, intents, overview, plans, releases, settings, sign_in, try_it
from app.web.studio.access import StudioState
from app.web.studio.figures import Figures
from app.web.studio.sessions import StudioSessions

PAGES = (sign_in, overview, intents, try_it, releases, plans, avatars, settings)


def add_studio(app: FastAPI, container: Container) -> StudioState:
    """Add the Studio to an app; `tell` of its state says links where only this computer's person sees them."""
    web = container.web
    sessions = StudioSessions(web.secret, container.clock, web.keys, links=web.environment == "development")
    state = app.state.studio = StudioState(sessions, Figures(container))
    for module in PAGES:
        app.include_router(module.router)
    app.mount("/studio/static", EmbeddedFiles(directory=STATIC / "studio"), name="studio")
    return state
