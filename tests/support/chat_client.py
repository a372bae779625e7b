"""A small client of `greenroom.v1`, written from its documentation: the reference for other people's."""

import asyncio
import json
import urllib.request
from itertools import count
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect

SUBPROTOCOL = "greenroom.v1"

Message = dict[str, Any]


class ChatClient:
    """One session, kept over several connections. Use as an async context manager, or `connect` and `drop` by hand."""

    def __init__(self, base_url: str) -> None:
        """`base_url` is the server's, such as `http://127.0.0.1:8080`."""
        self.base_url = base_url.rstrip("/")
        self.received: list[Message] = []
        self.session: Message = {}
        self._socket: ClientConnection | None = None
        self._ids = count(1)
        self._last_seq = 0

    async def __aenter__(self) -> Self:
        """Connect."""
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave; the session could be resumed."""
        await self.drop()

    async def connect(self) -> Message:
        """Open a session, or resume the one there was; the server's first answer."""
        address = self.base_url.replace("http", "ws", 1) + "/v1/chat"
        self._socket = await connect(address, subprotocols=[SUBPROTOCOL])  # type: ignore[list-item]
        start: Message = {"id": self._next_id()}
        if self.session:
            names = ("session", "resume_token")
            start["resume"] = {name: self.session[name] for name in names} | {"last_seq": self._last_seq}
        else:
            start["token"] = await asyncio.to_thread(self._token)
        await self.send("session.start", **start)
        return await self.receive()

    async def drop(self) -> None:
        """Lose the connection."""
        if self._socket:
            await self._socket.close()

    async def send(self, kind: str, **fields: Any) -> None:
        """Send a message."""
        await self.send_raw(json.dumps({"type": kind, **fields}))

    async def send_raw(self, frame: str | bytes) -> None:
        """Send a frame as it is."""
        assert self._socket
        await self._socket.send(frame)

    async def receive(self, within_s: float = 60.0) -> Message:
        """The next message."""
        assert self._socket
        async with asyncio.timeout(within_s):
            message: Message = json.loads(await self._socket.recv())
        self._last_seq = max(self._last_seq, message["seq"])
        if message["type"] in {"session.created", "session.resumed"}:
            self.session = message
        self.received.append(message)
        return message

    async def receive_until(self, kind: str, within_s: float = 60.0) -> list[Message]:
        """Messages up to the next one of a kind."""
        heard = [await self.receive(within_s)]
        while heard[-1]["type"] != kind:
            heard.append(await self.receive(within_s))
        return heard

    async def ask(self, text: str) -> list[Message]:
        """Ask; everything up to `response.done`."""
        await self.send("input.text", id=self._next_id(), text=text)
        return await self.receive_until("response.done")

    async def closed(self, within_s: float = 60.0) -> int:
        """Wait for the end; its close code."""
        assert self._socket
        async with asyncio.timeout(within_s):
            await self._socket.wait_closed()
        return self._socket.close_code or 0

    def _next_id(self) -> str:
        return f"c{next(self._ids)}"

    def _token(self) -> str:
        request = urllib.request.Request(self.base_url + "/v1/sessions", method="POST")  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            token: str = json.load(answer)["token"]
            return token
