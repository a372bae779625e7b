"""What the event stream alone promises: the socket has no such cases."""

import asyncio
import json

import httpx
import pytest

from app.conversation.protocol.rules import CloseCode
from app.web.chat import event_stream
from app.web.chat.line import LineOver, Peer
from tests.support.chat_client import ChatClient
from tests.support.event_client import EventStreamClient
from tests.support.fake_web import FakeContainer, serving


@pytest.fixture
async def url():
    async with serving(FakeContainer()) as url:
        yield url


async def posted(url: str, path: str, body: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        return await http.post(path, content=body, headers=headers)


async def test_nobody_on_the_way_may_keep_or_collect_events(url):
    async with EventStreamClient(url) as chat:
        assert chat.headers["content-type"].startswith("text/event-stream")
        assert chat.headers["cache-control"] == "no-store, no-transform"
        assert chat.headers["x-accel-buffering"] == "no"


async def test_frames_may_come_with_the_first(url):
    chat = EventStreamClient(url)
    await chat.connect({"type": "input.text", "id": "q1", "text": "Open?"})

    heard = await chat.receive_until("response.done")
    await chat.drop()

    assert heard[-1]["outcome"] == "answered"


async def test_several_frames_are_one_post(url):
    async with EventStreamClient(url) as chat:
        frames = [{"type": "input.smell", "id": f"x{number}"} for number in range(3)]
        await chat.send_raw("\n".join(json.dumps(frame) for frame in frames) + "\n\n")
        errors = [await chat.receive() for _ in frames]

    assert chat.posted == 204
    assert [error["ref"] for error in errors] == ["x0", "x1", "x2"]


async def test_frames_for_a_stream_that_is_not_here_are_refused(url):
    async with EventStreamClient(url) as chat:
        gone = chat.line
        allowed = await posted(url, "/v1/chat/messages", '{"type": "ping"}', authorization=f"Bearer {gone}")
    for secret in ("", "Bearer", "Bearer l_none", f"Bearer {gone}x"):
        answer = await posted(url, "/v1/chat/messages", '{"type": "ping"}', authorization=secret)
        assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")

    assert allowed.status_code == 204


async def test_a_page_that_is_not_allowed_gets_no_events_and_posts_nothing(url):
    token = await asyncio.to_thread(ChatClient(url)._token)
    chat = EventStreamClient(url)
    chat.open(json.dumps({"type": "session.start", "id": "c", "token": token}), origin="https://evil.example")
    code = await chat.closed()
    await chat.drop()

    async with EventStreamClient(url) as ours:
        secret = f"Bearer {ours.line}"
        answer = await posted(
            url, "/v1/chat/messages", '{"type": "ping"}', authorization=secret, origin="https://evil.example"
        )

    assert code == 4001
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")


@pytest.mark.parametrize("path", ["/v1/chat/events", "/v1/chat/messages"])
async def test_a_page_elsewhere_may_post(url, path):
    headers = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        answer = await http.options(path, headers=headers)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-headers"] == "content-type, authorization"


@pytest.mark.parametrize("chunked", [True, False])
async def test_too_long_a_body_opens_nothing(url, chunked):
    async def pieces():
        for _ in range(80):
            yield b"x" * 1024

    body = pieces() if chunked else b"x" * 81920
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        answer = await http.post("/v1/chat/events", content=body)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def start_for(url: str) -> str:
    token = await asyncio.to_thread(ChatClient(url)._token)
    return json.dumps({"type": "session.start", "id": "c", "token": token})


async def test_carried_frames_that_fail_end_the_line(url, monkeypatch):
    """The visitor must not believe that they are on their way."""

    async def fails(*_: object) -> None:
        raise ValueError("the catalog is gone")

    monkeypatch.setattr(Peer, "take", fails)
    chat = EventStreamClient(url)
    chat.open(await start_for(url) + '\n{"type": "input.text", "id": "q1", "text": "Open?"}')

    assert await chat.closed() == CloseCode.INTERNAL
    await chat.drop()


async def test_carried_frames_are_taken_before_posted_ones(url, monkeypatch):
    """A post is possible only when those that came with the start are in, however long they take."""
    taken, at_work, go_on = [], asyncio.Event(), asyncio.Event()
    whole = Peer.take

    async def slow(self, frame, state, driver):
        if not taken:
            at_work.set()
            await go_on.wait()
        taken.append(json.loads(frame)["id"])
        await whole(self, frame, state, driver)

    monkeypatch.setattr(Peer, "take", slow)
    chat = EventStreamClient(url)
    chat.open(await start_for(url) + '\n{"type": "ping", "id": "p1"}\n{"type": "ping", "id": "p2"}')
    await at_work.wait()
    line_before = chat.line
    go_on.set()
    await chat.receive_until("pong")
    await chat.send("ping", id="p3")
    await chat.receive_until("pong")
    await chat.receive_until("pong")
    await chat.drop()

    assert line_before == ""
    assert taken == ["p1", "p2", "p3"]


async def code_while_its_body_is_on_its_way(url: str) -> int:
    """Begin a post whose body never comes; the close code of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rsplit(":", 1)[1]))
    writer.write(b"POST /v1/chat/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\n")
    async with asyncio.timeout(60):
        await reader.readuntil(b"event: close")
        row = await reader.readuntil(b"}")
    writer.close()
    return int(json.loads(row[row.index(b"{") :])["code"])


async def test_who_may_not_connect_is_not_read(url, monkeypatch):
    async def refuses(*_: object) -> None:
        raise LineOver(CloseCode.RATE_LIMITED)

    monkeypatch.setattr(event_stream, "knock", refuses)

    assert await code_while_its_body_is_on_its_way(url) == CloseCode.RATE_LIMITED


async def test_a_late_start_is_refused(url, monkeypatch):
    monkeypatch.setattr(event_stream, "START_WITHIN_S", 0.01)

    assert await code_while_its_body_is_on_its_way(url) == CloseCode.NOT_AUTHORISED


@pytest.mark.parametrize("body", ["", "\n \n"])
async def test_a_stream_without_a_start_is_refused(url, body):
    chat = EventStreamClient(url)
    chat.open(body)

    assert await chat.closed() == CloseCode.NOT_AUTHORISED
    await chat.drop()
