"""The socket through a real server: the protocol as a foreign client meets it."""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.conversation.fakes import FakeResponder
from app.runtime.wiring.logging import set_up_logging
from app.web.chat import socket
from tests.support.chat_client import SUBPROTOCOL, ChatClient
from tests.support.fake_web import FakeContainer, serving
from tests.support.in_process import logging_kept


@pytest.fixture
def container() -> FakeContainer:
    return FakeContainer()


@pytest.fixture
async def url(container):
    async with serving(container) as url:
        yield url


async def fetched(url: str, method: str = "GET", **headers: str) -> str:
    """The body of an HTTP answer, fetched in a thread: the server shares this loop."""
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310
    with await asyncio.to_thread(urllib.request.urlopen, request, timeout=60) as answer:
        return answer.read().decode()


async def a_token(url: str, **headers: str) -> str:
    return json.loads(await fetched(url + "/v1/sessions", "POST", **headers))["token"]


async def code_after(url: str, *frames: str | bytes, subprotocols=(SUBPROTOCOL,), origin=None) -> int:
    """Connect, send frames, wait for the end."""
    address = url.replace("http", "ws", 1) + "/v1/chat"
    async with asyncio.timeout(60), connect(address, subprotocols=subprotocols or None, origin=origin) as line:
        for frame in frames:
            await line.send(frame)
        try:
            while True:
                await line.recv()
        except ConnectionClosed:
            return line.close_code or 0


async def test_lines_of_a_chat_have_the_beginning_of_its_session_s_id(container, url, capsys):
    container.decider.broken = True
    with logging_kept():
        set_up_logging(format_="json", level="info")
        async with ChatClient(url) as chat:
            await chat.ask("Open?")
            session, token = chat.session["session"], chat.session["resume_token"]

    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert {line["session"] for line in lines if line["event"] == "conversation.work_failed"} == {session[:10]}
    assert session not in written
    assert token not in written


def start(token: str = "", **more) -> str:  # noqa: ANN003
    return json.dumps({"type": "session.start", "id": "c0", "token": token, **more})


def kinds(messages) -> list[str]:
    return [message["type"] for message in messages]


async def test_a_miss_is_filmed_and_arrives_on_the_same_socket(url, container):
    container.responder.pieces = ("It was ", "built in 1911.")
    container.film.gate.set()
    async with ChatClient(url) as chat:
        heard = await chat.ask("Who built it?")

    clips = [message for message in heard if message["type"] == "response.clip"]
    assert [(clip["role"], clip["source"]) for clip in clips] == [("holding", "cache"), ("answer", "generated")]
    assert heard[-1]["outcome"] == "generated"


@pytest.mark.parametrize("subprotocols", [(), ("greenroom.v2",), ("avatar.v1", "chat")])
async def test_another_version_is_closed_with_its_code(url, subprotocols):
    assert await code_after(url, subprotocols=subprotocols) == 4006


async def test_ours_is_found_among_several(url):
    token = await a_token(url)
    address = url.replace("http", "ws", 1) + "/v1/chat"

    async with connect(address, subprotocols=["greenroom.v2", SUBPROTOCOL]) as line:
        await line.send(start(token))
        created = json.loads(await line.recv())

    assert line.subprotocol == SUBPROTOCOL
    assert created["type"] == "session.created"


@pytest.mark.parametrize("token", ["", "x", "a.b", "é.é", "x" * 1024, "e30." + "A" * 43])
async def test_no_token_no_session(url, token):
    assert await code_after(url, start(token)) == 4001


async def test_a_token_opens_one_session(url):
    token = await a_token(url)
    async with connect(url.replace("http", "ws", 1) + "/v1/chat", subprotocols=[SUBPROTOCOL]) as line:
        await line.send(start(token))
        await line.recv()

        again = await code_after(url, start(token))

    assert again == 4001


async def test_a_token_expires(url, container):
    token = await a_token(url)
    container.clock.elapsed_s += 61

    assert await code_after(url, start(token)) == 4001


async def test_a_page_that_is_not_allowed_is_closed(url):
    assert await code_after(url, start(await a_token(url)), origin="https://evil.example") == 4001


async def test_a_token_is_bound_to_its_page(url):
    token = await a_token(url, origin=url)

    assert await code_after(url, start(token)) == 4001


async def test_a_session_that_nobody_knows_is_expired(url):
    resume = {"session": "s_none", "resume_token": "r_none", "last_seq": 3}

    assert await code_after(url, start(resume=resume)) == 4004


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("hello", 4009),
        (b"\x00\x01", 4009),
        ('{"type": "input.text", "id": "1", "text": "Hi"}', 4001),
        ("x" * 16385, 4009),
    ],
)
async def test_the_first_frame_must_start_a_session(url, frame, code):
    assert await code_after(url, frame) == code


async def test_the_first_frame_is_due_soon(url, monkeypatch):
    monkeypatch.setattr(socket, "START_WITHIN_S", 0.05)

    assert await code_after(url) == 4001


async def test_an_unknown_message_is_an_error_and_the_line_stays(url):
    async with ChatClient(url) as chat:
        for _ in range(10):
            await chat.send("input.smell", id="x1")
        errors = [await chat.receive() for _ in range(10)]
        heard = await chat.ask("Open?")

    assert {(error["code"], error["ref"]) for error in errors} == {("message_unknown", "x1")}
    assert heard[-1]["outcome"] == "answered"


async def test_a_wrong_message_is_an_error_that_names_it(url):
    async with ChatClient(url) as chat:
        await chat.send("input.text", id="q9", text="x" * 2001)
        error = await chat.receive()

    assert (error["code"], error["ref"], error["retryable"]) == ("message_invalid", "q9", False)


async def test_sessions_are_counted(url):
    async with ChatClient(url) as chat:
        await chat.ask("Open?")
        text = await fetched(url + "/metrics")

    assert "greenroom_sessions 1.0" in text
    assert 'greenroom_questions_total{outcome="answered"} 1.0' in text


async def test_the_oldest_wait_is_told_until_the_answer_begins(url, container):
    asked, gate = asyncio.Event(), asyncio.Event()

    class Slow(FakeResponder):
        async def respond(self, *_: object, **__: object) -> AsyncIterator[str]:
            asked.set()
            await gate.wait()
            yield "Perhaps."

    container.responder = Slow()
    container.film.gate.set()
    async with ChatClient(url) as chat, ChatClient(url) as other:
        asking = asyncio.create_task(chat.ask("Unicorns?"))
        await asked.wait()
        container.clock.elapsed_s += 7.0
        await other.ask("Open?")
        waiting = await fetched(url + "/metrics")
        gate.set()
        await asking
        done = await fetched(url + "/metrics")

    assert "greenroom_waiter_age_seconds 7.0" in waiting
    assert "greenroom_waiter_age_seconds 0.0" in done


async def test_ten_visitors_at_once_are_answered_each(url):
    async def visit() -> str:
        async with ChatClient(url) as chat:
            return (await chat.ask("Open?"))[-1]["outcome"]

    assert await asyncio.gather(*(visit() for _ in range(10))) == ["answered"] * 10
