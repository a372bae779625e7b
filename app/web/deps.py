"""What the web layer needs from the composition root, and how a request gets at it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection
from prometheus_client import Counter

from app.conversation.hub import Hub
from app.runtime.serving.container import Container
from app.runtime.settings.api_keys import KeyRole
from app.web.auth import Caller, KeyWatch
from app.web.tokens import Tokens
from app.web.visitors import Visitors


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
