"""What both ways to a visitor promise, the socket and the event stream, through a real server."""

import asyncio
import json

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.conversation.session_limits import SessionConfig
from app.web.chat import line
from app.web.chat.frame_protocol import FrameProtocol
from tests.support.chat_client import ChatClient
from tests.support.event_client import EventStreamClient
from tests.support.fake_web import FakeContainer, serving

KINDS = {"socket": ChatClient, "events": EventStreamClient}

WEBSOCKETS = {"greenroom's": FrameProtocol, "uvicorn's": "websockets-sansio"}
"""What a socket stands on: ours in production, uvicorn's where somebody else serves the app."""


@pytest.fixture(params=KINDS)
def client(request):
    return KINDS[request.param]


@pytest.fixture(params=KINDS)
def other(request):
    return KINDS[request.param]


@pytest.fixture
def container() -> FakeContainer:
    return FakeContainer()


@pytest.fixture(params=WEBSOCKETS)
async def url(container, request):
    async with serving(container, ws=WEBSOCKETS[request.param]) as url:
        yield url


def kinds(messages) -> list[str]:
    return [message["type"] for message in messages]


async def code_after(client, url: str, frame: str) -> int:
    """Connect with this first frame; the close code."""
    chat = client(url)
    if isinstance(chat, EventStreamClient):
        chat.open(frame)
        code = await chat.closed()
        await chat.drop()
        return code
    async with connect(url.replace("http", "ws", 1) + "/v1/chat", subprotocols=["greenroom.v1"]) as socket:
        await socket.send(frame)
        await socket.wait_closed()
        return socket.close_code or 0


async def test_a_question_is_answered(client, url):
    async with client(url) as chat:
        heard = await chat.ask("Open?")
        await chat.receive_until("clip.prefetch")

    assert kinds(heard) == ["input.accepted", "state", "response.clip", "state", "response.choices", "response.done"]
    assert [message["seq"] for message in chat.received] == list(range(1, len(chat.received) + 1))


async def test_a_session_goes_on_over_either_way(client, other, url, container):
    """What happened between the two is heard once, and a question asked twice is answered once."""
    container.responder.pieces = ("Words.",)
    first = client(url)
    await first.connect()
    await first.send("input.text", id="q1", text="Who?")
    await first.receive_until("response.text.done")
    await first.drop()

    container.film.gate.set()
    second = other(url)
    second.session, second._last_seq = first.session, first._last_seq
    resumed = await second.connect()
    rest = await second.receive_until("response.done")
    await second.send("input.text", id="q1", text="Who?")
    await second.send("ping")
    after = await second.receive_until("pong")
    await second.drop()

    assert resumed["type"] == "session.resumed"
    assert resumed["resume_token"] != first.session["resume_token"]
    assert kinds(rest) == ["response.clip", "state", "response.done"]
    assert kinds(after)[:-1] == ["input.accepted"]
    heard = [message for chat in (first, second) for message in chat.received]
    numbers = [message["seq"] for message in heard if message["type"] not in {"session.resumed", "input.accepted"}]
    assert len(set(numbers)) == len(numbers)


async def test_another_tab_takes_over(client, other, url):
    first, second = client(url), other(url)
    await first.connect()
    second.session = first.session

    await second.connect()

    assert await first.closed() == 4005
    assert kinds(await second.ask("Open?"))[-1] == "response.done"
    for chat in (first, second):
        await chat.drop()


async def test_goodbye_closes_and_leaves_nothing_to_resume(client, url):
    chat = client(url)
    await chat.connect()

    await chat.send("session.end")

    assert await chat.closed() == 1000
    await chat.drop()
    resume = {name: chat.session[name] for name in ("session", "resume_token")} | {"last_seq": 1}
    assert await code_after(client, url, json.dumps({"type": "session.start", "id": "c", "resume": resume})) == 4004


