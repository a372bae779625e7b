"""A visitor's socket on our protocol: who waits to be admitted, who does not read, what is left at the end."""

import ast
import asyncio
import inspect
import json

import pytest

from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import ResponseTextDone
from app.web.chat import frame_protocol, line
from app.web.chat.direct_line import DirectLine
from app.web.chat.frame_protocol import FrameProtocol, fitting_protocol, missing
from app.web.visitors import Visitors
from tests.support.chat_client import ChatClient
from tests.support.fake_web import FakeContainer, serving
from tests.support.hub_house import until
from tests.web.test_lines import WEBSOCKETS, kinds


@pytest.fixture
def container() -> FakeContainer:
    return FakeContainer()


@pytest.fixture(params=WEBSOCKETS)
async def url(container, request):
    async with serving(container, ws=WEBSOCKETS[request.param]) as url:
        yield url


@pytest.fixture
def protocols(monkeypatch) -> list[FrameProtocol]:
    """The protocols of the lines that are served directly."""
    taken: list[FrameProtocol] = []
    hand_over = FrameProtocol.hand_over

    def noted(self, feed, writable):
        taken.append(self)
        hand_over(self, feed, writable)

    monkeypatch.setattr(FrameProtocol, "hand_over", noted)
    return taken


def _after(method, told):
    """The method, told of after each call."""

    def wrapped(self):
        method(self)
        told()

    return wrapped


async def test_frames_wait_for_one_that_waits_to_be_admitted(monkeypatch):
    """With counts that other nodes share, somebody has to be asked first: order stays."""
    asked = asyncio.Event()

    async def admit(*_: object) -> None:
        await asked.wait()

    async with serving(FakeContainer()) as url:
        chat = ChatClient(url)
        await chat.connect()
        monkeypatch.setattr(Visitors, "admit_now", lambda *_: False)
        monkeypatch.setattr(Visitors, "admit", admit)
        await chat.send("input.text", id="q1", text="Open?")
        await chat.send("ping")
        await asyncio.sleep(0.05)
        asked.set()
        heard = await chat.receive_until("pong")
        await chat.drop()

    assert kinds(heard)[0] == "input.accepted"


async def test_nothing_is_read_while_a_frame_waits_to_be_admitted(monkeypatch, protocols):
    asked = asyncio.Event()

    async def admit(*_: object) -> None:
        await asked.wait()

    async with serving(FakeContainer()) as url:
        chat = ChatClient(url)
        await chat.connect()
        monkeypatch.setattr(Visitors, "admit_now", lambda *_: False)
        monkeypatch.setattr(Visitors, "admit", admit)
        await chat.send("input.text", id="q1", text="Open?")
        await until(lambda: not protocols[0].transport.is_reading())
        await chat.send("ping")
        asked.set()
        await chat.receive_until("pong")
        reads = protocols[0].transport.is_reading()
        await chat.drop()

    assert reads


async def test_a_line_is_cut_that_sends_too_much_at_once_behind_a_frame_that_waits(monkeypatch, protocols):
    async def admit(*_: object) -> None:
        await asyncio.Event().wait()

    async with serving(FakeContainer()) as url:
        chat = ChatClient(url)
        await chat.connect()
        monkeypatch.setattr(Visitors, "admit_now", lambda *_: False)
        monkeypatch.setattr(Visitors, "admit", admit)
        monkeypatch.setattr(line, "MAX_BACKLOG_BYTES", 1000)
        protocols[0].data_received(b"".join(_masked(at) for at in range(20)))  # what one read of the socket gives
        code = await chat.closed()
        await chat.drop()

    assert code == CloseCode.RATE_LIMITED


def _masked(at: int) -> bytes:
    """The bytes of a client's frame with a question."""
    body = json.dumps({"type": "input.text", "id": f"q{at}", "text": "Open? " * 9}).encode()
    assert len(body) < 126
    return bytes((0x81, 0x80 | len(body), 0, 0, 0, 0)) + body


