"""The everyday slice of `make fuzz`."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.frames import FRAMES
from tests.fuzz.run import bombard
from tests.fuzz.visits import CODES, check_said, is_alive, knocks, visit
from tests.support.fake_web import FakeContainer, serving

BRIEF = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


async def test_a_server_outlives_three_thousand_messages():
    counted = await bombard(3000, seed=7)

    assert counted["sent"] >= 3000
    assert counted["response.done"] > 10


@given(st.lists(FRAMES, max_size=30))
@BRIEF
async def test_whatever_a_visitor_sends_the_session_adds_up(frames):
    async with serving(FakeContainer()) as url:
        check_said(await visit(url, frames))

        assert await is_alive(url)


@given(FRAMES)
@BRIEF
async def test_whatever_comes_first_is_closed_with_a_code(first):
    async with serving(FakeContainer()) as url:
        assert await knocks(url, first) in CODES
