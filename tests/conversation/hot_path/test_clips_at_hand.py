"""Clips at hand: what needs no waiting changes nothing but the wait."""

import pytest

from app.conversation.fakes import FakeConnection
from app.conversation.protocol.client_messages import InputChoice
from tests.support.hub_house import House, asked, done, until
from tests.support.session_world import a_catalog, all_clips


@pytest.mark.parametrize("at_hand", [False, True])
async def test_a_question_and_a_chip_are_answered_in_the_same_order_whether_clips_are_at_hand_or_not(at_hand):
    order = ["input.accepted", "state", "response.clip", "state", "response.choices", "response.done", "clip.prefetch"]
    house = House(clips=all_clips(a_catalog(), at_hand=at_hand))
    async with house.hub() as hub:
        line = FakeConnection()
        driver = await hub.open(line, locale=None)

        for message in (asked("Open?"), InputChoice(type="input.choice", id="c1", intent="hours")):
            line.sent.clear()
            driver.receive(message)
            await until(lambda: "clip.prefetch" in line.types)
            assert line.types == order


async def test_clips_at_hand_that_break_hurt_their_step_only(monkeypatch):
    """What was started beside it goes on, and nothing is left over for the next message."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    house = House(clips=all_clips(a_catalog(), at_hand=True))
    async with house.hub() as hub:
        line = FakeConnection()
        driver = await hub.open(line, locale=None)
        monkeypatch.setattr(driver.session, "prefetched", broken)

        driver.receive(InputChoice(type="input.choice", id="c1", intent="hours"))
        await until(lambda: bool(house.log.turns))

    assert done(line) == ["answered"]
    assert not driver._at_hand
