"""Dependencies of the routes: the state of the app, and the role that a route needs."""

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
    """State that lives as long as the app."""

    container: Container
    tokens: Tokens
    hub: Hub
    visitors: Visitors
    webhooks: Counter
    keys: KeyWatch


def state_of(connection: HTTPConnection) -> WebState:
    """Return the app's state, from a request or a socket."""
    return cast("WebState", connection.app.state.greenroom)


State = Annotated[WebState, Depends(state_of)]


def _needs(role: KeyRole) -> Callable[[Request, WebState], Awaitable[Caller]]:
    async def admit(request: Request, state: State) -> Caller:
        return await state.keys.admit(request, state.container.web, role)

    admit.__name__ = f"needs_{role}"
    return admit


Viewer, Author, Publisher, Operator = (Depends(_needs(role)) for role in KeyRole)
"""Each admits keys of its role and above; in development also this computer without a key."""
