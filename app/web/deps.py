"""Dependencies of the routes: the state of the app, and the role that a route needs."""

from asyncio import Lock
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, cast

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.requests import HTTPConnection
from fastapi.routing import APIRoute
from prometheus_client import Counter
from starlette.routing import BaseRoute

from app.conversation.hub import Hub
from app.conversation.protocol.rules import CloseCode
from app.conversation.visitor_speech.recognition import RecognitionQueue
from app.errors import AccessError, RoleError
from app.runtime.serving.container import Container
from app.runtime.settings.api_keys import KeyRole
from app.web.auth import Caller, KeyWatch
from app.web.tokens import Tokens
from app.web.visitors import Visitors


class PostedLine(Protocol):
    """Line to a visitor whose frames are posted."""

    async def post(self, frames: list[str]) -> None:
        """Take frames, in order."""
        ...

    def close(self, code: CloseCode) -> None:
        """End the line after what is queued."""
        ...


@dataclass(slots=True)
class WebState:
    """State that lives as long as the app."""

    container: Container
    tokens: Tokens
    hub: Hub
    visitors: Visitors
    webhooks: Counter
    keys: KeyWatch
    refused_keys: Counter
    lines: dict[str, PostedLine] = field(default_factory=dict)
    """Event streams of this node, by the secret with which their visitors post."""
    speech: RecognitionQueue | None = None
    """What hears visitors, if the site has it."""
    editing: Lock = field(default_factory=Lock)
    """One edit, comparison or forecast of an author at a time: each asks every question again, beside visitors."""


def state_of(connection: HTTPConnection) -> WebState:
    """Return the app's state, from a request or a socket."""
    return cast("WebState", connection.app.state.greenroom)


async def _state(connection: HTTPConnection) -> WebState:
    """Return the app's state to a route; a plain function would be called in a thread, for each request."""
    return state_of(connection)


State = Annotated[WebState, Depends(_state)]

MAX_NUMBER = 2_000_000_000
"""Largest whole number that a route takes: the column of every database holds it, and every client's JSON."""

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=MAX_NUMBER)]


def _needs(role: KeyRole) -> Callable[[Request, WebState], Awaitable[Caller]]:
    async def admit(request: Request, state: State) -> Caller:
        try:
            return await state.keys.admit(request, state.container.web, role)
        except RoleError:
            raise
        except AccessError:
            state.refused_keys.inc()
            await state.visitors.admit(state.visitors.address_of(request), "guess")
            raise

    admit.__name__ = f"needs_{role}"
    return admit


Viewer, Author, Publisher, Operator = (Depends(_needs(role)) for role in KeyRole)
"""Each admits keys of its role and above; in development also this computer without a key."""

_ROLES = {f"needs_{role}": role for role in KeyRole}
_SCHEME = "key"


def describe_roles(routes: Iterable[BaseRoute], document: dict[str, Any]) -> dict[str, Any]:
    """Add to an OpenAPI document which role a route needs (`x-role`), and how a key is shown."""
    for route in routes:
        if not isinstance(route, APIRoute):
            continue
        needed = next((_ROLES[name] for name in map(_name_of, route.dependant.dependencies) if name in _ROLES), None)
        for method in (route.methods or ()) if needed else ():
            operation = document["paths"].get(route.path, {}).get(method.lower())
            if operation is not None:
                operation["x-role"] = str(needed)
                operation["security"] = [{_SCHEME: []}]
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes[_SCHEME] = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    return document


def _name_of(dependant: Dependant) -> str:
    return getattr(dependant.call, "__name__", "")
