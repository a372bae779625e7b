"""Sessions that go from one node to another: two hubs over one store of sessions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from app.conversation.fakes import (
    FakeClipRequester,
    FakeClock,
    FakeConnection,
    FakeDecider,
    FakeMeter,
    FakeResponder,
    FakeTurnLog,
)
from app.conversation.hub import Hub
from app.conversation.ports import Services
from app.conversation.protocol.client_messages import InputText, Resume
from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import ResponseClip, ResponseDone, SessionCreated, SessionResumed
from app.conversation.script import Script, ServedRelease
from app.conversation.session_limits import SessionConfig
from app.conversation.session_store import MemorySessions
from app.errors import StateUnavailableError
from tests.support.session_world import a_catalog, all_clips


@dataclass
class Nodes:
    """Nodes that share sessions, clips and a film studio."""

    sessions: MemorySessions = field(default_factory=MemorySessions)
    film: FakeClipRequester = field(default_factory=FakeClipRequester)
    log: FakeTurnLog = field(default_factory=FakeTurnLog)
    clock: FakeClock = field(default_factory=FakeClock)
    responder: FakeResponder = field(default_factory=lambda: FakeResponder(("It was built ", "in 1911.")))
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def node(self) -> Hub:
        decider = FakeDecider({"Open?": "hours", "Dogs?": "dogs"})
        services = Services(decider, all_clips(a_catalog()), self.responder, self.film, self.log, self.sessions)
        hub = Hub(
            lambda: ServedRelease(lambda: Script(a_catalog()), services),
            clock=self.clock,
            meter=FakeMeter(),
            config=SessionConfig(),
        )
        return await self.stack.enter_async_context(hub)

    async def die(self, hub: Hub) -> None:
        """Stop without a word, as a killed process does: what was not written is lost."""
        for routine in hub._routines:
            routine.cancel()
        for live in hub._sessions.values():
            live.driver.changed = lambda: None
            live.driver.part(CloseCode.GOING_AWAY)
        hub._sessions.clear()


@pytest.fixture
async def nodes() -> AsyncIterator[Nodes]:
    nodes = Nodes()
    async with nodes.stack:
        yield nodes


async def until(true) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110  (what is waited for is a fake's state)
            await asyncio.sleep(0.002)


def asked(text: str, ref: str = "q1") -> InputText:
    return InputText(type="input.text", id=ref, text=text)


def resume_of(line: FakeConnection) -> Resume:
    begun = [message for message in line.sent if isinstance(message, SessionCreated | SessionResumed)][-1]
    return Resume(session=begun.session, resume_token=begun.resume_token, last_seq=line.sent[-1].seq)


def numbers(*lines: FakeConnection) -> list[int]:
    return [m.seq for line in lines for m in line.sent if not isinstance(m, SessionResumed)]


def outcomes(*lines: FakeConnection) -> list[str]:
    return [m.outcome for line in lines for m in line.sent if isinstance(m, ResponseDone)]


async def test_a_film_that_a_dead_node_was_waiting_for_is_delivered_by_the_next_one(nodes):
    first, second = await nodes.node(), await nodes.node()
    line, later = FakeConnection(), FakeConnection()
    driver = await first.open(line, locale=None)
    driver.receive(asked("Who built it?"))
    await until(lambda: bool(nodes.film.filmed))
    await first._writer.flush()
    await nodes.die(first)

    await second.resume(later, resume_of(line))
    nodes.film.gate.set()
    await until(lambda: bool(outcomes(later)))

    assert outcomes(line, later) == ["generated"]
    assert numbers(line, later) == list(range(1, len(numbers(line, later)) + 1))
    assert nodes.film.filmed == {"It was built in 1911.": 2}


async def test_what_was_made_while_away_is_there_on_another_node(nodes):
    first, second = await nodes.node(), await nodes.node()
    line, later = FakeConnection(), FakeConnection()
    driver = await first.open(line, locale=None)
    driver.receive(asked("Who built it?"))
    await until(lambda: bool(nodes.film.filmed))
    first.leave(driver, line)

    nodes.film.gate.set()
    await until(lambda: bool(nodes.log.turns))
    await first._writer.flush()
    await second.resume(later, resume_of(line))

    assert later.types == ["session.resumed", "response.clip", "state", "response.done"]
    assert numbers(line, later) == list(range(1, len(numbers(line, later)) + 1))


async def test_the_node_before_closes_its_line_when_the_session_went_on_elsewhere(nodes):
    first, second = await nodes.node(), await nodes.node()
    line, later = FakeConnection(), FakeConnection()
    driver = await first.open(line, locale=None)
    await first._writer.flush()

    await second.resume(later, resume_of(line))
    driver.receive(asked("Open?"))
    await first._writer.flush()

    assert line.closed == CloseCode.TAKEN_OVER
    assert first.live == 0


async def test_a_session_moves_there_and_back(nodes):
    first, second = await nodes.node(), await nodes.node()
    lines = [FakeConnection(), FakeConnection(), FakeConnection()]
    driver = await first.open(lines[0], locale="de")
    driver.receive(asked("Open?"))
    await until(lambda: "clip.prefetch" in lines[0].types)
    await first._writer.flush()

    driver = await second.resume(lines[1], resume_of(lines[0]))
    driver.receive(asked("Open?", "q2"))
    await until(lambda: "clip.prefetch" in lines[1].types)
    await second._writer.flush()
    driver = await first.resume(lines[2], resume_of(lines[1]))
    driver.receive(asked("Open?", "q2"))
    driver.receive(asked("Open?", "q3"))
    await until(lambda: "clip.prefetch" in lines[2].types)

    clips = [m.text for line in lines for m in line.sent if isinstance(m, ResponseClip)]
    again = [m for m in lines[2].sent if m.type == "input.accepted"]
    assert outcomes(*lines) == ["answered"] * 3
    assert clips[0] == clips[2] != clips[1]
    assert [m.ref for m in again] == ["q2", "q3"]
    assert again[1].repeats == 2


async def test_a_server_that_stops_in_order_leaves_open_turns_to_the_next(nodes):
    first = await nodes.node()
    line, later = FakeConnection(), FakeConnection()
    driver = await first.open(line, locale=None)
    driver.receive(asked("Who built it?"))
    await until(lambda: bool(nodes.film.filmed))

    await first._store_all()
    second = await nodes.node()
    await second.resume(later, resume_of(line))
    nodes.film.gate.set()
    await until(lambda: bool(outcomes(later)))

    assert line.closed == CloseCode.RESTART
    assert outcomes(line, later) == ["generated"]


async def test_words_that_broke_off_come_again_whole(nodes):
    class Halting(FakeResponder):
        async def respond(self, question, *, locale, previous=None, session=None, page=None):  # noqa: ARG002 - the port's
            self.asked.append((question, previous))
            yield "It was built "
            if len(self.asked) == 1:
                await asyncio.Event().wait()
            yield "in 1911."

    nodes.responder = Halting()
    first, second = await nodes.node(), await nodes.node()
    line, later = FakeConnection(), FakeConnection()
    driver = await first.open(line, locale=None)
    driver.receive(asked("Who built it?"))
    await until(lambda: "response.text.delta" in line.types)
    await first._writer.flush()
    await nodes.die(first)

    nodes.film.gate.set()
    await second.resume(later, resume_of(line))
    await until(lambda: bool(outcomes(later)))

    texts = [m.text for m in later.sent if m.type == "response.text.done"]
    assert texts == ["It was built in 1911."]
    assert "response.text.delta" not in later.types


async def test_frames_that_a_dead_node_did_not_write_are_not_sent_again(nodes):
    """The visitor has them; the next node goes on after them."""
    first, second = await nodes.node(), await nodes.node()
    line, later = FakeConnection(), FakeConnection()
    driver = await first.open(line, locale=None)
    await first._writer.flush()
    driver.receive(asked("Open?"))
    await until(lambda: "clip.prefetch" in line.types)
    await nodes.die(first)

    driver = await second.resume(later, resume_of(line))
    driver.receive(asked("Dogs?", "q2"))
    await until(lambda: bool(outcomes(later)))

    assert numbers(line, later) == list(range(1, len(numbers(line, later)) + 1))


async def test_a_token_opens_one_session_on_one_node(nodes):
    first, second = await nodes.node(), await nodes.node()
    line = FakeConnection()
    await first.open(line, locale=None)
    await first._writer.flush()
    wish = resume_of(line)

    wrong = await second.resume(FakeConnection(), wish.model_copy(update={"resume_token": "r_other"}))
    right = await second.resume(FakeConnection(), wish)

    assert wrong is None
    assert right is not None


async def test_a_session_that_was_ended_is_gone_everywhere(nodes):
    first, second = await nodes.node(), await nodes.node()
    line = FakeConnection()
    driver = await first.open(line, locale=None)
    first._end(driver.session.id, CloseCode.EXPIRED)
    await first._writer.flush()

    assert await second.resume(FakeConnection(), resume_of(line)) is None


async def test_an_answer_does_not_wait_for_the_store(nodes):
    """A store that cannot be reached costs nothing but the safety; what was not written is written later."""

    class Away(MemorySessions):
        away = True

        async def save(self, changes, *, now):
            if self.away:
                raise StateUnavailableError("Expected the database to answer.")
            return await super().save(changes, now=now)

    nodes.sessions = Away()
    hub = await nodes.node()
    line = FakeConnection()
    driver = await hub.open(line, locale=None)
    driver.receive(asked("Open?"))
    await until(lambda: bool(outcomes(line)))
    assert not await hub._writer.flush()

    nodes.sessions.away = False
    assert await hub._writer.flush()
    moved = await (await nodes.node()).resume(FakeConnection(), resume_of(line))

    assert moved is not None
