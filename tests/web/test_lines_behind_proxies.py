"""Events pass real proxies one by one, as they are sent: nginx with the guide's lines, Caddy with its own."""

import asyncio
from contextlib import ExitStack

import pytest

from tests.support.event_client import EventStreamClient
from tests.support.fake_web import FakeContainer, serving
from tests.support.proxies import running


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
async def test_an_answer_comes_piece_by_piece_through_a_proxy(proxy, tmp_path):
    """Words arrive while the clip is still held back: a proxy that collected the answer would show nothing."""
    container = FakeContainer()
    container.responder.pieces = ("Words.",)
    async with serving(container) as url:
        with ExitStack() as stack:
            port = await asyncio.to_thread(stack.enter_context, running(proxy, tmp_path, int(url.rpartition(":")[2])))
            chat = EventStreamClient(f"http://127.0.0.1:{port}")
            await chat.connect()
            await chat.send("input.text", id="q1", text="Who?")
            words = await chat.receive_until("response.text.done")
            container.film.gate.set()
            rest = await chat.receive_until("response.done")
            await chat.send("session.end")
            code = await chat.closed()
            await chat.drop()

    assert words[-1]["text"] == "Words."
    assert rest[-1]["outcome"] == "generated"
    assert code == 1000
