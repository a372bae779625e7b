"""A server that follows a script, for what a well-behaved one does not do on request: drop, take over, refuse, stall.

It speaks the wire of `greenroom.v1` and nothing behind it is real; its static files go out as the product's do. What a
visitor asks names the scene (`scenes.py`). `POST /_script/...` moves the furniture.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from app.web.api_reference import reference
from app.web.app import create_app
from app.web.headers import ANYWHERE
from app.web.static_files import STATIC, EmbeddedFiles
from app.web.widget_bundle import send_bundle, widget_bundle
from tests.browser.scenes import CHOICES, HELLO, clip, scene
from tests.support.fake_web import FakeContainer

WEB = Path(__file__).parents[2] / "app" / "web"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
CROSS_ORIGIN = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "content-type, authorization, greenroom-session",
    "access-control-allow-methods": "POST",
}
ABOUT = {"catalog_name": "Harbour Museum", "avatar_name": "Mira", "locale": "en", "poster_url": "/clips/idle.jpg"}
HOST_PAGE = """<!doctype html><html lang="{lang}" dir="{dir}"><meta charset="utf-8"><title>Host page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/favicon.svg">
<script type="module" src="/widget.js"></script><main><h1>A page of somebody else</h1></main>
<greenroom-chat {attributes}></greenroom-chat></html>"""


@dataclass
class Session:
    """One visitor, with the ring that resuming reads from."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    resume_token: str = ""
    locale: str = "en"
    socket: WebSocket | None = None
    ring: list[dict[str, Any]] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def say(self, type_: str, **fields: object) -> None:
        """Number a frame, keep it, and send it if somebody listens."""
        frame = {"type": type_, "seq": len(self.ring) + 1, **fields}
        self.ring.append(frame)
        await self.push(frame)

    async def push(self, frame: dict[str, Any]) -> None:
        """Send a frame that has its number."""
        if self.socket:
            try:
                await self.socket.send_json(frame)
            except (RuntimeError, WebSocketDisconnect):
                self.socket = None


@dataclass
class Stagehand:
    """What the script was told to do, and what it saw."""

    sessions: dict[str, Session] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    closes: list[int] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    starts: list[str] = field(default_factory=list)
    contexts: list[dict[str, Any] | None] = field(default_factory=list)
    heartbeat_s: float = 5.0
    mute: bool = False
    loops: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Silent loops beside the first idle one, by what the presenter does."""
    idle: str = "idle"
    """The first idle loop's clip."""
    deaf: bool = False
    """Whether requests of the page stay without an answer."""
    tokens_work: bool = True
    locales: tuple[str, ...] = ("en",)
    fetched: list[str] = field(default_factory=list)
    speech_s: float = 0.0
    """How long a spoken question may be; 0: this server hears nobody."""
    sounds: list[bytes] = field(default_factory=list)
    hears: Callable[[bytes], Awaitable[str]] | None = None
    """What the words of a sound are."""
    warming: dict[str, Any] | None = None
    """How far the warm-up behind the server is, if there is one: as the page's address tells it."""

    def nearest(self, wanted: str | None) -> str:
        """The locale of the same language, else the first one."""
        language = (wanted or "").split("-")[0]
        return next((one for one in self.locales if one.split("-")[0] == language), self.locales[0])


async def _play(session: Session, text: str, turn: str) -> None:
    """Answer one question as the scene that it names."""
    await session.say("state", value="thinking")
    async for type_, fields in scene(text):
        if turn in session.cancelled:
            return
        await session.say(type_, turn=turn, **fields)
    await session.say("state", value="listening")


