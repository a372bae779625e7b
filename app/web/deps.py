"""What the web layer needs from the composition root, and how a request gets at it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection
from prometheus_client import CollectorRegistry, Counter

from app.audit import AuditLog
from app.catalog.model import Catalog
from app.catalog.releases import Releases
from app.conversation.hub import Hub
from app.conversation.ports import Clock, Services
from app.conversation.script import ServedRelease
from app.conversation.session_limits import SessionConfig
from app.rendering.work.webhooks import WebhookReceiver
from app.runtime.settings.api_keys import KeyRole
from app.runtime.settings.site import WebSettings
from app.store.ports import BlobStore
from app.web.auth import Caller, KeyWatch
from app.web.tokens import Tokens
from app.web.visitors import Visitors


class Container(Protocol):
    """What the composition root hands to the web."""

    @property
    def web(self) -> WebSettings:
        """Settings."""
        ...

    @property
    def catalog(self) -> Catalog:
        """The release that is served now."""
        ...

    @property
    def release(self) -> str:
        """What receipts call it."""
        ...

    @property
    def releases(self) -> Releases:
        """What was published."""
        ...

    @property
    def audit(self) -> AuditLog:
        """Who did what."""
        ...

    def tell_nodes(self) -> None:
        """Say on every node that another release is current."""
        ...

    @property
    def services(self) -> Services:
        """Decider, clips, responder, film, turn log."""
        ...

    @property
    def served(self) -> ServedRelease:
        """Script and services of the release that is served now."""
        ...

    @property
    def config(self) -> SessionConfig:
        """How sessions behave: deadlines, heartbeat, bounds."""
        ...

    @property
    def blobs(self) -> BlobStore:
        """The bytes of the clips."""
        ...

    @property
    def clock(self) -> Clock:
        """Time."""
        ...

    @property
    def metrics(self) -> CollectorRegistry:
        """Where figures are registered; one registry a container."""
        ...

    @property
    def callbacks(self) -> WebhookReceiver | None:
        """Where providers call back; None where none does."""
        ...

    async def readiness(self) -> tuple[str, ...]:
        """Why the server is not ready yet, a sentence each; empty when it is."""
        ...

    def running(self) -> AbstractAsyncContextManager[object]:
        """Start what runs in the background (encoder, renderer, database), stop it at the end."""
        ...


@dataclass(slots=True)
class WebState:
    """What lives as long as the app."""

    container: Container
    tokens: Tokens
    hub: Hub
    visitors: Visitors
    webhooks: Counter
    keys: KeyWatch


def state_of(connection: HTTPConnection) -> WebState:
    """The app's state, from a request or a socket."""
    return cast("WebState", connection.app.state.greenroom)


State = Annotated[WebState, Depends(state_of)]


def _needs(role: KeyRole) -> Callable[[Request, WebState], Awaitable[Caller]]:
    async def admit(request: Request, state: State) -> Caller:
        return await state.keys.admit(request, state.container.web, role)

    admit.__name__ = f"needs_{role}"
    return admit


Viewer, Author, Publisher, Operator = (Depends(_needs(role)) for role in KeyRole)
"""Each lets in keys of its role and above; in development also this very computer without a key."""
