"""A server that follows a script, for what a well-behaved one does not do on request: drop, take over, refuse, stall.

It speaks the wire of `greenroom.v1` and nothing behind it is real. What a visitor asks names the scene:
`hours`, `film`, `words`, `broken`, `which`, `busy`, `refuse`. `POST /_script/...` moves the furniture.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

WEB = Path(__file__).parents[2] / "app" / "web"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HOST_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Host page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/favicon.svg">
<script type="module" src="/widget.js"></script><main><h1>A page of somebody else</h1></main>
<greenroom-chat name="Mira"></greenroom-chat></html>"""
CHOICES = [{"intent": "hours", "title": "Opening hours"}, {"intent": "tickets", "title": "Tickets and prices"}]
HELLO = "Hello, I am Mira. Ask me anything about the museum."
HOURS = "We are open every day from ten until six. On Thursdays we stay open until nine."
LAMP = "Our oldest object is a small bronze lamp. It was found in the harbour in 1912."
CARD = {"title": "Opening hours", "body": "Daily 10 to 18, Thursdays until 21", "url": "/visit"}


def _clip(name: str, text: str = "", seconds: float = 3.0) -> dict[str, Any]:
    halves = [part.strip() for part in text.partition(". ")[::2] if part.strip()]
    each = seconds / max(1, len(halves))
    captions = [{"start_s": i * each, "end_s": (i + 1) * each - 0.05, "text": half} for i, half in enumerate(halves)]
    base = {
        "url": f"/clips/{name}.mp4",
        "media_type": "video/mp4",
        "duration_s": seconds,
        "poster": f"/clips/{name}.jpg",
    }
    return {**base, "digest": name, "captions": captions, "text": text}


@dataclass
class Session:
    """One visitor, with the ring that resuming reads from."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    resume_token: str = ""
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
    heartbeat_s: float = 5.0
    mute: bool = False


async def _play(session: Session, text: str, turn: str) -> None:
    """Answer one question as the scene that it names."""
    await session.say("state", value="thinking")
    scene = SCENES[next((name for name in SCENES if name in text.lower()), "hours")]
    async for type_, fields in scene():
        if turn in session.cancelled:
            return
        await session.say(type_, turn=turn, **fields)
    await session.say("state", value="listening")


Scene = AsyncIterator[tuple[str, dict[str, Any]]]


async def _hours() -> Scene:
    answer = {"role": "answer", "source": "cache", "intent": "hours", "text": HOURS, "interruptible": True}
    yield "response.clip", {**answer, "clip": _clip("answer", HOURS), "card": CARD}
    yield "response.text.done", {"text": HOURS}
    yield "response.choices", {"choices": CHOICES[1:]}
    yield "response.done", {"outcome": "answered"}


async def _film() -> Scene:
    wait = "Good question. Give me a moment to look that up."
    holding = {"role": "holding", "source": "cache", "text": wait, "interruptible": True}
    yield "response.clip", {**holding, "clip": _clip("holding", wait, 4.0)}
    async for frame in _spell(LAMP):
        yield frame
    await asyncio.sleep(1.0)
    filmed = {"role": "answer", "source": "generated", "text": LAMP, "interruptible": True}
    yield "response.clip", {**filmed, "clip": _clip("generated", LAMP)}
    yield "response.done", {"outcome": "generated"}


async def _words() -> Scene:
    async for frame in _spell(LAMP, pause_s=0.12):
        yield frame
    yield "response.done", {"outcome": "generated"}


async def _spell(text: str, pause_s: float = 0.03) -> Scene:
    for word in text.split(" "):
        yield "response.text.delta", {"delta": word + " "}
        await asyncio.sleep(pause_s)
    yield "response.text.done", {"text": text}


async def _broken() -> Scene:
    answer = {"role": "answer", "source": "cache", "intent": "hours", "text": HOURS, "interruptible": True}
    yield "response.clip", {**answer, "clip": _clip("broken", HOURS)}
    yield "response.done", {"outcome": "answered"}


async def _which() -> Scene:
    text = "Do you mean the opening hours or the tickets?"
    yield "response.clip", {"role": "clarify", "source": "cache", "text": text, "clip": _clip("answer", text)}
    yield "response.choices", {"choices": CHOICES}
    yield "response.done", {"outcome": "clarify"}


SCENES = {"film": _film, "words": _words, "broken": _broken, "which": _which, "hours": _hours}


class Script:
    """The app: real static files and demo page, scripted conversation."""

    def __init__(self, clips: Path) -> None:
        self.hand = Stagehand()
        self.app = FastAPI()
        self.templates = Jinja2Templates(WEB / "templates")
        self._routes(clips)

    def _routes(self, clips: Path) -> None:
        self.app.middleware("http")(_strict)
        self.app.get("/")(self.demo)
        self.app.get("/host")(lambda: HTMLResponse(HOST_PAGE))
        self.app.get("/widget.js")(lambda: FileResponse(WEB / "static" / "widget.js"))
        self.app.get("/favicon.svg")(lambda: FileResponse(WEB / "static" / "demo" / "favicon.svg"))
        self.app.post("/v1/sessions")(self.token)
        self.app.websocket("/v1/chat")(self.chat)
        self.app.post("/_script/drop")(self.drop)
        self.app.post("/_script/close_next")(self.close_next)
        for name, folder in (("widget", WEB / "static/widget"), ("demo", WEB / "static/demo"), ("clips", clips)):
            self.app.mount(f"/{name}", StaticFiles(directory=folder))

    def demo(self, request: Request) -> Response:
        """The real demo page, filled as the real server fills it."""
        about = {
            "catalog_name": "Harbour Museum",
            "avatar_name": "Mira",
            "locale": "en",
            "poster_url": "/clips/idle.jpg",
        }
        asked = {"questions": ["What are your opening hours?"], "unfilmed": ["Film me: what is your oldest object?"]}
        return self.templates.TemplateResponse(request, "demo.html", {**about, **asked})

    def token(self) -> JSONResponse:
        """A token good for one connection."""
        token = secrets.token_urlsafe(16)
        self.hand.tokens.add(token)
        return JSONResponse({"token": token, "expires_s": 60})

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
        self.hand.starts.append("resume" if resume else "new")
        code = self._refusal(first)
        if code:
            await socket.close(code)
            return None
        session = self.hand.sessions[resume["session"]] if resume else Session()
        self.hand.sessions[session.id] = session
        session.socket, session.resume_token = socket, secrets.token_urlsafe(16)
        if not resume:
            await session.say("session.created", greeting=_clip("greeting", HELLO, 2.0), **self._welcome(session))
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
        return {**ids, "avatar": {**avatar, "idle": _clip("idle")}, "choices": CHOICES, "locale": "en", "limits": {}}

    async def _hear(self, session: Session, message: dict[str, Any]) -> None:
        self.hand.seen.append(message)
        match message["type"]:
            case "ping" if not self.hand.mute:
                await session.say("pong")
            case "response.cancel":
                session.cancelled.add(message["turn"])
                await session.say("response.done", turn=message["turn"], outcome="cancelled")
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


async def _strict(request: Request, call_next: Any) -> Response:
    response: Response = await call_next(request)
    response.headers["Content-Security-Policy"] = CSP
    return response
