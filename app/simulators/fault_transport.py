"""Fault transport: between a provider's handlers and the connection, where faults of the wire happen.

ASGI has no message for "drop the connection". uvicorn gives applications a bound `receive` of the request's
cycle, which holds the asyncio transport; if that is closed with a zero linger time, the kernel sends a reset,
and no byte of an answer has left. This works as long as nothing between uvicorn and the gate wraps `receive`;
Starlette's own layers do not. Under another server `DroppedConnectionError` is raised instead; an in-process
client sees it as a failed call.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.simulators.error_replies import ErrorReply, ReplyBody
from app.simulators.faults import HEADER, MUTE, STATUS, WIRE, Fault, Operation, Rule, from_header
from app.simulators.vendor import SimulatedProvider

Handler = Callable[[Request], Awaitable[Response]]
_HTML = b"<!doctype html><html><head><title>Just a moment...</title></head><body>Please wait.</body></html>"
_RETRY_AFTER_S = 2


class DroppedConnectionError(ConnectionError):
    """Failure to drop a connection, because this server does not expose its transport."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Route of a provider; without an operation no fault applies to it."""

    method: str
    path: str
    handler: Handler
    operation: Operation | Callable[[bytes], Operation | None] | None = None
    """What it does; at a provider with one address, read from the body."""


def wired(vendor: SimulatedProvider, rows: list[Endpoint]) -> FastAPI:
    """Make a provider's app: its routes in order, then its files, and its own 404 for the rest."""
    app = FastAPI(title=f"{vendor.profile.name} simulator", openapi_url=None)
    files = FileRoom(vendor)
    path = f"/{vendor.profile.files}/{{name:path}}"
    rows = [*rows, *(Endpoint(method, path, files.serve, Operation.DOWNLOAD) for method in ("GET", "HEAD"))]
    methods: dict[str, set[str]] = {}
    for row in rows:
        app.router.routes.append(Route(row.path, RequestGate(vendor, row), methods=[row.method]))
        methods.setdefault(row.path, set()).add(row.method)
    lost = Endpoint("GET", "/{rest:path}", _nothing_here(vendor))
    every = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
    app.router.routes.append(Route(lost.path, RequestGate(vendor, lost), methods=every))
    return app


class RequestGate:
    """Endpoint as an ASGI app: faults before the handler, the handler, faults after it."""

    def __init__(self, vendor: SimulatedProvider, row: Endpoint) -> None:
        self._vendor = vendor
        self._row = row

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, correctly or with its fault."""
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return  # the client left in the middle of its request
        try:
            rule = self._rule(request, body)
        except ValueError as error:
            await JSONResponse({"simulator": str(error)}, 400)(scope, receive, send)
            return
        scope["greenroom.fault"] = rule
        if rule is None or rule.fault not in WIRE:
            await (await self._answer(request))(scope, receive, send)
            return
        response = await self._answer(request) if rule.lets_through else None
        if rule.fault in MUTE | {Fault.LOST_ANSWER}:
            await self._go_silent(rule, receive)
        elif rule.fault in STATUS:
            await _spoken(self._refused(rule))(scope, receive, send)
        else:
            await self._spoil(rule, response or Response(), (scope, receive, send))

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._row.handler(request)
        except ErrorReply as refusal:
            return _spoken(refusal.answer)

    def _rule(self, request: Request, body: bytes) -> Rule | None:
        named = self._row.operation
        operation = named(body) if callable(named) else named
        if operation is None:
            return None
        name = self._vendor.profile.name
        if (asked := request.headers.get(HEADER)) is not None:
            return from_header(asked, name, operation)
        return self._vendor.stage.faults.take(name, operation)

    def _refused(self, rule: Rule) -> ReplyBody:
        status = int(rule.fault[:3])
        answer = self._vendor.profile.say(status, f"Simulated {status}.")
        waits = {"Retry-After": str(_RETRY_AFTER_S)} if rule.fault is Fault.RATE_LIMITED else {}
        kept = {name: value for name, value in answer.headers.items() if name.lower() != "retry-after"}
        return ReplyBody(status, answer.body, {**kept, **waits})

    async def _go_silent(self, rule: Rule, receive: Receive) -> None:
        if rule.fault is Fault.SILENCE:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._vendor.stage.silence_s):
                    await _gone(receive)
        await drop(receive)

    async def _spoil(self, rule: Rule, response: Response, asgi: tuple[Scope, Receive, Send]) -> None:
        body = await _whole(response)
        if rule.fault is Fault.HTML_200:
            await Response(_HTML, media_type="text/html")(*asgi)
        elif rule.fault is Fault.TRUNCATED_JSON:
            cut = body[: max(1, len(body) // 2)]
            await Response(cut, response.status_code, media_type="application/json")(*asgi)
        else:
            await self._drip(response, body, asgi)

    async def _drip(self, response: Response, body: bytes, asgi: tuple[Scope, Receive, Send]) -> None:
        _, receive, send = asgi
        await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
        left = asyncio.create_task(_gone(receive))
        for at in range(len(body)):
            if left.done():
                return
            await send({"type": "http.response.body", "body": body[at : at + 1], "more_body": True})
            await asyncio.sleep(self._vendor.stage.drip_s)
        left.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class FileRoom:
    """File server for results and uploads, in full or in ranges, with the faults of the download."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor

    async def serve(self, request: Request) -> Response:
        """Answer GET and HEAD."""
        stored = self._vendor.stage.storage.get(request.path_params["name"])
        if stored is None:
            raise self._vendor.refuse(404, "File not found.")
        rule = request.scope.get("greenroom.fault")
        flaws = stored.flaws | ({rule.fault} if isinstance(rule, Rule) else frozenset())
        for fault, status in ((Fault.RESULT_403, 403), (Fault.RESULT_404, 404)):
            if fault in flaws:
                return Response(b"<Error><Code>AccessDenied</Code></Error>", status, media_type="application/xml")
        if Fault.OVERSIZED in flaws:
            return Flood(self._vendor.stage.oversize_bytes)
        content = await asyncio.to_thread(stored.path.read_bytes)
        content = b"" if Fault.ZERO_BYTES in flaws else _HTML if Fault.NOT_MP4 in flaws else content
        return _ranged(request, content, stored.content_type)


