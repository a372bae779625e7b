"""Connections that send too much, too slowly, or never read are ended; others go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from websockets.asyncio.client import connect

from app.web.middleware.http_guard import MOST_HEAD_BYTES, MOST_WAITING, GuardedHttp

GET = b"GET / HTTP/1.1\r\nHost: here\r\n"


class Hasty(GuardedHttp):
    """With patience for a test."""

    head_s, body_s, unread_s = 0.3, 0.3, 0.3


class Patient(GuardedHttp):
    """With so much patience that only sizes end a connection."""

    head_s = body_s = unread_s = 3600.0


class Unread(GuardedHttp):
    """With patience for everything but answers that nobody reads, and an event for those."""

    head_s, body_s, unread_s = 3600.0, 3600.0, 0.3
    ended: asyncio.Event

    def _end(self, why: str) -> None:
        super()._end(why)
        if why == "an answer that nobody reads":
            type(self).ended.set()


async def _echo(request: Request) -> Response:
    return PlainTextResponse(f"{len(await request.body())} bytes")


async def _long(_: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4000):
            yield b"x" * 65_536

    return StreamingResponse(pieces())


@asynccontextmanager
async def served(protocol: type[GuardedHttp] = GuardedHttp) -> AsyncIterator[int]:
    routes = [Route("/", _echo, methods=["GET", "POST"]), Route("/long", _long)]
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="critical", http=protocol, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def answer_to(port: int, *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """What comes back until the server ends the connection; nothing for one that was cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(120):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause_s)
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


CLOSE = b"Connection: close\r\n\r\n"


async def test_a_usual_request_is_answered():
    async with served() as port:
        got, posted = await asyncio.gather(
            answer_to(port, GET + CLOSE),
            answer_to(port, b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 40000\r\n" + CLOSE, b"a" * 40_000),
        )

    assert got.endswith(b"0 bytes")
    assert posted.endswith(b"40000 bytes")


async def test_a_head_has_a_size_and_a_time():
    long_head = [f"X-{number}: {'y' * 1000}\r\n".encode() for number in range(MOST_HEAD_BYTES // 1000 + 2)]
    async with served(Patient) as port, served(Hasty) as hasty:
        many, one, slow, silent = await asyncio.gather(
            answer_to(port, GET, *long_head),
            answer_to(port, GET + b"X: ", *[b"z" * 8192] * 6),
            answer_to(hasty, GET, *[b"X-1: 2\r\n"] * 20, pause_s=0.1),
            answer_to(hasty),
        )

    assert (many, one, slow, silent) == (b"", b"", b"", b"")


async def test_a_body_that_never_ends_is_cut_off():
    async with served(Hasty) as port:
        post = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9000\r\n\r\n"

        assert await answer_to(port, post, *[b"a"] * 20, pause_s=0.1) == b""


async def test_an_answer_that_nobody_reads_is_cut_off():
    Unread.ended = asyncio.Event()
    async with served(Unread) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET /long HTTP/1.1\r\nHost: here\r\n\r\n")
        async with asyncio.timeout(120):
            await Unread.ended.wait()
        writer.transport.abort()


async def test_requests_in_a_row_are_answered_and_a_queue_of_them_is_refused():
    async with served() as port:
        few = await answer_to(port, (GET + b"\r\n") * 3 + GET + CLOSE)
        many = await answer_to(port, (GET + b"\r\n") * (MOST_WAITING * 4))

    assert few.count(b"0 bytes") == 4
    assert many.count(b"200 OK") < MOST_WAITING * 4
    assert b"400" in many


@pytest.mark.parametrize("rounds", [3])
async def test_a_kept_connection_is_used_again(rounds):
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(rounds):
            writer.write(GET + b"\r\n")
            assert b"200" in await reader.readuntil(b"bytes")
        writer.close()


async def test_blank_lines_keep_no_connection_open():
    async with served(Hasty) as port:
        assert (await answer_to(port, GET + b"\r\n", b"\r\n", pause_s=0.2)).endswith(b"0 bytes")


async def test_an_answer_that_nobody_reads_is_cut_off_although_the_server_has_said_its_last():
    Unread.ended = asyncio.Event()
    async with served(Unread) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET /long HTTP/1.1\r\nHost: here\r\n" + CLOSE)
        async with asyncio.timeout(120):
            await Unread.ended.wait()
        writer.transport.abort()


async def test_a_socket_outlasts_the_time_for_a_head():
    async def talk(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        heard = await receive()
        await send({"type": "websocket.send", "text": heard["text"]})

    config = uvicorn.Config(talk, port=0, log_level="critical", http=Hasty, ws="websockets-sansio", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    async with connect(f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}") as line:
        await asyncio.sleep(3 * Hasty.head_s)
        await line.send("still here")
        answer = await line.recv()
    server.should_exit = True
    await task

    assert answer == "still here"
