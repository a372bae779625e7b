"""What is written down of a turn: what was said, by what, the chips, and when the avatar was stopped."""

import asyncio
from collections.abc import Callable

import pytest

from app.conversation.actions import NoteTurn, RecordTurn
from app.conversation.fakes import (
    FakeClipRequester,
    FakeClock,
    FakeConnection,
    FakeDecider,
    FakeMeter,
    FakeResponder,
    FakeTurnLog,
    fake_clip,
    fake_decision,
)
from app.conversation.hub import Hub
from app.conversation.ports import Quotation, Services
from app.conversation.protocol.client_messages import InputChoice, InputText, ResponseCancel
from app.conversation.script import Script, ServedRelease
from app.conversation.session_limits import SessionConfig
from tests.support.session_world import SessionWorld, a_catalog, all_clips

CHIPS = ("tickets", "dogs")


class Visit:
    """One visitor of a hub over fakes."""

    def __init__(self, *pieces: str, broken: bool = False, at_hand: bool = False) -> None:
        self.log, self.clock = FakeTurnLog(), FakeClock()
        decider = FakeDecider({"Open?": "hours", "Price?": CHIPS}, broken=broken)
        services = Services(
            decider,
            all_clips(a_catalog(), at_hand=at_hand),
            FakeResponder(tuple(pieces)),
            FakeClipRequester(),
            self.log,
        )
        self.hub = Hub(
            lambda: ServedRelease(lambda: Script(a_catalog()), services, "release-7"),
            clock=self.clock,
            meter=FakeMeter(),
            config=SessionConfig(max_films=0),
        )

    async def ask(self, *messages: InputText | InputChoice):
        async with self.hub:
            driver = await self.hub.open(FakeConnection(), locale=None)
            for number, message in enumerate(messages, 1):
                driver.receive(message)
                await until(lambda number=number: len(self.log.turns) == number)
            await until(lambda: True)
        return list(self.log.turns.values())


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        for _ in range(20):
            await asyncio.sleep(0)
        while not true():  # noqa: ASYNC110 - what is waited for is a fake's state
            await asyncio.sleep(0)


def typed(text: str) -> InputText:
    return InputText(type="input.text", id=text, text=text)


@pytest.mark.parametrize("at_hand", [False, True])
async def test_an_answer_is_kept_with_its_words_chips_topic_and_release(at_hand):
    (turn,) = await Visit(at_hand=at_hand).ask(typed("Open?"))

    assert turn.said in {"We open at ten.", "From ten on."}
    assert (turn.answered_by, turn.result, turn.topic, turn.release) == ("intent", "answered", "desk", "fake")
    assert (turn.offered, turn.chosen, turn.nearest) == (CHIPS, None, None)


@pytest.mark.parametrize("at_hand", [False, True])
async def test_a_chosen_chip_is_noted_where_it_was_offered(at_hand):
    visit = Visit(at_hand=at_hand)

    offered, picked = await visit.ask(typed("Price?"), InputChoice(type="input.choice", id="c", intent="dogs"))

    assert (offered.offered, visit.log.turns[offered.id].chosen, offered.id) == (CHIPS, "dogs", offered.id)
    assert visit.log.turns[offered.id].result == "chosen"
    assert (picked.result, picked.answered_by, picked.release) == ("choice", "choice", "release-7")


@pytest.mark.parametrize(
    ("pieces", "result", "document"),
    [
        ((Quotation("It was built ", "History"), Quotation("in 1911.", "History")), "document", "History"),
        (("It was built ", "in 1911."), "model", None),
    ],
)
async def test_documents_and_models_are_told_apart(pieces, result, document):
    (turn,) = await Visit(*pieces).ask(typed("Who built it?"))

    assert (turn.result, turn.document, turn.said, turn.intent) == (result, document, "It was built in 1911.", None)


async def test_an_unknown_answer_keeps_what_was_said_instead():
    (turn,) = await Visit().ask(typed("Who built it?"))

    assert (turn.result, turn.answered_by, turn.said) == ("missed", None, "I do not know that one.")


async def test_a_failure_of_the_machine_says_what_failed():
    (turn,) = await Visit(broken=True).ask(typed("Open?"))

    assert (turn.result, turn.receipt) == ("failed", {"failed": "encoder_unavailable"})
    assert turn.said == "Something broke behind me."


@pytest.fixture
async def stage() -> SessionWorld:
    world = SessionWorld()
    world.note(world.session.receive(typed("Open?"), world.now))
    world.note(world.session.decided("t1", fake_decision("answer", "hours"), world.now))
    world.note(world.session.clip_found("t1", _answer(world), fake_clip("We open at ten.", duration_s=8.0), world.now))
    return world


def _answer(world: SessionWorld):
    return next(iter(world.session.open_turn.pending))


def notes(world: SessionWorld) -> list[NoteTurn]:
    return [action for action in world.done if isinstance(action, NoteTurn)]


async def test_a_stop_says_how_long_she_spoke(stage):
    stage.note(stage.session.receive(ResponseCancel(type="response.cancel", turn="t1"), stage.now + 2.5))

    assert notes(stage) == [NoteTurn("t1", stopped_after_s=2.5)]
    kinds = [type(action) for action in stage.done]
    assert kinds.index(RecordTurn) < kinds.index(NoteTurn)


async def test_a_new_question_stops_her_as_well(stage):
    stage.note(stage.session.receive(typed("Dogs?"), stage.now + 1))

    assert notes(stage) == [NoteTurn("t1", stopped_after_s=1.0)]


async def test_who_goes_on_at_the_end_has_heard_it(stage):
    stage.note(stage.session.receive(typed("Dogs?"), stage.now + 7.8))

    assert notes(stage) == []


async def test_another_node_knows_since_when_she_speaks(stage):
    other = stage.moved(last_seq=stage.session.outbox.seq)
    other.note(other.session.receive(ResponseCancel(type="response.cancel", turn="t1"), other.now + 1))

    assert notes(other) == [NoteTurn("t1", stopped_after_s=1.0)]
