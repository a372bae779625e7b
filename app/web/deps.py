"""What the web layer needs from the composition root, and how a request gets at it."""

import ipaddress
import secrets
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection
from prometheus_client import CollectorRegistry, Counter

from app.catalog.audit import AuditLog
from app.catalog.model import Catalog
from app.catalog.releases import Releases
from app.conversation.conduct import Conduct
from app.conversation.hub import Hub
from app.conversation.ports import Cast, Clock
from app.conversation.served import Served
from app.rendering.callbacks import CallDesk
from app.runtime.web_settings import WebSettings
from app.store.ports import BlobStore
from app.web.keys import KeyWatch, no_access
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
    def cast(self) -> Cast:
        """Decider, clips, responder, film, turn log."""
        ...

    @property
    def served(self) -> Served:
        """Script and cast of the release that is served now."""
        ...

    @property
    def conduct(self) -> Conduct:
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
    def callbacks(self) -> CallDesk | None:
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


async def require_author(request: Request, state: State) -> None:
    """Let authors in: with the API key; in development also without it from this machine. Changes are audited."""
    settings = state.container.web
    key = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    if settings.api_key and secrets.compare_digest(key.encode(), settings.api_key.encode()):
        await state.keys.used(request)
        return
    if settings.environment == "development" and not key and _is_loopback(request):
        return
    await state.keys.refused(request)
    raise no_access()


Author = Depends(require_author)


def _is_loopback(request: Request) -> bool:
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
