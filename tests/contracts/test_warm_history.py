"""One suite for every history of warm-ups."""

from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.sql.warm_history import SqlWarmHistory
from app.rendering.work.warm_history import MemoryWarmHistory, WarmEnd, WarmState

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def history(request, opened):
    if request.param == "memory":
        return MemoryWarmHistory()
    return SqlWarmHistory(await opened(request.param))


def an_end(run: str, *missing: str, days: int = 0, outcome: str = "") -> WarmEnd:
    keys = frozenset(key * 64 for key in missing)
    return WarmEnd(run, NOON + timedelta(days=days), outcome or ("failed" if keys else "complete"), 7, keys)


async def test_before_the_first_run_there_is_nothing(history):
    assert await history.state() is None


async def test_the_newest_run_is_told(history):
    await history.add(an_end("one"))
    await history.add(an_end("two", "a", "b", days=1, outcome="budget"))

    assert await history.state() == WarmState(
        ended_at=NOON + timedelta(days=1),
        outcome="budget",
        clips_wanted=7,
        clips_missing=2,
        completed_at=NOON,
        missing_since=NOON + timedelta(days=1),
    )


async def test_a_clip_is_missing_since_it_was_first_found_missing(history):
    await history.add(an_end("one", "a", "b"))
    await history.add(an_end("two", "b", "c", days=1))
    assert (await history.state()).missing_since == NOON

    await history.add(an_end("three", "c", days=2))
    assert (await history.state()).missing_since == NOON + timedelta(days=1)

    await history.add(an_end("four", days=3))
    assert (await history.state()).missing_since is None

    await history.add(an_end("five", "a", days=4))
    state = await history.state()
    assert (state.missing_since, state.completed_at) == (NOON + timedelta(days=4), NOON + timedelta(days=3))


async def test_the_same_run_again_changes_nothing(history):
    await history.add(an_end("one", "a"))
    await history.add(an_end("one", days=1))

    assert (await history.state()).clips_missing == 1
