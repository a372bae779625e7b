"""Event stream: the same session for visitors whose network lets no WebSocket pass.

`POST /v1/chat/events` carries `session.start` and is answered by server-sent events, one frame each; what the visitor
sends afterwards is posted to `POST /v1/chat/messages`. Close codes travel as an event of their own.
"""

import asyncio
import json
import logging
import secrets

import structlog
from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from app.conversation.driver import SessionDriver
from app.conversation.protocol.rules import CLOSE_RULES, EVENTS_PATH, MESSAGES_PATH, START_WITHIN_S, CloseCode
from app.errors import OriginError, SessionNotFoundError
from app.web.chat import line
from app.web.chat.line import DEAD_AFTER_BEATS, FrameQueue, LineOver, Peer, greet, knock
from app.web.deps import State, WebState
from app.web.problems import STATUS, problem
from app.web.sessions import cross_origin
from app.web.visitors import allowed_origin

_log = logging.getLogger(__name__)

router = APIRouter(tags=["visitors"])

_STREAM = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
}
"""Nobody on the way may keep, compress or collect the events: each is due when it is sent. nginx reads the last one."""

_NDJSON = {
    "requestBody": {
        "required": True,
        "content": {"application/x-ndjson": {"schema": {"type": "string", "description": "one frame a line"}}},
    }
}


@router.post(
    EVENTS_PATH,
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}}},
    openapi_extra=_NDJSON,
)
async def open_event_stream(request: Request, state: State) -> Response:
    """Open or resume a session where no WebSocket passes: the first line is `session.start`, the answer is its events.

    It is answered before it is refused, as the socket is: the close code is the last event.
    """
    return _EventStream(request, state, headers=cross_origin(request) | _STREAM)


@router.post(MESSAGES_PATH, status_code=204, openapi_extra=_NDJSON)
async def post_messages(request: Request, state: State) -> Response:
    """Send further frames of an event stream's session, one a line.

    Show the line's secret, which was the stream's first event, in `Authorization: Bearer …`.
    """
    headers = cross_origin(request)
    shown = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    try:
        allowed_origin(request.headers, state.container.web)
    except OriginError as error:
        return problem(STATUS[error.code], error.code, str(error), headers=headers)
    open_line = state.lines.get(shown)
    if open_line is None:
        code = SessionNotFoundError.code
        return problem(STATUS[code], code, "This node has no such event stream; open it again.", headers=headers)
    await open_line.post(_frames(await request.body()))
    return Response(status_code=204, headers=headers)


@router.options(EVENTS_PATH, include_in_schema=False)
@router.options(MESSAGES_PATH, include_in_schema=False)
async def preflight(request: Request) -> Response:
    """Let a browser post from another origin."""
    return Response(status_code=204, headers=cross_origin(request))


def hang_up(state: WebState) -> None:
    """End every event stream: the server stops, and waits for answers that have no end."""
    for open_line in tuple(state.lines.values()):
        open_line.close(CloseCode.RESTART)


class _EventStream(Response):
    """Answer that goes on as long as its session's line."""

    def __init__(self, request: Request, state: WebState, *, headers: dict[str, str]) -> None:
        super().__init__(None, 200, headers)
        del self.headers["content-length"]
        self._request, self._state = request, state
        self._peer = Peer(state.visitors.address_of(request))
        self._queue = FrameQueue()
        self._secret = f"l_{secrets.token_urlsafe(24)}"
        self._heard = asyncio.Event()
        self._driver: SessionDriver | None = None
        self._send: Send = _nowhere
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - it was read before
        """Answer with events until the line is over."""
        self._send = send
        try:
            await knock(self._state, self._peer.address)
            first, *more = await self._first_frames()
            await self._begin()
            await self._converse(first, more)
        except ClientDisconnect:  # or its body was refused, and answered for
            return
        except LineOver as over:
            await self._shut(over.code)
        except Exception:  # noqa: BLE001  (the edge of a stream: an error of one visitor must not affect others)
            _log.exception("event_stream.broke")
            await self._shut(CloseCode.INTERNAL)

    async def post(self, frames: list[str]) -> None:
        """Take posted frames, in order."""
        self._heard.set()
        try:
            for frame in frames:
                self._peer.weigh(len(frame.encode()), self._state.container.clock.monotonic())
                if self._driver:
                    await self._peer.take(frame, self._state, self._driver)
        except LineOver as over:
            self._queue.close(over.code)

    def close(self, code: CloseCode) -> None:
        """End the line after what is queued."""
        self._queue.close(code)

    # -- inside --

    async def _converse(self, first: str, more: list[str]) -> None:
        state, peer = self._state, self._peer
        peer.weigh(len(first.encode()), state.container.clock.monotonic())
        self._driver = driver = await greet(self._queue, first, state, peer.address, self._request)
        structlog.contextvars.bind_contextvars(session=driver.session.id[: line.SHOWN_CHARS])
        tasks: list[asyncio.Task[None]] = []
        try:
            await self.post(more)  # before the secret is good for a post: frames keep their order
            state.lines[self._secret] = self
            tasks += [asyncio.create_task(work) for work in (self._write(), self._watch(), self._gone())]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            state.lines.pop(self._secret, None)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            state.hub.leave(driver, self._queue)

    async def _first_frames(self) -> list[str]:
        try:
            async with asyncio.timeout(START_WITHIN_S):
                frames = _frames(await self._request.body())
        except TimeoutError:
            frames = []
        if not frames:
            raise LineOver(CloseCode.NOT_AUTHORISED)
        return frames

    async def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            await self._send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

    async def _write(self) -> None:
        await self._tell("line", json.dumps({"line": self._secret}))
        while True:
            message = await self._queue.take()
            await self._tell("", message.frame, number=message.seq)
            self._queue.sent(message)

    async def _watch(self) -> None:
        """End the line if its visitor is silent for too long."""
        patience_s = self._state.hub.config.heartbeat_s * DEAD_AFTER_BEATS
        while True:
            self._heard.clear()
            try:
                async with asyncio.timeout(patience_s):
                    await self._heard.wait()
            except TimeoutError:
                raise LineOver(CloseCode.NO_HEARTBEAT) from None

    async def _gone(self) -> None:
        """Wait until the visitor hangs up."""
        while (await self._request.receive())["type"] != "http.disconnect":
            pass

    async def _tell(self, event: str, data: str, *, number: int | None = None) -> None:
        head = f"event: {event}\n" if event else ""
        tag = f"id: {number}\n" if number is not None else ""
        body = f"{head}{tag}data: {data}\n\n".encode()
        try:
            async with asyncio.timeout(line.SEND_WITHIN_S):
                await self._send({"type": "http.response.body", "body": body, "more_body": True})
        except TimeoutError:
            raise LineOver(CloseCode.LATER) from None

    async def _shut(self, code: CloseCode) -> None:
        """Send what is queued if that is possible at once, then the close code."""
        try:
            async with asyncio.timeout(1.0):
                await self._begin()
                for message in self._queue.rest() if code is not CloseCode.LATER else ():
                    await self._tell("", message.frame, number=message.seq)
                await self._tell("close", json.dumps({"code": int(code), "reason": CLOSE_RULES[code].meaning}))
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, LineOver, OSError):
            _log.debug("event_stream.left_before_close")


def _frames(body: bytes) -> list[str]:
    return [found for found in body.decode(errors="replace").split("\n") if found.strip()]


async def _nowhere(_: object) -> None:
    raise AssertionError("an event stream answers when it is called")
