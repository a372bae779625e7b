"""Another release is served while visitors talk: what began goes on, what is new is new."""

import asyncio
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
from app.conversation.protocol.client_messages import InputChoice
from app.conversation.protocol.server_messages import ErrorMessage, ResponseClip
from app.conversation.script import Script, ServedRelease
from tests.support.hub_house import asked, done, until
from tests.support.session_world import a_catalog, all_clips

OLD = a_catalog()
NEW = OLD.model_copy(update={"intents": tuple(intent for intent in OLD.intents if intent.id != "dogs")})


class Waiting(FakeDecider):
    """Decides when the gate is open."""

    def __init__(self, table) -> None:
        super().__init__(table)
        self.gate = asyncio.Event()
        self.gate.set()

    async def decide(self, text, *, locale=None, previous=None):
        await self.gate.wait()
        return await super().decide(text, locale=locale, previous=previous)


def played(catalog, answers, log):
    responder, film = FakeResponder(), FakeClipRequester()
    return ServedRelease(lambda: Script(catalog), Services(Waiting(answers), all_clips(catalog), responder, film, log))


@dataclass
class Stage:
    """A hub whose release can be changed."""

    log: FakeTurnLog = field(default_factory=FakeTurnLog)

    def __post_init__(self) -> None:
        self.old = played(OLD, {"Open?": "hours", "Dogs?": "dogs"}, self.log)
        self.new = played(NEW, {"Open?": "tickets"}, self.log)
        self.now = self.old

    def hub(self) -> Hub:
        return Hub(lambda: self.now, clock=FakeClock(), meter=FakeMeter())


@pytest.fixture
async def stage():
    return Stage()


def intents(line: FakeConnection) -> list[str | None]:
    return [message.intent for message in line.sent if isinstance(message, ResponseClip)]


async def test_the_next_question_is_answered_from_the_new_release(stage):
    async with stage.hub() as hub:
        line = FakeConnection()
        driver = await hub.open(line, locale=None)
        driver.receive(asked("Open?", "q1"))
        await until(lambda: len(done(line)) == 1)

        stage.now = stage.new
        driver.receive(asked("Open?", "q2"))
        await until(lambda: len(done(line)) == 2)

    assert intents(line) == ["hours", "tickets"]
    assert done(line) == ["answered", "answered"]


async def test_a_turn_under_way_ends_on_the_release_it_began_with(stage):
    stage.old.services.decider.gate.clear()
    async with stage.hub() as hub:
        line = FakeConnection()
        driver = await hub.open(line, locale=None)
        driver.receive(asked("Dogs?", "q1"))
        await until(lambda: len(line.sent) > 1)

        stage.now = stage.new
        driver.receive(asked("Dogs?", "q1"))  # sent again, as after a lost line: it is no new question
        stage.old.services.decider.gate.set()
        await until(lambda: len(done(line)) == 1)

    assert intents(line) == ["dogs"]
    assert done(line) == ["answered"]


async def test_a_chip_of_the_release_before_is_refused_in_kind_words(stage):
    async with stage.hub() as hub:
        line = FakeConnection()
        driver = await hub.open(line, locale=None)

        stage.now = stage.new
        driver.receive(InputChoice(type="input.choice", id="c1", intent="dogs"))

    error = line.sent[-1]
    assert isinstance(error, ErrorMessage)
    assert (error.code, error.ref) == ("intent_not_found", "c1")
    assert "your own words" in error.message


async def test_new_visitors_meet_the_new_release(stage):
    async with stage.hub() as hub:
        stage.now = stage.new
        line = FakeConnection()
        driver = await hub.open(line, locale=None)
        driver.receive(asked("Open?"))
        await until(lambda: len(done(line)) == 1)

    assert intents(line) == ["tickets"]
