"""Client of `greenroom.v1` in Python, made of the protocol's own message classes: for bots, kiosks and tests.

    async with ChatClient("http://127.0.0.1:8080") as chat:
        async for message in chat.ask("When are you open?"):
            if isinstance(message, ResponseClip):
                print(message.text, chat.address_of(message.clip))

It keeps the session over broken connections, also from one node to another: it resumes from the last message
it has, sends again what has no `response.done` yet, and yields every message once.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Self
from urllib.parse import urljoin
from urllib.request import Request, urlopen

from pydantic import TypeAdapter, ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from app.conversation.protocol.client_messages import (
    ClientMessage,
    InputChoice,
    InputText,
    Ping,
    ResponseCancel,
    Resume,
    SessionEnd,
    SessionStart,
)
from app.conversation.protocol.parts import ClipPart
from app.conversation.protocol.rules import CLOSE_RULES, PATH, SUBPROTOCOL, CloseCode
from app.conversation.protocol.server_messages import (
    AnyServerMessage,
    ErrorMessage,
    InputAccepted,
    ResponseDone,
    ServerMessage,
    SessionCreated,
    SessionResumed,
)
from app.errors import AccessError, GreenroomError, RateLimitedError

_READER: TypeAdapter[ServerMessage] = TypeAdapter(AnyServerMessage)
_FINAL = frozenset({CloseCode.ENDED, CloseCode.NOT_AUTHORISED, CloseCode.TAKEN_OVER, CloseCode.VERSION})
"""Close codes after which the client does not reconnect."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Reconnect policy: the first pause is half a second, each further one twice as long."""

    first_s: float = 0.5
    most_s: float = 30.0
    tries: int = 8

    def pause_s(self, attempt: int) -> float:
        """Return the pause before a try, half of it by chance."""
        full_s = min(self.most_s, self.first_s * 2**attempt)
        return float(full_s * (0.5 + random.random() / 2))


class SessionLostError(GreenroomError):
    """The session is over, and its open questions will not be answered. `close_code` says why."""

    def __init__(self, close_code: int) -> None:
        rule = CLOSE_RULES.get(CloseCode(close_code)) if close_code in set(CloseCode) else None
        super().__init__(f"The session is over ({close_code}: {rule.meaning if rule else 'the connection broke'}).")
        self.close_code = close_code


