"""Live sessions with a cast: the driver, coming back, taking over, ending."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.conversation.actions import Deadlines
from app.conversation.fakes import (
    FakeConnection,
    fake_clip,
)
from app.conversation.hub import Hub
from app.conversation.protocol.client_messages import Feedback, ResponseCancel, Resume, SessionEnd
from app.conversation.protocol.rules import CloseCode
from app.conversation.protocol.server_messages import (
    ErrorMessage,
    ResponseClip,
    ResponseDone,
)
from app.conversation.rate_limits import GenerationCaps
from app.conversation.session_limits import SessionConfig
from app.errors import StateUnavailableError
from tests.support.hub_house import House, asked, done, resume_of, until
from tests.support.session_world import a_catalog, all_clips


@pytest.fixture(params=[False, True], ids=["clips looked up", "clips at hand"])
def house(request) -> House:
    return House(clips=all_clips(a_catalog(), at_hand=request.param))


@pytest.fixture
async def hub(house) -> AsyncIterator[Hub]:
    async with house.hub() as hub:
        yield hub


async def test_a_question_is_answered_and_written_down(hub, house):
    line = FakeConnection()
    driver = await hub.open(line, locale="de-AT")

    driver.receive(asked("Open?"))
    await until(lambda: bool(house.log.turns) and "clip.prefetch" in line.types)

    turn = next(iter(house.log.turns.values()))
    assert done(line) == ["answered"]
    assert (turn.question, turn.outcome, turn.intent, turn.locale) == ("Open?", "answered", "hours", "de")
    assert house.meter.outcomes == {"answered": 1}
    assert dict(house.meter.steps) == {"match": 1}


async def test_a_miss_is_worded_and_filmed(hub, house):
    house.responder.pieces = ("It was built ", "in 1911.")
    line = FakeConnection()
    driver = await hub.open(line, locale=None)

    driver.receive(asked("Who built it?"))
    await until(lambda: "response.text.done" in line.types)
    house.film.gate.set()
    await until(lambda: done(line) == ["generated"])

    roles = [message.role for message in line.sent if isinstance(message, ResponseClip)]
    assert roles == ["holding", "answer"]
    assert house.film.filmed == {"It was built in 1911.": 1}
    assert house.film.payers == [driver.session.id]  # the session whose budget bears it


async def test_stop_cancels_what_only_this_visitor_was_waiting_for(hub, house):
    house.responder.pieces = ("Words.",)
    line = FakeConnection()
    driver = await hub.open(line, locale=None)
    driver.receive(asked("Who built it?"))
    await until(lambda: bool(house.film.filmed))
    turn = line.sent[1].turn

    driver.receive(ResponseCancel(type="response.cancel", turn=turn))
    await until(lambda: bool(house.log.turns))

    assert done(line) == ["cancelled"]
    assert {task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}} == {"keep sessions"}


async def test_while_new_answers_are_paused_nothing_is_filmed(house):
    """Neither a new answer nor one of the catalog whose clip is missing; both are given without a clip."""

    async def paused() -> str:
        return "by an operator"

    house.clips = all_clips(a_catalog(), without=("hours",))
    house.responder.pieces = ("It was built in 1911.",)
    house.allowance = GenerationCaps(paused=paused)
    house.film.gate.set()
    async with house.hub() as hub:
        for text in ("Open?", "Who built it?"):
            line = FakeConnection()
            driver = await hub.open(line, locale=None)
            driver.receive(asked(text))
            await until(lambda line=line: any(isinstance(one, ResponseDone) for one in line.sent))

    assert house.film.filmed == {}
    assert house.responder.asked == []


async def test_a_film_that_takes_too_long_is_given_up(house):
    house.responder.pieces = ("Words.",)
    house.config = SessionConfig(deadlines=Deadlines(film_s=0.02))
    async with house.hub() as hub:
        line = FakeConnection()
        driver = await hub.open(line, locale=None)

        driver.receive(asked("Who built it?"))
        await until(lambda: bool(done(line)))

    assert done(line) == ["generated"]


async def test_a_decider_that_is_not_ready_is_an_error_and_an_apology(hub, house):
    house.decider.broken = True
    line = FakeConnection()
    driver = await hub.open(line, locale=None)

    driver.receive(asked("Open?"))
    await until(lambda: bool(done(line)))

    errors = [message for message in line.sent if isinstance(message, ErrorMessage)]
    assert [(error.code, error.retryable) for error in errors] == [("encoder_unavailable", True)]
    assert done(line) == ["failed"]


async def test_a_cast_that_breaks_in_an_unknown_way_hurts_one_turn_only(house):
    class BrokenClips:
        async def for_intent(self, intent_id, *, locale, variant):  # noqa: ARG002
            if intent_id == "dogs":
                raise ZeroDivisionError
            return fake_clip(intent_id)

        if_stored = for_intent

    house.clips = BrokenClips()
    async with house.hub() as hub:
        line, other = FakeConnection(), FakeConnection()
        driver = await hub.open(line, locale=None)
        neighbour = await hub.open(other, locale=None)

        driver.receive(asked("Dogs?"))
        await until(lambda: bool(house.film.filmed))
        neighbour.receive(asked("Open?"))
        await until(lambda: done(other) == ["answered"])

    assert "response.text.done" in line.types


async def test_a_rating_of_nothing_is_an_error(hub, house):
    line = FakeConnection()
    driver = await hub.open(line, locale=None)

    driver.receive(Feedback(type="feedback", turn="t_none", score="up"))
    await until(lambda: "error" in line.types)

    assert line.sent[-1].code == "turn_not_found"


async def test_a_rating_reaches_the_log(hub, house):
    line = FakeConnection()
    driver = await hub.open(line, locale=None)
    driver.receive(asked("Open?"))
    await until(lambda: bool(house.log.turns))
    turn = next(iter(house.log.turns))

    driver.receive(Feedback(type="feedback", turn=turn, score="down", comment="Wrong."))
    await until(lambda: house.log.turns[turn].score is not None)

    assert house.log.turns[turn].comment == "Wrong."


async def test_what_finished_while_away_is_delivered_on_return(hub, house):
    house.responder.pieces = ("Words.",)
    line, later = FakeConnection(), FakeConnection()
    driver = await hub.open(line, locale=None)
    driver.receive(asked("Who built it?"))
    await until(lambda: bool(house.film.filmed))
    hub.leave(driver, line)
    heard = len(line.sent)

    house.film.gate.set()
    await until(lambda: bool(house.log.turns))
    await hub.resume(later, resume_of(line))

    assert len(line.sent) == heard
    assert later.types == ["session.resumed", "response.clip", "state", "response.done"]


async def test_the_resume_token_changes_and_the_old_one_is_void_when_the_new_one_has_arrived(hub):
    line, second, third = FakeConnection(), FakeConnection(), FakeConnection()
    driver = await hub.open(line, locale=None)
    old = resume_of(line)
    await hub.resume(second, old)
    new = resume_of(second)

    before = await hub.resume(FakeConnection(), old)
    hub.heard(driver)
    after = await hub.resume(FakeConnection(), old)
    newest = await hub.resume(third, new)

    assert old.resume_token != new.resume_token
    assert before is driver
    assert after is None
    assert newest is None


async def test_another_tab_takes_over(hub):
    line, other = FakeConnection(), FakeConnection()
    driver = await hub.open(line, locale=None)

    await hub.resume(other, resume_of(line))
    hub.leave(driver, line)
    driver.receive(asked("Open?"))
    await until(lambda: "response.done" in other.types)

    assert line.closed == CloseCode.TAKEN_OVER
    assert "input.accepted" not in line.types


@pytest.mark.parametrize("token", ["wrong", "", "r_é"])
async def test_another_token_opens_nothing(hub, token):
    line = FakeConnection()
    await hub.open(line, locale=None)
    session = resume_of(line).session

    assert (
        await hub.resume(FakeConnection(), Resume.model_construct(session=session, resume_token=token, last_seq=1))
        is None
    )


async def test_a_session_that_missed_too_much_is_closed_and_forgotten(hub, house):
    line, later = FakeConnection(), FakeConnection()
    driver = await hub.open(line, locale=None)
    hub.leave(driver, line)
    house.clock.elapsed_s += 301

    await hub.resume(later, resume_of(line, last_seq=0))

    assert later.closed == CloseCode.EXPIRED
    assert hub.live == 0


async def test_goodbye_forgets_the_session(hub, house):
    line = FakeConnection()
    driver = await hub.open(line, locale=None)

    driver.receive(SessionEnd(type="session.end"))
    hub.heard(driver)

    assert line.closed == CloseCode.ENDED
    assert (hub.live, house.meter.sessions) == (0, 0)


async def test_leaving_the_house_closes_lines_and_waits_for_what_is_written(house):
    line = FakeConnection()
    async with house.hub() as hub:
        driver = await hub.open(line, locale=None)
        driver.receive(asked("Open?"))
        await until(lambda: bool(done(line)))

    assert line.closed == CloseCode.RESTART
    assert [turn.outcome for turn in house.log.turns.values()] == ["answered"]


async def test_a_visitor_who_says_nothing_is_told_and_let_go(house):
    house.config = SessionConfig(idle_s=0.02, notice_s=0.02)
    async with house.hub() as hub:
        line = FakeConnection()
        await hub.open(line, locale=None)

        await until(lambda: line.closed is not None)

    assert line.types == ["session.created", "session.ending"]
    assert line.sent[1].reason == "idle"
    assert line.closed == CloseCode.ENDED


async def test_erasing_a_session_drops_all_that_was_said_in_it(hub, house):
    line = FakeConnection()
    driver = await hub.open(line, locale=None)
    driver.receive(asked("Open?"))
    await until(lambda: bool(house.log.turns))
    begun = resume_of(line)

    wrong = await hub.erase(begun.session, token="r_other")
    right = await hub.erase(begun.session, token=begun.resume_token)

    assert wrong is None
    assert right.document()["erased"] == {"session": 1, "turns": 1, "frames": right.erased["frames"]}
    assert house.log.turns == {}
    assert (line.closed, hub.live) == (CloseCode.ENDED, 0)
    assert await hub.resume(FakeConnection(), begun) is None


async def test_erasing_that_failed_half_way_is_asked_for_again_with_the_same_token(hub, house):
    line = FakeConnection()
    driver = await hub.open(line, locale=None)
    driver.receive(asked("Open?"))
    await until(lambda: bool(house.log.turns))
    begun, fine = resume_of(line), house.log.erase

    async def fails(session):
        raise StateUnavailableError(f"no {session}")

    house.log.erase = fails
    with pytest.raises(StateUnavailableError):
        await hub.erase(begun.session, token=begun.resume_token)
    house.log.erase = fine

    assert (line.closed, hub.live) == (CloseCode.ENDED, 0)
    again = await hub.erase(begun.session, token=begun.resume_token)
    assert (again.erased["session"], again.erased["turns"]) == (1, 1)
    assert house.log.turns == {}
    assert await hub.erase(begun.session, token=begun.resume_token) is None


async def test_the_question_that_is_open_when_a_session_is_erased_is_written_down_by_nobody(hub, house):
    line = FakeConnection()
    driver = await hub.open(line, locale=None)
    driver.receive(asked("Open?"))
    begun = resume_of(line)

    assert await hub.erase(begun.session, token=begun.resume_token)

    for _ in range(20):
        await asyncio.sleep(0)
    assert house.log.turns == {}
