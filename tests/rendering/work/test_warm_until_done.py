"""Warming until nothing is left that passes by itself."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from app.errors import StateFullError, StateUnavailableError
from app.rendering.work.warm_events import Failure, Summary, TryingAgain
from app.rendering.work.warm_waits import AGAIN_AFTER_S, RetryWindow, until_done

BUSY = Failure(key="a" * 64, intent="hours", locale="en", code="provider_busy", message="Busy.", retryable=True)
WRONG = BUSY.model_copy(update={"code": "clip_rejected", "retryable": False})


def a_summary(*failures: Failure, ended: str = "finished", spent: str = "0") -> Summary:
    return Summary(
        ended=ended,
        run="r1",
        clips_done=1,
        clips_failed=len(failures),
        clips_left=0,
        clips_unchanged=0,
        video_s=1.0,
        spent=Decimal(spent),
        elapsed_s=1.0,
        failures=failures,
    )


@dataclass
class Job:
    """Tries with known ends, on a clock of its own."""

    ends: list[Summary | Exception]
    now: float = 0.0
    tries: int = 0
    told: list[TryingAgain] = field(default_factory=list)

    async def once(self) -> Summary:
        self.tries += 1
        end = self.ends[min(self.tries, len(self.ends)) - 1]
        if isinstance(end, Exception):
            raise end
        return end

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def run(self, wait_s: float) -> Summary:
        window = RetryWindow(until=wait_s, now=lambda: self.now, sleep=self.sleep, tell=self.told.append)
        return await until_done(self.once, window)


async def test_without_waiting_it_is_tried_once():
    job = Job([a_summary(BUSY), a_summary()])

    assert await job.run(0) == job.ends[0]
    assert (job.tries, job.told) == (1, [])


async def test_what_passes_is_tried_again_until_it_is_there():
    job = Job([a_summary(BUSY), a_summary(BUSY), a_summary()])

    assert (await job.run(600)).complete
    assert (job.tries, job.now) == (3, 2 * AGAIN_AFTER_S)


async def test_each_pause_is_told():
    job = Job([a_summary(BUSY), a_summary()])

    await job.run(600)

    assert [(event.code, event.message, event.after_s, event.left_s) for event in job.told] == [
        ("provider_busy", "Busy.", AGAIN_AFTER_S, 600.0)
    ]


async def test_it_ends_in_time():
    job = Job([a_summary(BUSY)])

    assert not (await job.run(100)).complete
    assert job.now <= 100


@pytest.mark.parametrize("end", [a_summary(WRONG), a_summary(BUSY, ended="budget"), a_summary(BUSY, ended="cancelled")])
async def test_what_does_not_pass_is_not_tried_again(end):
    job = Job([end, a_summary()])

    assert await job.run(600) == end


async def test_a_database_that_is_away_is_waited_for():
    job = Job([StateUnavailableError("Away."), a_summary()])

    assert (await job.run(600)).complete
    assert [event.code for event in job.told] == ["state_unavailable"]


@pytest.mark.parametrize("error", [StateUnavailableError("Away."), StateFullError("Full.")])
async def test_a_database_that_stays_away_or_is_full_ends_it(error):
    job = Job([error])

    with pytest.raises(type(error)):
        await job.run(100)

    assert job.now == (0 if isinstance(error, StateFullError) else 90)
