"""One suite for all tallies of turns."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from app.adapters.sql.tallies import SqlTallies
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.memory_turn_log import MemoryTurnLog
from app.learning.tallies import TurnTallies
from app.learning.turn_log import TurnRecord

DAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def site(request, opened):
    """A log and the tallies of it."""
    if request.param == "memory":
        log = MemoryTurnLog()
        return log, TurnTallies(log)
    database = await opened(request.param)
    return SqlTurnLog(database), SqlTallies(database)


async def test_a_day_is_counted_by_outcome_intent_and_rating(site):
    log, tallies = site
    asked = [
        ("answered", "hours", "up", timedelta(0)),
        ("answered", "hours", "up", timedelta(hours=23, minutes=59)),
        ("answered", "hours", None, timedelta(hours=1)),
        ("missed", None, None, timedelta(hours=2)),
        ("answered", "hours", "up", timedelta(days=1)),
        ("missed", None, None, timedelta(seconds=-1)),
    ]
    for number, (outcome, intent, score, later) in enumerate(asked):
        at = MIDNIGHT + later
        await log.record(TurnRecord(f"t{number}", "s1", at, "Open?", "en", outcome, intent, None, {}, 1.0, score=score))

    found = await tallies.of_day(DAY)

    assert Counter({(one.outcome, one.intent, one.score): one.turns for one in found}) == {
        ("answered", "hours", "up"): 2,
        ("answered", "hours", None): 1,
        ("missed", None, None): 1,
    }


async def test_a_day_on_which_nobody_asked_is_empty(site):
    _, tallies = site

    assert await tallies.of_day(DAY) == ()
