"""Offers of a chat model whose server does not keep the order of the fields."""

import json

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.adapters.http.endpoint import Access
from app.adapters.responders.chat import ChatResponder
from app.conversation.ports import NamedIntent
from tests.adapters.responders.test_chat import SOURCES, Library
from tests.support.accounts import an_account
from tests.support.proxies import served_in_thread

OFFERS = {"order-status": "Where is my order?"}


async def said(*pieces: str) -> list[str]:
    """Ask a server that streams these pieces; what the responder yields."""

    async def answer(_request):
        events = [json.dumps({"choices": [{"delta": {"content": piece}}]}) for piece in pieces]
        return PlainTextResponse("".join(f"data: {event}\n\n" for event in [*events, "[DONE]"]))

    with served_in_thread(Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])) as port:
        access = Access("key", base_url=f"http://127.0.0.1:{port}")
        responder = ChatResponder(access, Library(*SOURCES), an_account(), offers=OFFERS)
        found = [one async for one in responder.respond("Who built the mill?", locale="en")]
        await responder.aclose()
    return found


async def test_an_offer_after_the_first_sentence_is_left_out_and_the_rest_is_said() -> None:
    found = await said(
        '{"refuse": false, "answer": "It ground rye. A storm took ', 'its sails in 1901.", "offer": "order-status"}'
    )

    assert found == ["It ground rye. ", "A storm took its sails in 1901. "]
    assert not any(isinstance(one, NamedIntent) for one in found)


@pytest.mark.parametrize("words", ["", "Bananas sing loudly. And"])
async def test_an_offer_after_no_supported_sentence_counts(words: str) -> None:
    found = await said('{"refuse": false, "answer": "' + words, '", "offer": "order-status"}')

    assert found == ["order-status"]
    assert isinstance(found[0], NamedIntent)
