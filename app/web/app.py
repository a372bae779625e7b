"""Web application, made from a container. Importing this module does nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fastapi import FastAPI

from app.conversation.hub import Hub
from app.conversation.rate_limits import Limits, MemoryLimits
from app.conversation.visitor_speech.recognition import RecognitionQueue
from app.conversation.visitor_speech.sound import MAX_SOUND_BYTES, MAX_SPEECH_S
from app.runtime.serving.container import Container
from app.runtime.wiring.visitor_speech import open_recognition, warmed
from app.web import (
    audit,
    author_api,
    authoring,
    clips,
    health,
    pages,
    provenance,
    renders,
    sessions,
    webhooks,
)
from app.web.auth import KeyWatch
from app.web.chat import event_stream, socket
from app.web.deps import WebState, describe_roles
from app.web.headers import BodyLimit, ClipsElsewhere, SecurityHeaders
from app.web.learning import forecast, questions
from app.web.metrics import PrometheusMeter, count_refused_keys, count_webhooks, show_waiting
from app.web.middleware.allowed_hosts import AllowedHosts
from app.web.middleware.client_address import ClientAddress
from app.web.problem_docs import describe_problems
from app.web.problems import install_problems
from app.web.releases import drafts, folder, published
from app.web.request_ids import RequestIds, describe_ids
from app.web.speech_input import listen
from app.web.static_files import STATIC, EmbeddedFiles
from app.web.studio.app import add_studio
from app.web.tokens import Tokens
from app.web.visitors import Visitors

_ROUTED = (
    sessions,
    listen,
    clips,
    author_api,
    authoring,
    provenance,
    questions,
    forecast,
    published,
    folder,
    drafts,
    renders,
    audit,
    webhooks,
    health,
    pages,
    event_stream,
    socket,
)
"""Modules with routes, in the order of the documentation."""


class _App(FastAPI):
    """App with a description that says what all of its answers have in common, and which role a route needs."""

    def openapi(self) -> dict[str, Any]:
        """Return the description; it is made once."""
        if self.openapi_schema is None:
            described = describe_problems(describe_roles(self.routes, super().openapi()))
            self.openapi_schema = describe_ids(described)
        return self.openapi_schema


def _hub(container: Container, *, speech_s: float) -> Hub:
    hub = Hub(
        lambda: container.served,
        clock=container.clock,
        meter=PrometheusMeter(container.metrics),
        config=replace(container.config, speech_s=speech_s),
    )
    show_waiting(container.metrics, hub.longest_wait_s)
    return hub


def _state(container: Container, hub: Hub, limits: Limits | None, speech: RecognitionQueue | None) -> WebState:
    secret, clock = container.web.secret, container.clock
    trusting = container.web.environment == "development"
    visitors = Visitors(secret, clock, limits or MemoryLimits(clock.monotonic), trusting=trusting)
    return WebState(
        container,
        Tokens(secret, clock),
        hub,
        visitors,
        count_webhooks(container.metrics, container.callbacks.senders if container.callbacks else ()),
        KeyWatch(container.audit, clock.now),
        count_refused_keys(container.metrics),
        speech=speech,
    )


def _add_middleware(app: FastAPI, container: Container) -> None:
    """Put what every request passes around the routes; the last one is the outermost."""
    app.add_middleware(
        BodyLimit, larger={renders.VIDEO_UPLOAD: renders.MAX_VIDEO_BYTES, listen.LISTEN: MAX_SOUND_BYTES}
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ClipsElsewhere, origin=container.web.clips_origin)
    app.add_middleware(RequestIds, access_log=container.web.access_log)
    app.add_middleware(AllowedHosts, settings=container.web)
    app.add_middleware(ClientAddress, trusted=container.web.trusted_proxies)


def create_app(
    container: Container, *, limits: Limits | None = None, speech: RecognitionQueue | None = None
) -> FastAPI:
    """Create the app of a container; two may live in one process. Nodes may share `limits`.

    `speech` hears visitors; left out, it is what the settings say.
    """
    speech = speech or open_recognition(container.settings)
    hub = _hub(container, speech_s=MAX_SPEECH_S if speech else 0.0)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with container.running(), hub, warmed(speech):
            try:
                yield
            finally:
                await studio.works.aclose()  # before what it renders with is closed

    app = _App(
        title="Greenroom",
        version=container.web.version,
        description="A digital human with answers that are rendered ahead of time.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.greenroom = _state(container, hub, limits, speech)
    _add_middleware(app, container)
    install_problems(app)
    for module in _ROUTED:
        app.router.routes += module.router.routes  # `include_router` builds each anew, for every app
    studio = add_studio(app, container)
    for files in ("widget", "demo"):
        app.mount(f"/{files}", EmbeddedFiles(directory=STATIC / files), name=files)
    return app