@dataclass
class ChatClient:
    """Client of one session. Use as an async context manager; ask one question after the other.

    `nodes` are further addresses of the same service, tried in turn when one does not answer.
    """

    base_url: str
    locale: str | None = None
    nodes: tuple[str, ...] = ()
    patience: Backoff = field(default_factory=Backoff)
    session: SessionCreated | SessionResumed | None = field(default=None, init=False)
    last_seq: int = field(default=0, init=False)
    _connection: ClientConnection | None = field(default=None, init=False, repr=False)
    _pending: dict[str, InputText | InputChoice] = field(default_factory=dict, init=False, repr=False)
    """Open questions by their id: sent again after every reconnect."""
    _turns: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    _done: set[str] = field(default_factory=set, init=False, repr=False)
    _heartbeat: asyncio.Task[None] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Number messages from 1."""
        self._ids = count(1)
        self._at = 0

    async def __aenter__(self) -> Self:
        """Open the session."""
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the session."""
        with suppress(ConnectionClosed):
            await self.send(SessionEnd(type="session.end"))
        await self.drop()

    async def connect(self) -> ServerMessage:
        """Open a connection for a new session or the present one; return the server's first answer.

        Raises:
            AccessError, RateLimitedError: the server gives no token.
            SessionLostError: the server does not resume the session.
        """
        await self.drop()
        address = urljoin(self._node, PATH).replace("http", "ws", 1)
        self._connection = await connect(address, subprotocols=[Subprotocol(SUBPROTOCOL)], open_timeout=10)
        await self.send(await self._start())
        first = await self.receive()
        for question in self._pending.values():
            await self.send(question)
        if self.session:
            self._heartbeat = asyncio.create_task(self._keep_alive(self.session.heartbeat_s / 2), name="heartbeat")
        return first

    async def drop(self) -> None:
        """Close the connection without ending the session, which can be resumed."""
        if self._heartbeat:
            self._heartbeat.cancel()
            self._heartbeat = None
        if self._connection:
            await self._connection.close()
            self._connection = None

    def ask(self, text: str) -> AsyncIterator[ServerMessage]:
        """Ask a question; yield every message up to its `response.done`."""
        return self._answered(InputText(type="input.text", id=self._next_id(), text=text))

    def choose(self, intent: str) -> AsyncIterator[ServerMessage]:
        """Pick a chip; yield every message up to its `response.done`."""
        return self._answered(InputChoice(type="input.choice", id=self._next_id(), intent=intent))

    async def stop(self, turn: str) -> None:
        """End a turn's speech and what is being made for it."""
        await self.send(ResponseCancel(type="response.cancel", turn=turn))

    async def erase(self) -> None:
        """Have the server delete the session and all that was said in it.

        Raises:
            AccessError: it is gone already.
        """
        assert self.session  # noqa: S101 - whoever erases has connected
        headers = {"Authorization": f"Bearer {self.session.resume_token}"}
        address = urljoin(self._node, f"/v1/sessions/{self.session.session}")
        await asyncio.to_thread(_fetch, Request(address, method="DELETE", headers=headers))  # noqa: S310
        await self.drop()

    def address_of(self, clip: ClipPart) -> str:
        """Return the URL of a clip's video."""
        return urljoin(self._node, clip.url)

    async def send(self, message: ClientMessage) -> None:
        """Send a message over the present connection."""
        assert self._connection, "connect first"  # noqa: S101
        await self._connection.send(message.model_dump_json(exclude_none=True))

    async def receive(self) -> ServerMessage:
        """Return the next new message; types that this client does not know are skipped.

        Raises:
            SessionLostError: the session cannot be resumed after this close code.
            ConnectionClosed: the connection broke; `connect` resumes.
        """
        assert self._connection, "connect first"  # noqa: S101
        while True:
            try:
                frame = await self._connection.recv(decode=True)
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
                if code in _FINAL or (code == CloseCode.EXPIRED and self._pending):
                    raise SessionLostError(code) from closed
                if code == CloseCode.EXPIRED:
                    self.session, self.last_seq = None, 0
                raise
            message = self._new(str(frame))
            if message:
                return message

    # -- inside --

    def _new(self, frame: str) -> ServerMessage | None:
        try:
            message = _READER.validate_json(frame)
        except ValidationError:
            self.last_seq = max(self.last_seq, int(json.loads(frame).get("seq", 0)))
            return None
        if isinstance(message, SessionCreated | SessionResumed):
            self.session, self.last_seq = message, message.seq
            return message
        if message.seq <= self.last_seq or getattr(message, "turn", None) in self._done:
            return None
        self.last_seq = message.seq
        return message

    async def _answered(self, question: InputText | InputChoice) -> AsyncIterator[ServerMessage]:
        self._pending[question.id] = question
        with suppress(ConnectionClosed):
            await self.send(question)
        try:
            while question.id in self._pending:
                try:
                    message = await self.receive()
                except ConnectionClosed:
                    await self._reconnect()
                    continue
                yield message
                self._note(message, question.id)
        finally:
            self._pending.pop(question.id, None)

    def _note(self, message: ServerMessage, ref: str) -> None:
        """Record which turn a question became, and when it is over."""
        if isinstance(message, InputAccepted):
            self._turns[message.turn] = message.ref
        elif isinstance(message, ResponseDone):
            self._done.add(message.turn)
            self._pending.pop(self._turns.get(message.turn, ref), None)
        elif isinstance(message, ErrorMessage) and message.ref == ref and ref not in self._turns.values():
            self._pending.pop(ref, None)  # refused before it became a turn

    async def _reconnect(self) -> None:
        for attempt in range(self.patience.tries):
            await asyncio.sleep(self.patience.pause_s(attempt))
            try:
                await self.connect()
            except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed):
                self._at += 1
            else:
                return
        raise SessionLostError(1006)

    async def _start(self) -> SessionStart:
        if self.session:
            resume = Resume(
                session=self.session.session, resume_token=self.session.resume_token, last_seq=self.last_seq
            )
            return SessionStart(type="session.start", id=self._next_id(), resume=resume)
        body = json.dumps({"locale": self.locale}).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(urljoin(self._node, "/v1/sessions"), body, headers, method="POST")  # noqa: S310
        answer = await asyncio.to_thread(_fetch, request)
        return SessionStart(
            type="session.start", id=self._next_id(), token=json.loads(answer)["token"], locale=self.locale
        )

    async def _keep_alive(self, every_s: float) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(every_s)
                await self.send(Ping(type="ping"))

    @property
    def _node(self) -> str:
        addresses = (self.base_url, *self.nodes)
        return addresses[self._at % len(addresses)]

    def _next_id(self) -> str:
        return f"c{next(self._ids)}"


def _fetch(request: Request) -> bytes:
    """Return the body of an answer; blocking."""
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310 - the address is the caller's
            body: bytes = answer.read()
            return body
    except OSError as error:
        status = getattr(error, "code", None)
        if status == 429:
            raise RateLimitedError(
                "Cannot open a session: the server gives this address no more now. Try again later."
            ) from error
        if status in {401, 403}:
            raise AccessError(f"Cannot do that with this client: the server answered {status}.") from error
        raise