async def test_what_is_sent_right_before_closing_counts(container, url, monkeypatch):
    """With shared counts too: the page closes while somebody is asked."""
    asked = asyncio.Event()

    async def admit(*_: object) -> None:
        await asked.wait()

    chat = ChatClient(url)
    await chat.connect()
    monkeypatch.setattr(Visitors, "admit_now", lambda *_: False)
    monkeypatch.setattr(Visitors, "admit", admit)
    await chat.send("input.text", id="q1", text="Open?")
    dropped = asyncio.create_task(chat.drop())
    await asyncio.sleep(0.1)
    asked.set()
    await dropped
    await until(lambda: bool(container.decider.asked))

    assert [question for question, _ in container.decider.asked] == ["Open?"]


async def test_a_visitor_who_left_is_not_waited_for_without_limit(container, monkeypatch):
    async def admit(*_: object) -> None:
        await asyncio.Event().wait()

    left = asyncio.Event()
    monkeypatch.setattr(DirectLine, "stop", _after(DirectLine.stop, left.set))
    monkeypatch.setattr(line, "ADMIT_WITHIN_S", 0.05)
    async with serving(container) as url:
        chat = ChatClient(url)
        await chat.connect()
        monkeypatch.setattr(Visitors, "admit_now", lambda *_: False)
        monkeypatch.setattr(Visitors, "admit", admit)
        await chat.send("input.text", id="q1", text="Open?")
        await chat.drop()
        await asyncio.wait_for(left.wait(), 60)

    assert container.decider.asked == []


class NarrowProtocol(FrameProtocol):
    """Protocol that is full after each write, until it is emptied."""

    def __init__(self) -> None:
        """Begin empty."""
        self.writes: list[list[str]] = []
        self.full = False

    @property
    def has_room(self) -> bool:
        return not self.full

    def transmit(self, frames):
        self.writes.append(list(frames))
        self.full = True

    def empty(self, line: DirectLine) -> None:
        self.full = False
        line._flush()


async def test_no_more_is_written_than_there_is_room_for():
    protocol = NarrowProtocol()
    direct = DirectLine(protocol, None, None)
    words = [ResponseTextDone(turn=f"t{number}", text="w" * 30_000) for number in range(5)]
    for message in words:
        direct.send(message)
    await until(lambda: bool(protocol.writes))
    await asyncio.sleep(0)
    written = [len(protocol.writes)]
    for _ in range(3):
        protocol.empty(direct)
        written.append(len(protocol.writes))

    assert written == [1, 2, 3, 3]
    assert [frame for write in protocol.writes for frame in write] == [message.frame for message in words]
    assert max(sum(map(len, write)) for write in protocol.writes) <= 64 * 1024


async def test_who_never_reads_is_dropped_at_the_end(monkeypatch, protocols):
    """Bytes that nobody takes keep no connection open."""
    monkeypatch.setattr(line, "DRAIN_WITHIN_S", 0.05)
    async with serving(FakeContainer()) as url:
        chat = ChatClient(url)
        await chat.connect()
        chat._socket.transport.pause_reading()
        protocols[0].transport.write(bytes(64 * 1024 * 1024))
        assert not protocols[0].has_room

        await chat.send("session.end")
        await until(lambda: protocols[0].disconnected)
        chat._socket.transport.abort()


def test_the_protocol_names_everything_that_it_uses_of_uvicorns():
    (own,) = [node for node in ast.parse(inspect.getsource(FrameProtocol)).body if isinstance(node, ast.ClassDef)]
    of_self = {
        node.attr
        for node in ast.walk(own)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }
    replaced = {name for name in vars(FrameProtocol) if hasattr(FrameProtocol.__base__, name) and name[0] != "_"}

    assert set(frame_protocol._USED) == (of_self - set(vars(FrameProtocol))) | replaced


def test_this_uvicorn_has_what_the_protocol_needs():
    assert missing() == ()
    assert fitting_protocol() is FrameProtocol


def test_another_uvicorn_serves_with_its_own_protocol(caplog):
    class Changed:
        """A protocol that keeps its state elsewhere."""

        def __init__(self) -> None:
            self.queue = self.conn = self.transport = self.loop = None

        def handle_connect(self, event):
            self.scope = event

    assert "writable" in missing(Changed)
    assert not {"queue", "scope", "handle_connect"} & set(missing(Changed))
    assert fitting_protocol(Changed) == "websockets-sansio"
    assert "socket.plain_protocol" in caplog.text
