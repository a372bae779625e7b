"""The reference client against the real socket."""

import asyncio

import pytest

from app.client import Backoff, ChatClient, SessionLostError
from app.conversation.protocol.server_messages import InputAccepted, ResponseClip, ResponseDone, ResponseTextDone
from app.conversation.session_store import MemorySessions
from app.errors import AccessError
from tests.support.fake_web import FakeContainer, serving

QUICK = Backoff(first_s=0.05, most_s=0.2, tries=40)


@pytest.fixture
def container() -> FakeContainer:
    return FakeContainer()


@pytest.fixture
async def url(container):
    async with serving(container) as url:
        yield url


async def heard(messages) -> list:
    return [message async for message in messages]


async def test_a_question_and_a_chip_are_answered(url):
    async with ChatClient(url) as chat:
        asked = await heard(chat.ask("Open?"))
        chosen = await heard(chat.choose("dogs"))

        clips = [message for message in asked if isinstance(message, ResponseClip)]
        assert chat.address_of(clips[0].clip).startswith(f"{url}/clips/")

    assert (asked[-1].outcome, chosen[-1].outcome) == ("answered", "answered")


async def test_a_goodbye_leaves_nothing(url, container):
    async with ChatClient(url) as chat:
        session = chat.session
        await heard(chat.ask("Open?"))
    chat.session = session

    chat._pending["q"] = None
    with pytest.raises(SessionLostError) as lost:
        await chat.connect()

    assert lost.value.close_code == 4004


async def test_a_broken_line_is_taken_up_again_by_itself(url, container):
    container.responder.pieces = ("Words.",)
    chat = ChatClient(url, patience=QUICK)
    await chat.connect()
    messages = []

    async for message in chat.ask("Who built it?"):
        messages.append(message)
        if isinstance(message, ResponseTextDone):
            chat._connection.transport.abort()
            container.film.gate.set()
    await chat.drop()

    assert isinstance(messages[-1], ResponseDone)
    numbers = [message.seq for message in messages if message.type != "session.resumed"]
    assert numbers == sorted(set(numbers))


async def test_a_client_goes_on_at_another_node():
    """The first node stops in order; the visitor's open question is answered by the second one."""
    sessions = MemorySessions()
    first, second = FakeContainer(sessions=sessions), FakeContainer(sessions=sessions)
    first.responder.pieces = second.responder.pieces = ("Words.",)
    second.film.gate.set()
    async with serving(second) as other:
        served = serving(first)
        url = await served.__aenter__()
        chat = ChatClient(url, nodes=(other,), patience=QUICK)
        await chat.connect()
        messages = []
        async for message in chat.ask("Who built it?"):
            messages.append(message)
            if isinstance(message, ResponseTextDone) and not messages_of(messages, "session.resumed"):
                await served.__aexit__(None, None, None)
        await chat.drop()

    numbers = [message.seq for message in messages if message.type != "session.resumed"]
    assert messages[-1].outcome == "generated"
    assert len(messages_of(messages, "input.accepted")) >= 1
    assert numbers == sorted(set(numbers))


def messages_of(messages, kind) -> list:
    return [message for message in messages if message.type == kind]


async def test_a_stop_ends_the_turn(url, container):
    container.responder.pieces = ("Words.",)
    async with ChatClient(url) as chat:
        messages = []
        async for message in chat.ask("Who built it?"):
            messages.append(message)
            if isinstance(message, InputAccepted):
                await chat.stop(message.turn)

    assert messages[-1].outcome == "cancelled"


async def test_a_refused_question_ends_with_its_error(url):
    async with ChatClient(url) as chat:
        messages = await asyncio.wait_for(heard(chat.choose("nowhere")), 60)

    assert messages[-1].code == "intent_not_found"


async def test_a_visitor_erases_what_was_said(url, container):
    chat = ChatClient(url)
    await chat.connect()
    await heard(chat.ask("Open?"))
    async with asyncio.timeout(60):
        while not container.log.turns:  # noqa: ASYNC110  (a fake's state)
            await asyncio.sleep(0.01)

    await chat.erase()

    assert container.log.turns == {}
    with pytest.raises(AccessError):
        await chat.erase()
