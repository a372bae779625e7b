"""Security headers, the policy for clips from other origins, and the limit on request bodies."""

import asyncio
import contextlib
import re
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.problems import problem

_POLICY = "content-security-policy"


class ClipsElsewhere:
    """Middleware (ASGI) that allows pages to load pictures and clips from the other origin."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        """Wrap an app; without an origin nothing changes."""
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


MAX_BODY_BYTES = 64 * 1024
"""Limit on a request body: few routes take more than a question."""

DRAINED_BYTES = 16 * 1024 * 1024
"""Bytes of a refused body that are read and dropped, so that the answer arrives; a longer body is cut off."""

DRAIN_S = 5.0
"""Time for which a refused body is read: a slow sender must not hold a connection open."""

SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
}
"""Headers that are added if a route has not set them."""

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Policy of pages: everything from this server, nothing inline."""

DATA_CSP = "default-src 'none'; frame-ancestors 'none'"
"""Policy of all other responses."""

ANYWHERE = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "cross-origin-resource-policy": "cross-origin",
    "timing-allow-origin": "*",
}
"""Headers of files that other pages embed: clips and the widget.

There are no cookies, so `*` reveals nothing.
"""


class SecurityHeaders:
    """Middleware (ASGI) that adds the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add missing headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", DATA_CSP)
                if scope["path"].startswith("/v1/"):
                    headers.setdefault("cache-control", "no-store")  # what a key or a session opened is nobody else's
            await send(message)

        await self._app(scope, receive, guarded)


class BodyLimit:
    """Middleware (ASGI) that refuses too large a body with 413, by its declared or its counted length.

    The body is read first and dropped, within limits: if the server closed in the middle, the sender would
    see a broken connection, and send it again.
    """

    def __init__(self, app: ASGIApp, *, larger: Mapping[tuple[str, re.Pattern[str]], int] | None = None) -> None:
        """Wrap an app; `larger` are the limits of routes that take more, by method and path."""
        self._app, self._larger = app, larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body while it arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope)
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > limit:
            await _refuse(scope, receive, send, limit=limit)
            return
        body = _Counted(scope, receive, send, limit=limit)
        try:
            await self._app(scope, body.receive, body.send)
        except ClientDisconnect:
            if not body.refused:
                raise

    def _limit_of(self, scope: Scope) -> int:
        limits = (size for (method, path), size in self._larger.items() if _is(scope, method, path))
        return next(limits, MAX_BODY_BYTES)


def _is(scope: Scope, method: str, path: re.Pattern[str]) -> bool:
    return scope["method"] == method and path.fullmatch(scope["path"]) is not None


class _Counted:
    """Request with a counted body; once it is too large, the app sees a disconnect."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, limit: int) -> None:
        self.refused = False
        self._limit = limit
        self._scope, self._receive, self._send = scope, receive, send
        self._taken = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken <= self._limit:
            return message
        if not self.refused:
            self.refused = True
            more = message.get("more_body", False)
            await _refuse(self._scope, self._receive, self._send, limit=self._limit, more=more)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if not self.refused:
            await self._send(message)


async def _refuse(scope: Scope, receive: Receive, send: Send, *, limit: int, more: bool = True) -> None:
    length = Headers(scope=scope).get("content-length", "0")
    if more and length.isdecimal() and int(length) <= DRAINED_BYTES:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await _drain(receive)
    text = f"A request body may have {limit} bytes at most here."
    await problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", text)(scope, receive, send)


async def _drain(receive: Receive) -> None:
    read, more = 0, True
    while more and read <= DRAINED_BYTES:
        message = await receive()
        read += len(message.get("body", b""))
        more = message.get("more_body", False)
