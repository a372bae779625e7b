"""Two `greenroom serve` processes on one PostgreSQL: a visitor goes from one to the other."""

import pytest

from tests.support.chat_client import ChatClient


@pytest.fixture(scope="module")
def shared(warmed_site, postgres):
    """The site, and the address of a server for its state."""
    return warmed_site, postgres


def numbers(chat: ChatClient) -> list[int]:
    return [message["seq"] for message in chat.received if message["type"] != "session.resumed"]


@pytest.mark.long
async def test_a_visitor_of_a_killed_node_goes_on_at_another_one(shared):
    site, server = shared
    url = await server.empty_database()
    with site.node(GREENROOM_DATABASE_URL=url) as first, site.node(GREENROOM_DATABASE_URL=url) as second:
        chat = ChatClient(first.address)
        await chat.connect()
        await chat.ask("When are you open?")
        await chat.send("input.text", id="new", text="When did the museum open, in which year?")
        await chat.receive_until("response.text.done", 60)

        first.kill()
        chat.base_url = second.address
        resumed = await chat.connect()
        rest = await chat.receive_until("response.done", 120)
        again = await chat.ask("When are you open?")
        await chat.drop()

    assert resumed["type"] == "session.resumed"
    assert [message["role"] for message in rest if message["type"] == "response.clip"] in (
        ["answer"],
        ["holding", "answer"],
    )
    assert rest[-1]["outcome"] == "generated"
    assert again[-1]["outcome"] == "answered"
    assert numbers(chat) == list(range(1, len(numbers(chat)) + 1))
    assert len({message["turn"] for message in chat.received if message["type"] == "response.done"}) == 3
