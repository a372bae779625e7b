"""Warming until nothing is left that passes by itself."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from app.rendering.work.warm import AGAIN_AFTER_S, Failure, Summary, until_done

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

    ends: list[Summary]
    now: float = 0.0
    budgets: list[Decimal | None] = field(default_factory=list)

    async def once(self, budget: Decimal | None) -> Summary:
        self.budgets.append(budget)
        return self.ends[min(len(self.budgets), len(self.ends)) - 1]

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def run(self, wait_s: float, budget: Decimal | None = None) -> Summary:
        return await until_done(self.once, wait_s=wait_s, budget=budget, now=lambda: self.now, sleep=self.sleep)


async def test_without_waiting_it_is_tried_once():
    job = Job([a_summary(BUSY), a_summary()])

    assert await job.run(0) == job.ends[0]
    assert len(job.budgets) == 1


async def test_what_passes_is_tried_again_until_it_is_there():
    job = Job([a_summary(BUSY), a_summary(BUSY), a_summary()])

    assert (await job.run(600)).complete
    assert (len(job.budgets), job.now) == (3, 2 * AGAIN_AFTER_S)


async def test_it_ends_in_time():
    job = Job([a_summary(BUSY)])

    assert not (await job.run(100)).complete
    assert job.now <= 100


@pytest.mark.parametrize("end", [a_summary(WRONG), a_summary(BUSY, ended="budget"), a_summary(BUSY, ended="cancelled")])
async def test_what_does_not_pass_is_not_tried_again(end):
    job = Job([end, a_summary()])

    assert await job.run(600) == end


async def test_all_tries_share_the_budget():
    job = Job([a_summary(BUSY, spent="0.40"), a_summary(BUSY, spent="0.80"), a_summary()])

    await job.run(600, budget=Decimal(1))

    assert job.budgets == [Decimal(1), Decimal("0.60"), Decimal(0)]
