"""Allowed hosts: in development a site answers to this computer's own names, so that no other page can read it."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import OriginError
from app.runtime.settings.site import WebSettings
from app.web.problems import STATUS, problem

_OWN_NAMES = frozenset({"localhost", "testserver"})
"""Names that no public name server gives an address to; `testserver` is Starlette's test client."""


class AllowedHosts:
    """Middleware against rebinding: a foreign name that points here would share an origin with the Studio.

    In production every protected route needs a key, and pages are told apart by their origin; health checks come
    with any name there. In development there are no keys, so names count: this computer's, plain addresses, and
    those of the settings.
    """

    def __init__(self, app: ASGIApp, *, settings: WebSettings) -> None:
        """`settings`: of the site; its public address and allowed origins are allowed as hosts."""
        self._app = app
        self._open = settings.environment != "development"
        named = (settings.public_url, *settings.allowed_origins)
        self._names = _OWN_NAMES | {name for name in (urlsplit(address).hostname for address in named) if name}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on, or refuse it."""
        if self._open or scope["type"] not in {"http", "websocket"} or self._is_own(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            detail = (
                "This site is in development and answers to this computer's names only; set GREENROOM_PUBLIC_URL to "
                "the address that you opened."
            )
            await problem(STATUS[OriginError.code], OriginError.code, detail)(scope, receive, send)

    def _is_own(self, headers: Headers) -> bool:
        try:
            host = urlsplit(f"//{headers.get('host', '')}").hostname
        except ValueError:
            return False
        if host is None:
            return False
        name = host.rstrip(".")
        return name in self._names or name.endswith(".localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    """Return whether a host is a plain address: no name server can point it elsewhere."""
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
