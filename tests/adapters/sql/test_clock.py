"""The time that nodes agree on."""

from datetime import UTC, datetime, timedelta

import pytest

from app.adapters.sql.clock import DatabaseClock
from app.adapters.sql.engine import Database
from app.runtime.wiring.clock import SystemClock

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
async def shared(postgres):
    database = Database(await postgres.empty_database())
    yield database
    await database.close()


class Wrong:
    """A computer whose time of day is an hour and more off, and can be set."""

    def __init__(self, by: timedelta) -> None:
        self.by, self.seconds = by, 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by

    def elapsed(self) -> float:
        return SystemClock().elapsed() + self.seconds


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=400)])
async def test_a_wrong_clock_has_no_part_in_it(shared, by):
    wrong = Wrong(by)
    ours = DatabaseClock(shared, elapsed=wrong.elapsed, here=wrong.now)
    others = DatabaseClock(shared, elapsed=SystemClock().elapsed)

    await ours.read()
    await others.read()

    assert abs(ours.now() - others.now()) < timedelta(seconds=5)


async def test_a_jump_of_the_computer_s_time_changes_nothing(shared):
    wrong = Wrong(timedelta(0))
    ours = DatabaseClock(shared, elapsed=wrong.elapsed, here=wrong.now)
    await ours.read()
    before = ours.now()

    wrong.by = timedelta(hours=1)

    assert ours.now() - before < timedelta(minutes=1)


async def test_time_goes_on_while_the_computer_sleeps(shared):
    wrong = Wrong(timedelta(0))
    ours = DatabaseClock(shared, elapsed=wrong.elapsed, here=wrong.now)
    await ours.read()
    before = ours.now()

    wrong.seconds = 720.0

    assert timedelta(minutes=12) <= ours.now() - before < timedelta(minutes=13)


async def test_sqlite_goes_by_the_computer_it_is_on(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/state.db")
    times = [NOON, NOON + timedelta(hours=1)]
    clock = DatabaseClock(database, elapsed=lambda: 0.0, here=lambda: times[0])
    assert clock.now() == NOON

    times.pop(0)
    assert clock.now() == NOON
    await clock.read()

    assert clock.now() == NOON + timedelta(hours=1)
    await database.close()


async def test_a_database_that_is_away_is_waited_for():
    gone = Database("postgresql://nobody@127.0.0.1:9/none")
    clock = DatabaseClock(gone, elapsed=SystemClock().elapsed)
    slept = []

    class EnoughError(Exception):
        pass

    async def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 2:
            raise EnoughError

    with pytest.raises(EnoughError):
        await clock.keep(sleep)
    await gone.close()
