"""Client address: the visitor behind the trusted proxies, put where all of the app looks for the peer."""

import logging

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.runtime.settings.trusted_proxies import TrustedProxies, address_in

_log = logging.getLogger(__name__)


class ClientAddress:
    """Middleware that sets the peer of a connection to the visitor; to nobody if a proxy did not name one."""

    def __init__(self, app: ASGIApp, *, trusted: TrustedProxies) -> None:
        """`trusted`: whose headers are believed."""
        self._app = app
        self._trusted = trusted
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on with the visitor's address and the scheme that the visitor used."""
        if scope["type"] in {"http", "websocket"} and (self._trusted or not self._warned):
            peer = address_in(scope["client"][0]) if scope.get("client") else None
            headers = Headers(scope=scope)
            if self._trusted.is_proxy(peer):
                visitor = self._trusted.visitor(peer, headers.getlist("x-forwarded-for"))
                scope["client"] = (str(visitor), 0) if visitor else None
                scope["scheme"] = _scheme(scope, headers.get("x-forwarded-proto", ""))
            elif "x-forwarded-for" in headers and not self._warned:
                self._warned = True
                _log.warning("address.proxy_not_trusted", extra={"peer": str(peer), "way_out": _WAY_OUT})
        await self._app(scope, receive, send)


def is_this_computer(connection: HTTPConnection) -> bool:
    """Return whether a connection comes from this computer itself: from loopback, and no proxy passed it on.

    A proxy here speaks for strangers, whether it is trusted or not.
    """
    peer = address_in(connection.client.host) if connection.client else None
    return peer is not None and peer.is_loopback and not _FORWARDED.intersection(connection.headers)


_FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"})
_WAY_OUT = "if this peer is your proxy, name it in GREENROOM_TRUSTED_PROXIES; until then its visitors share one limit"


def _scheme(scope: Scope, forwarded: str) -> str:
    asked = forwarded.rpartition(",")[2].strip().lower()
    if asked not in {"http", "https"}:
        return str(scope["scheme"])
    if scope["type"] == "websocket":
        return {"http": "ws", "https": "wss"}[asked]
    return asked
