"""Clips that come from a bucket or a CDN: this server's own pages must be allowed to play them."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "content-security-policy"


class ClipsElsewhere:
    """ASGI middleware: names the other origin in the page's policy, for pictures, films and their prefetch."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        """Wrap an app; without an origin nothing is changed."""
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Widen the policy of pages."""
        if scope["type"] != "http" or not self._origin:
            await self._app(scope, receive, send)
            return

        async def widened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if policy := headers.get(_POLICY):
                    headers[_POLICY] = _widen(policy, self._origin)
            await send(message)

        await self._app(scope, receive, widened)


def _widen(policy: str, origin: str) -> str:
    for directive in ("img-src 'self'", "media-src 'self'", "connect-src 'self'"):
        policy = policy.replace(directive, f"{directive} {origin}")
    return policy
