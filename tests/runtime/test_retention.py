"""What is old goes by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.conversation.erasing.eraser import Eraser, nothing_filmed
from app.conversation.erasing.traces import MemoryTraces
from app.conversation.fakes import FakeClock
from app.conversation.rate_limits import MemoryQuota
from app.conversation.session_store import MemorySessions
from app.learning.memory_turn_log import MemoryTurnLog
from app.learning.turn_log import ForgetfulTurnLog
from app.runtime.serving.retention import tidy
from app.runtime.settings.site import load_settings
from app.runtime.wiring.turn_log import open_turn_log
from tests.contracts.test_sessions import a_change, a_session
from tests.contracts.test_turn_log import a_turn


def eraser_of(log, traces=None, films=nothing_filmed) -> Eraser:
    return Eraser(turns=log, traces=traces or MemoryTraces(), tally=MemoryQuota(), erase_films=films)


async def test_transcripts_go_after_their_days():
    clock, log = FakeClock(), MemoryTurnLog()
    for days in (0, 29, 31):
        await log.record(replace(a_turn(f"t{days}"), asked_at=clock.now() - timedelta(days=days)))

    await tidy(log, MemorySessions(), eraser_of(log), clock=clock, days=30)

    assert [await log.get(f"t{days}") is not None for days in (0, 29, 31)] == [True, True, False]


async def test_sessions_nobody_came_back_to_go():
    clock, sessions = FakeClock(), MemorySessions()
    await sessions.save([a_change(a_session("s1"))], now=clock.now() - timedelta(minutes=20))
    await sessions.save([a_change(a_session("s2"))], now=clock.now())

    await tidy(MemoryTurnLog(), sessions, eraser_of(MemoryTurnLog()), clock=clock, days=30)

    assert [sessions._rows[name].over for name in ("s1", "s2")] == [True, False]


@pytest.mark.parametrize(("days", "kept"), [(0, False), (30, True)])
def test_a_site_that_keeps_nothing_writes_nothing(days, kept):
    log = open_turn_log(load_settings(keep_turns_days=days), None)

    assert isinstance(log, ForgetfulTurnLog) is not kept


async def test_a_log_that_keeps_nothing_has_nothing():
    log = ForgetfulTurnLog()
    await log.record(a_turn())

    assert await log.get("t1") is None
    assert await log.feedback("t1", session="s1", score="up", comment="good")
    assert await log.misses(limit=10) == ()
    assert (await log.erase("s1"), await log.forget(before=FakeClock().now())) == (0, 0)


async def test_a_site_that_keeps_nothing_any_more_forgets_what_it_kept():
    """Also what a visitor erases: turns of the days when they were kept."""
    clock, kept = FakeClock(), MemoryTurnLog()
    await kept.record(replace(a_turn("t1", session="s1"), asked_at=clock.now() - timedelta(minutes=1)))
    await kept.record(replace(a_turn("t2", session="s2"), asked_at=clock.now() - timedelta(minutes=1)))
    log = ForgetfulTurnLog(kept)

    erased = await log.erase("s1")
    await tidy(log, MemorySessions(), eraser_of(log), clock=clock, days=0)

    assert erased == 1
    assert await kept.get("t2") is None