class Script:
    """The app: real static files and demo page, scripted conversation."""

    def __init__(self, clips: Path) -> None:
        self.hand = Stagehand()
        self.app = FastAPI(docs_url=None)
        self.templates = Jinja2Templates(WEB / "templates")
        self._routes(clips)

    def _routes(self, clips: Path) -> None:
        self.app.middleware("http")(_strict)
        self.app.get("/")(self.demo)
        self.app.get("/embed")(self.embed)
        self.app.get("/docs")(self.docs)
        self.app.get("/host")(self.host)
        self.app.post("/v1/sessions")(self.token)
        self.app.options("/v1/sessions")(lambda: Response(headers=CROSS_ORIGIN))
        self.app.post("/v1/listen")(self.listen)
        self.app.get("/clips/never.mp4")(lambda: _partly(clips / "long.mp4", share=0.0))
        self.app.get("/clips/partly.mp4")(lambda: _partly(clips / "long.mp4", share=0.5))
        self.app.websocket("/v1/chat")(self.chat)
        self.app.post("/_script/drop")(self.drop)
        self.app.post("/_script/close_next")(self.close_next)
        self.app.get("/demo/progress.json")(self.progress)
        for name in ("widget", "demo"):
            self.app.mount(f"/{name}", EmbeddedFiles(directory=STATIC / name))
        self.app.mount("/clips", StaticFiles(directory=clips))
        for path in ("/widget.js", "/widget-{digest}.js", "/favicon.svg"):
            self.app.api_route(path, methods=["GET", "HEAD"])(_static)

    def demo(self, request: Request) -> Response:
        """The real demo page, filled as the real server fills it."""
        asked = {"questions": self._questions(), "unfilmed": ["Film me: what is your oldest object?"]}
        return self.templates.TemplateResponse(request, "demo.html", {**ABOUT, **asked, "warming": self.hand.warming})

    def docs(self, request: Request) -> Response:
        """The real server's reference."""
        context = {**ABOUT, **reference(create_app(FakeContainer()).openapi())}
        return self.templates.TemplateResponse(request, "reference.html", context)

    def embed(self, request: Request) -> Response:
        """The real snippet builder, filled as the real server fills it."""
        context = {**ABOUT, "locales": self.hand.locales, "bundle": widget_bundle()}
        return self.templates.TemplateResponse(request, "embed.html", context)

    def _questions(self) -> dict[str, bool]:
        waiting = self.hand.warming["waiting"] if self.hand.warming else []
        return {"What are your opening hours?": True, **dict.fromkeys(waiting, False)}

    def progress(self) -> dict[str, Any]:
        """How far the warm-up is."""
        assert self.hand.warming
        return self.hand.warming

    def host(self, request: Request) -> Response:
        """A page of somebody else; its query says what the element, `lang` and `dir` are."""
        wanted = {"lang": "en", "dir": "ltr", "name": "Mira", **request.query_params}
        page = {name: wanted.pop(name) for name in ("lang", "dir")}
        attributes = " ".join(f'{name}="{value}"' for name, value in wanted.items())
        return HTMLResponse(HOST_PAGE.format(attributes=attributes, **page))

    def token(self) -> JSONResponse:
        """A token good for one connection, unless they expire at once."""
        token = secrets.token_urlsafe(16)
        if self.hand.tokens_work:
            self.hand.tokens.add(token)
        return JSONResponse({"token": token, "expires_s": 60}, headers=CROSS_ORIGIN)

    async def listen(self, request: Request) -> JSONResponse:
        """Hear a question, once for each token, for a session that the header names."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        known = request.headers.get("greenroom-session") in self.hand.sessions and not request.url.query.count(
            "session"
        )
        if token not in self.hand.tokens or not known or self.hand.hears is None:
            return JSONResponse({"code": "not_authorised"}, 401)
        self.hand.tokens.discard(token)
        self.hand.sounds.append(await request.body())
        return JSONResponse({"text": await self.hand.hears(self.hand.sounds[-1])})

    async def drop(self, code: int = 1012) -> dict[str, int]:
        """Close every socket with this code."""
        open_sockets = [session for session in self.hand.sessions.values() if session.socket]
        for session in open_sockets:
            socket, session.socket = session.socket, None
            await socket.close(code)  # type: ignore[union-attr]
        return {"dropped": len(open_sockets)}

    def close_next(self, code: int) -> None:
        """Refuse the next `session.start` with this code."""
        self.hand.closes.append(code)

    async def chat(self, socket: WebSocket) -> None:
        """One connection."""
        await socket.accept("greenroom.v1")
        session = None
        try:
            session = await self._start(socket, await socket.receive_json())
            while session:
                await self._hear(session, await socket.receive_json())
        except WebSocketDisconnect:
            pass
        finally:
            if session and session.socket is socket:
                session.socket = None

    async def _start(self, socket: WebSocket, first: dict[str, Any]) -> Session | None:
        resume = first.get("resume")
        self.hand.contexts.append(first.get("context"))
        self.hand.starts.append("resume" if resume else "new")
        code = self._refusal(first)
        if code:
            await socket.close(code)
            return None
        session = self.hand.sessions[resume["session"]] if resume else Session()
        self.hand.sessions[session.id] = session
        if session.socket:
            await session.socket.close(4005)
        session.socket, session.resume_token = socket, secrets.token_urlsafe(16)
        if not resume:
            session.locale = self.hand.nearest(first.get("locale"))
            await session.say("session.created", greeting=clip("greeting", HELLO, 2.0), **self._welcome(session))
            return session
        last = resume["last_seq"]
        missed = session.ring[last:]
        await session.push({"type": "session.resumed", "seq": last, **self._welcome(session)})
        for frame in missed:
            await session.push(frame)
        return session

    def _refusal(self, first: dict[str, Any]) -> int | None:
        if self.hand.closes:
            return self.hand.closes.pop(0)
        if first["token"] not in self.hand.tokens:
            return 4001
        self.hand.tokens.discard(first["token"])
        resume = first.get("resume")
        known = resume and self.hand.sessions.get(resume["session"])
        return 4004 if resume and (not known or known.resume_token != resume["resume_token"]) else None

    def _welcome(self, session: Session) -> dict[str, Any]:
        avatar = {"name": "Mira", "disclosure": "Mira is an AI-generated presenter.", "poster": "/clips/idle.jpg"}
        ids = {"session": session.id, "resume_token": session.resume_token, "heartbeat_s": self.hand.heartbeat_s}
        return {
            **ids,
            "avatar": {
                **avatar,
                "idle": clip(self.hand.idle),
                **({"loops": self.hand.loops} if self.hand.loops else {}),
            },
            "choices": CHOICES,
            **self._languages(session),
            "limits": {"speech_s": self.hand.speech_s} if self.hand.speech_s else {},
        }

    def _languages(self, session: Session) -> dict[str, Any]:
        return {"locale": session.locale, "locales": self.hand.locales}

    async def _switch(self, session: Session, message: dict[str, Any]) -> None:
        session.locale = self.hand.nearest(message["locale"])
        titles = [{**one, "title": f"{one['title']} ({session.locale})"} for one in CHOICES]
        told = {"ref": message["id"], "locale": session.locale, "disclosure": f"Mira, AI ({session.locale})"}
        await session.say("session.updated", choices=titles, **told)

    async def _hear(self, session: Session, message: dict[str, Any]) -> None:
        self.hand.seen.append(message)
        match message["type"]:
            case "ping" if not self.hand.mute:
                await session.say("pong")
            case "response.cancel":
                session.cancelled.add(message["turn"])
                await session.say("response.done", turn=message["turn"], outcome="cancelled")
            case "session.update":
                await self._switch(session, message)
                if not session.inputs:
                    hello = f"Greeting ({session.locale})"
                    await session.say("session.greeting", locale=session.locale, text=hello)
            case "call.result" | "input.form" | "handover.request" if not self.hand.deaf:
                await session.say("request.accepted", ref=message["id"])
            case "input.text" | "input.choice":
                await self._take(session, message)

    async def _take(self, session: Session, message: dict[str, Any]) -> None:
        ref, text = message["id"], message.get("text") or message["intent"]
        if "refuse" in text:
            error = {"code": "input_too_long", "message": "Expected less.", "retryable": False, "ref": ref}
            return await session.say("error", **error)
        is_new = ref not in session.inputs
        turn = session.inputs.setdefault(ref, f"t{len(session.inputs) + 1}")
        await session.say("input.accepted", ref=ref, turn=turn)
        if is_new:
            task = asyncio.create_task(_play(session, text, turn))
            session.tasks.add(task)
            task.add_done_callback(session.tasks.discard)
        return None


async def _static(request: Request) -> Response:
    """One of the files that stand at the root."""
    if request.url.path.startswith("/widget"):
        return send_bundle(request.scope, request.path_params.get("digest"))
    return await EmbeddedFiles(directory=STATIC).get_response("demo/favicon.svg", request.scope)


def _partly(film: Path, *, share: float) -> StreamingResponse:
    """A film whose bytes stop coming, on a line that stays open."""
    data = film.read_bytes()

    async def drip() -> AsyncIterator[bytes]:
        yield data[: round(len(data) * share)]
        await asyncio.Event().wait()

    return StreamingResponse(drip(), media_type="video/mp4", headers={"content-length": str(len(data))})


async def _strict(request: Request, call_next: Any) -> Response:
    response: Response = await call_next(request)
    response.headers["Content-Security-Policy"] = CSP
    if request.url.path.startswith("/clips/"):
        response.headers.update(ANYWHERE | {"cache-control": "public, max-age=31536000, immutable"})
    return response
