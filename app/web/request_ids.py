"""Request ids: one for each HTTP request, in its answer, in its problem and in its log lines; and the access log."""

import os
import re
import time
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

NAME = "request_id"
"""Name of the id in log lines and problems."""

HEADER = "x-request-id"

_WIRE_NAME = HEADER.encode()

_SHAPE = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
"""What a caller may choose: nothing that could break a line, a header or a page."""

_PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Routes that are asked all the time: their lines are for `debug`."""

_FILES = ("/clips/", "/widget", "/demo", "/studio/static")
"""Beginnings of routes of static files: they have no line."""


class RequestIds:
    """Middleware (ASGI) that gives each request its id, and logs one line when it is answered.

    A caller's own `X-Request-ID` is kept if it has the right shape. Sockets pass untouched.
    """

    def __init__(self, app: ASGIApp, *, access_log: bool) -> None:
        """Wrap an app; without `access_log` there are ids but no lines."""
        self._app = app
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given(scope) or os.urandom(12).hex()
        # Nothing takes it back: every request has a task of its own, whose last lines are the server's.
        structlog.contextvars.bind_contextvars(**{NAME: request_id})
        status, began = 500, time.perf_counter()

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, tagged)
        finally:
            if self._access_log:
                _tell(scope, status, time.perf_counter() - began)


def current_id() -> str:
    """Return the id of the request that is being answered; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get(NAME, ""))


def _given(scope: Scope) -> str | None:
    """Return the caller's own id, if it sent one of the right shape."""
    sent = [value for name, value in scope["headers"] if name == _WIRE_NAME]
    return sent[0].decode() if len(sent) == 1 and _SHAPE.fullmatch(sent[0]) else None


def _tell(scope: Scope, status: int, took_s: float) -> None:
    """Log the route, never the path: a path may hold a token."""
    route: str = getattr(scope.get("route"), "path", "")
    if route.startswith(_FILES) or (not route and "app_root_path" in scope):
        return
    tell = log.debug if route in _PROBES else log.info
    tell(
        "request.answered",
        method=scope["method"],
        route=route or None,
        status=status,
        duration_ms=round(took_s * 1000, 1),
    )


def describe_ids(document: dict[str, Any]) -> dict[str, Any]:
    """Add the header to every answer of an OpenAPI document."""
    schema = {"type": "string", "pattern": f"^{_SHAPE.pattern.decode()}$"}
    header = {"description": "The request's id, as in the server's log.", "schema": schema}
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                answer.setdefault("headers", {})["X-Request-ID"] = header
    return document
