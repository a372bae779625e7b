"""Conversations through a real server, by clients written from the documentation alone."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.journeys.probes import fetch, kinds, of
from tests.support.chat_client import ChatClient

FILM_S = 120
"""The longest that filming one answer on a busy machine may take here."""


# -- a client from the documented protocol alone -----------------------------------------------------------------------


class PlainClient:
    """The page, read once: a socket, JSON, nothing of ours."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line

    async def say(self, **message: object) -> None:
        await self.line.send(json.dumps(message))

    async def hear(self, kind: str) -> list[dict]:
        heard: list[dict] = []
        async with asyncio.timeout(60):
            while not heard or heard[-1]["type"] != kind:
                heard.append(json.loads(await self.line.recv()))
        return heard


@pytest.fixture
async def plain(live_server) -> AsyncIterator[tuple[PlainClient, dict]]:
    """A client in its session, and `session.created`."""
    kind = {"content-type": "application/json"}
    _, _, body = await asyncio.to_thread(fetch, live_server + "/v1/sessions", "POST", b"{}", **kind)
    address = live_server.replace("http", "ws") + "/v1/chat"
    async with connect(address, subprotocols=["greenroom.v1"]) as line:  # type: ignore[list-item]
        client = PlainClient(line)
        await client.say(type="session.start", id="a1", token=json.loads(body)["token"], locale="en-GB")
        (created,) = await client.hear("session.created")
        yield client, created


async def test_a_session_begins_with_what_the_page_promises(plain):
    _, created = plain

    assert created["seq"] == 1
    assert created["avatar"]["disclosure"] == "Mira is an AI-generated presenter."
    assert created["avatar"]["idle"]["url"].startswith("/clips/")
    assert created["greeting"]["text"] == "Hello and welcome."
    assert created["choices"]
    assert created["limits"]["text_chars"] == 2000


async def test_a_question_gets_its_clip_with_captions_card_and_chips(plain):
    client, _ = plain

    await client.say(type="input.text", id="a2", text="When are you open?", unknown_field=1)
    answered = await client.hear("response.done")

    (message,) = of(answered, "response.clip")
    clip = message["clip"]
    assert (message["role"], message["source"], message["intent"]) == ("answer", "cache", "opening-hours")
    assert "from ten to six" in message["text"]
    assert message["card"]["title"] == "Opening hours"
    assert " ".join(caption["text"] for caption in clip["captions"]).split() == message["text"].split()
    assert all(caption["start_s"] < caption["end_s"] <= clip["duration_s"] + 0.1 for caption in clip["captions"])
    assert [choice["intent"] for choice in of(answered, "response.choices")[0]["choices"]] == ["tickets"]
    assert answered[-1]["outcome"] == "answered"
    assert not re.search("score|probability|receipt", json.dumps(answered))


async def test_a_chip_goes_straight_to_its_answer(plain):
    client, _ = plain

    await client.say(type="input.choice", id="a3", intent="tickets")

    assert of(await client.hear("response.done"), "response.clip")[0]["intent"] == "tickets"


async def test_a_film_that_is_waited_for_can_be_cancelled(plain):
    client, _ = plain
    await client.say(type="input.text", id="a4", text="Did it begin as a sailmaker's shed?")
    heard = await client.hear("response.text.done")

    await client.say(type="response.cancel", turn=heard[0]["turn"])

    assert (await client.hear("response.done"))[-1]["outcome"] == "cancelled"


async def test_a_goodbye_closes_the_connection(plain):
    client, _ = plain

    await client.say(type="session.end")
    await asyncio.wait_for(client.line.wait_closed(), 60)

    assert client.line.close_code == 1000


async def test_a_lost_connection_is_resumed_without_loss_or_repetition(live_server):
    client = ChatClient(live_server)
    await client.connect()
    await client.send("input.text", id="q1", text="When are you open?")
    await client.receive_until("input.accepted")
    await client.drop()
    await asyncio.sleep(0.3)  # the answer is given to nobody

    await client.connect()
    if "response.done" not in kinds(client.received):
        await client.receive_until("response.done")

    seqs = [message["seq"] for message in client.received if message["type"] != "session.resumed"]
    assert len(set(seqs)) == len(seqs)
    assert sorted(seqs) == list(range(1, len(seqs) + 1))
    assert of(client.received, "response.done")[-1]["outcome"] == "answered"
    await client.drop()


# -- misses ------------------------------------------------------------------------------------------------------------


async def test_ten_visitors_with_one_unanswered_question_are_one_film_on_their_own_sockets(live_server, warmed_site):
    clients = [ChatClient(live_server) for _ in range(10)]
    await asyncio.gather(*(client.connect() for client in clients))

    async def whole(client: ChatClient) -> list[dict]:
        await client.send("input.text", id="q1", text="Which flood closed the museum for two years?")
        return await client.receive_until("response.done", within_s=FILM_S)

    heard = await asyncio.gather(*(whole(client) for client in clients))

    films = {
        clip["clip"]["digest"] for one in heard for clip in of(one, "response.clip") if clip["source"] == "generated"
    }
    assert len(films) == 1
    for one in heard:
        roles = [(clip["role"], clip["source"]) for clip in of(one, "response.clip")]
        assert roles == [("holding", "cache"), ("answer", "generated")]
        assert "flood" in of(one, "response.text.done")[0]["text"]
        assert one[-1]["outcome"] == "generated"
    listed = json.loads(warmed_site.run("renders", "--json").stdout)["renders"]
    words = [render["labels"]["text"] for render in listed if render["labels"].get("generated")]
    assert sum("flood" in text for text in words) == 1
    await asyncio.gather(*(client.drop() for client in clients))


async def test_a_question_off_the_topic_gets_the_honest_clip_and_is_written_down(live_server, warmed_site):
    async with ChatClient(live_server) as client:
        heard = await client.ask("Who won the cricket match in Lahore yesterday evening?")

    (clip,) = of(heard, "response.clip")
    assert clip["source"] == "cache"
    assert clip["text"] == "I do not know that one."
    assert heard[-1]["outcome"] == "missed"
    turn = heard[-1]["turn"]
    told = json.loads(warmed_site.run("explain", turn, "--json").stdout)
    assert told["outcome"] == "missed"
    missed = json.loads(warmed_site.run("misses", "--json").stdout)["misses"]
    assert any("cricket" in miss["question"] for miss in missed)
