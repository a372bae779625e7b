"""A small client of `greenroom.v1` over server-sent events, written from its documentation."""

import asyncio
import json
from typing import Any

import httpx

from tests.support.chat_client import ChatClient, Message


class EventStreamClient(ChatClient):
    """The reference client of the socket, with frames that are posted and answers that are events."""

    def __init__(self, base_url: str) -> None:
        """`base_url` is the server's, such as `http://127.0.0.1:8080`."""
        super().__init__(base_url)
        self.line = ""
        self.posted = 0
        self.headers: dict[str, str] = {}
        self._http: httpx.AsyncClient | None = None
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._reader: asyncio.Task[int] | None = None

    async def connect(self, *carried: Message) -> Message:
        """Open a session, or resume the one there was; the server's first answer."""
        self._http = httpx.AsyncClient(base_url=self.base_url, timeout=60)
        self._events = asyncio.Queue()
        start: Message = {"type": "session.start", "id": self._next_id()}
        if self.session:
            names = ("session", "resume_token")
            start["resume"] = {name: self.session[name] for name in names} | {"last_seq": self._last_seq}
        else:
            start["token"] = await asyncio.to_thread(self._token)
        self.open("\n".join(json.dumps(frame) for frame in (start, *carried)))
        return await self.receive()

    def open(self, body: str | bytes, **headers: str) -> None:
        """Post the first frames, and begin to read the events."""
        self._http = self._http or httpx.AsyncClient(base_url=self.base_url, timeout=60)
        self._reader = asyncio.create_task(self._read(body, headers))

    async def drop(self) -> None:
        """Lose the connection."""
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._http:
            await self._http.aclose()
            self._http = None

    async def send_raw(self, frame: str | bytes) -> None:
        """Post a frame as it is."""
        assert self._http
        headers = {"authorization": f"Bearer {self.line}"}
        answer = await self._http.post("/v1/chat/messages", content=frame, headers=headers)
        self.posted = answer.status_code

    async def receive(self, within_s: float = 60.0) -> Message:
        """The next message."""
        async with asyncio.timeout(within_s):
            message = await self._events.get()
        if "seq" not in message:
            raise ConnectionError(f"closed with {message['code']}")
        self._last_seq = max(self._last_seq, message["seq"])
        if message["type"] in {"session.created", "session.resumed"}:
            self.session = message
        self.received.append(message)
        return message

    async def closed(self, within_s: float = 60.0) -> int:
        """Wait for the end; its close code."""
        assert self._reader
        async with asyncio.timeout(within_s):
            return await self._reader

    async def _read(self, body: str | bytes, headers: dict[str, str]) -> int:
        """Read events until the end; its close code, or 1006 without one."""
        assert self._http
        code, event = 1006, ""
        async with self._http.stream("POST", "/v1/chat/events", content=body, headers=headers) as answer:
            self.headers = dict(answer.headers)
            async for row in answer.aiter_lines():
                name, _, value = row.partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    code = self._take(event, json.loads(value)) or code
                elif not row:
                    event = ""
        return code

    def _take(self, event: str, data: dict[str, Any]) -> int:
        if event == "line":
            self.line = data["line"]
        elif event == "close":
            self._events.put_nowait(data)
            return int(data["code"])
        else:
            self._events.put_nowait(data)
        return 0