class Flood(Response):
    """Response with far too many bytes and no length; it stops when the client leaves."""

    def __init__(self, total: int) -> None:
        super().__init__(media_type="video/mp4")
        self._total = total

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send an MP4 header and then one long box."""
        headers = [(b"content-type", b"video/mp4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        left = asyncio.create_task(_gone(receive))
        head = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + struct.pack(">I4sQ", 1, b"free", self._total)
        block, sent = bytes(256 * 1024), len(head)
        await send({"type": "http.response.body", "body": head, "more_body": True})
        while sent < self._total and not left.done():
            await send({"type": "http.response.body", "body": block, "more_body": True})
            sent += len(block)
            await asyncio.sleep(0)
        left.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def drop(receive: Receive) -> None:
    """Break the connection of a request: the client reads a reset, not an answer.

    Raises:
        DroppedConnectionError: the server does not expose its transport.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise DroppedConnectionError("This fault needs the connection of a real uvicorn server.")
    plug = transport.get_extra_info("socket")
    if plug is not None:
        with suppress(OSError, ValueError):  # the client may have left already, and closed the socket
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


async def _whole(response: Response) -> bytes:
    if not isinstance(response, StreamingResponse):
        return bytes(response.body)
    parts = [part async for part in response.body_iterator]
    return b"".join(part.encode() if isinstance(part, str) else bytes(part) for part in parts)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _spoken(answer: ReplyBody) -> Response:
    return JSONResponse(dict(answer.body), answer.status, headers=dict(answer.headers))


def _ranged(request: Request, content: bytes, content_type: str) -> Response:
    headers = {"Accept-Ranges": "bytes"}
    unit, _, span = request.headers.get("range", "").partition("=")
    if unit != "bytes" or "," in span or not content:
        return Response(content, media_type=content_type, headers=headers)
    first, _, last = span.partition("-")
    start = int(first) if first else max(0, len(content) - int(last))
    stop = int(last) + 1 if first and last else len(content)
    headers["Content-Range"] = f"bytes {start}-{min(stop, len(content)) - 1}/{len(content)}"
    return Response(content[start:stop], 206, media_type=content_type, headers=headers)


def _nothing_here(vendor: SimulatedProvider) -> Handler:
    async def answer(_: Request) -> Response:
        raise vendor.refuse(404, "Not Found")

    return answer