async def test_erasing_closes_and_leaves_nothing_to_resume(client, url):
    chat = client(url)
    await chat.connect()
    await chat.ask("Open?")
    token = {"authorization": f"Bearer {chat.session['resume_token']}"}

    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        erased = await http.delete(f"/v1/sessions/{chat.session['session']}", headers=token)

    assert erased.status_code == 200
    assert await chat.closed() == 1000
    await chat.drop()
    resume = {name: chat.session[name] for name in ("session", "resume_token")} | {"last_seq": 1}
    assert await code_after(client, url, json.dumps({"type": "session.start", "id": "c", "resume": resume})) == 4004


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("hello", 4009),
        ('{"type": "input.text", "id": "1", "text": "Hi"}', 4001),
        ('{"type": "session.start", "id": "1", "token": "no"}', 4001),
        ("x" * 16385, 4009),
    ],
)
async def test_the_first_frame_must_start_a_session(client, url, frame, code):
    assert await code_after(client, url, frame) == code


async def test_no_seat_no_session(client, url, monkeypatch):
    monkeypatch.setattr("app.conversation.hub.MAX_SESSIONS", 0)
    token = await asyncio.to_thread(ChatClient(url)._token)

    assert await code_after(client, url, json.dumps({"type": "session.start", "id": "c", "token": token})) == 1013


async def test_nonsense_again_and_again_closes_the_line(client, url):
    chat = client(url)
    await chat.connect()

    for _ in range(line.MAX_MISTAKES):
        await chat.send_raw("{")

    assert await chat.closed() == 4009
    await chat.drop()


async def test_a_frame_that_is_too_large_closes_the_line(client, url):
    chat = client(url)
    await chat.connect()

    await chat.send_raw(json.dumps({"type": "ping", "pad": "x" * 16384}))

    assert await chat.closed() == 4009
    await chat.drop()


async def test_a_flood_is_cut(client, url, monkeypatch):
    monkeypatch.setattr(line, "FRAMES_BURST", 20)
    chat = client(url)
    await chat.connect()

    for _ in range(30):
        try:
            await chat.send("ack", seq=0)
        except ConnectionClosed:
            break

    assert await chat.closed() == 4008
    await chat.drop()


async def test_silence_is_cut_and_can_be_resumed(client):
    async with serving(FakeContainer(config=SessionConfig(heartbeat_s=0.05))) as url:
        chat = client(url)
        await chat.connect()

        code = await chat.closed()
        await chat.drop()
        resumed = await chat.connect()
        await chat.drop()

    assert code == 4007
    assert resumed["type"] == "session.resumed"


async def test_a_slow_reader_is_cut_and_catches_up(client, url, monkeypatch):
    chat = client(url)
    await chat.connect()
    monkeypatch.setattr(line, "MAX_WAITING_BYTES", 400)

    await chat.send("input.text", id="q1", text="Open?")
    code = await chat.closed()
    monkeypatch.undo()
    await chat.drop()
    await chat.connect()
    heard = await chat.receive_until("response.done")
    await chat.drop()

    assert code == 1013
    assert heard[-1]["outcome"] == "answered"


async def test_a_line_without_room_is_cut_after_a_while(monkeypatch):
    async with serving(FakeContainer()) as url:
        chat = ChatClient(url)
        await chat.connect()
        monkeypatch.setattr(line, "SEND_WITHIN_S", 0.05)
        monkeypatch.setattr(FrameProtocol, "has_room", False)

        await chat.send("input.text", id="q1", text="Open?")
        code = await chat.closed()
        monkeypatch.undo()
        await chat.drop()
        await chat.connect()
        heard = await chat.receive_until("response.done")
        await chat.drop()

    assert (code, heard[-1]["outcome"]) == (1013, "answered")


async def test_a_restart_says_so(client):
    async with serving(FakeContainer()) as url:
        chat = client(url)
        await chat.connect()

    assert await chat.closed() == 1012
    await chat.drop()
