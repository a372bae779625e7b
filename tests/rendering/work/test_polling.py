"""What is waited for, fetched again, and left alone for as long as the provider asks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.errors import MediaError, ProviderUnavailableError
from app.rendering.fakes import FakeTime
from app.rendering.ports import Capabilities, JobStatus
from app.rendering.work.polling import FETCH_AGAIN_S, JobPoller, PollLimits, poll_limits
from app.rendering.work.task import LONGEST_RETRY_S, ClipProgress
from tests.support.render_world import NOON

HOUR = timedelta(hours=1)
BUSY = ProviderUnavailableError("Not now.", retry_after_s=120.0)


class Scripted:
    """Answers polls and fetches one after the other; an error is raised."""

    capabilities = Capabilities(name="fake", models=("m",), poll_every_s=3.0)

    def __init__(self, *script: Any) -> None:
        self.script = list(script)

    async def poll(self, _request_id):
        return self._next()

    async def fetch(self, _request_id, destination):
        destination.write_bytes(self._next())

    def _next(self):
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(said, Exception):
            raise said
        return said


@pytest.fixture
def time():
    return FakeTime(NOON)


def a_delivery(time, *script: Any):
    async def called_back(_seconds):
        """Somebody calls at once, every time."""

    return JobPoller(
        Scripted(*script), "r1", time.clock, called_back, time.sleep, lambda _moved: None, lambda _name: None
    )


def a_poller(time, moved, *script: Any):
    """Nobody calls back."""
    return JobPoller(Scripted(*script), "r1", time.clock, time.sleep, time.sleep, moved.append, lambda _name: None)


async def test_a_job_that_never_ends_is_waited_for_so_long_and_no_longer(time):
    moved: list[ClipProgress] = []

    status = await a_poller(time, moved, JobStatus("running")).until_over(PollLimits(HOUR))

    assert status == JobStatus("running")
    assert time.now - NOON == HOUR
    assert (moved[0], moved[-1].waited_s) == (ClipProgress("rendering", 0.0, 0.0, 3600.0), 3597.0)


async def test_a_provider_that_never_answers_says_nothing_of_the_job(time):
    with pytest.raises(ProviderUnavailableError, match="does not say"):
        await a_poller(time, [], BUSY).until_over(PollLimits(timedelta(seconds=200)))

    assert time.now - NOON == timedelta(seconds=200)  # the last pause ends with the limit


def a_sleeper(time, *script: Any):
    """The machine is put to sleep for a day during the first pause."""

    async def overslept(_seconds):
        time.now += timedelta(days=1)

    return JobPoller(
        Scripted(*script), "r1", time.clock, overslept, time.sleep, lambda _moved: None, lambda _name: None
    )


@pytest.mark.parametrize("end", ["done", "failed"])
async def test_a_job_that_ended_while_the_process_slept_is_asked_about_once_more(time, end):
    status = await a_sleeper(time, JobStatus("running"), JobStatus(end)).until_over(PollLimits(HOUR))

    assert status == JobStatus(end)


async def test_a_job_that_still_runs_after_the_process_slept_is_waited_for_no_longer(time):
    poller = a_sleeper(time, JobStatus("queued"), JobStatus("running"), JobStatus("done"))

    assert await poller.until_over(PollLimits(HOUR)) == JobStatus("running")


async def test_a_video_that_was_finished_while_the_process_slept_may_have_a_late_address(time):
    poller = a_poller(time, [], JobStatus("running"), JobStatus("no_video"), JobStatus("no_video"), JobStatus("done"))

    status = await poller.until_over(PollLimits(timedelta(seconds=3), late=timedelta(seconds=300)))

    assert status == JobStatus("done")


async def test_no_address_and_no_knowledge_in_turns_end_too(time):
    script = [JobStatus("unknown"), JobStatus("no_video")] * 200

    status = await a_poller(time, [], *script).until_over(
        PollLimits(HOUR / 60, timedelta(seconds=60), timedelta(seconds=300))
    )

    assert status == JobStatus("unknown")
    assert time.now - NOON == timedelta(seconds=120)


async def test_what_was_heard_before_the_process_slept_decides_nothing(time):
    with pytest.raises(ProviderUnavailableError, match="does not say"):
        await a_sleeper(time, JobStatus("running"), BUSY).until_over(PollLimits(HOUR))

    assert time.now - NOON == timedelta(days=1)  # nobody waits for a second answer after the time is up


async def test_a_long_pause_at_status_is_cut(time):
    week = ProviderUnavailableError("Not this week.", retry_after_s=600_000.0)

    status = await a_poller(time, [], week, JobStatus("done")).until_over(PollLimits(HOUR))

    assert status == JobStatus("done")
    assert time.now - NOON == timedelta(seconds=LONGEST_RETRY_S)


@pytest.mark.parametrize(
    ("length_s", "paid", "minutes"), [(2.6, True, 30), (60.0, True, 90), (2.6, False, 78), (0.1, False, 15)]
)
def test_how_long_a_job_is_waited_for(length_s, paid, minutes):
    facts = Capabilities(name="fal", models=("m",), seconds_per_second=30.0)

    assert poll_limits(facts, length_s, paid=paid).total == timedelta(minutes=minutes)
    assert poll_limits(replace(facts, job_limit_s=7200.0), 60.0, paid=True).total == timedelta(hours=2)


async def test_a_pause_that_the_provider_asks_for_is_kept_even_when_somebody_calls(time):
    poller = a_delivery(time, BUSY, JobStatus("done"))

    status = await poller.until_over(PollLimits(HOUR))

    assert status.state == "done"
    assert time.now - NOON == timedelta(seconds=120)


async def test_a_video_whose_address_comes_late_is_waited_for(time):
    poller = a_delivery(time, JobStatus("no_video"), BUSY, JobStatus("no_video"), JobStatus("done"))

    assert (await poller.until_over(PollLimits(HOUR, late=timedelta(seconds=300)))).state == "done"


async def test_a_video_whose_address_never_comes_is_given_up(time):
    poller = a_delivery(time, JobStatus("no_video", charged=True), BUSY, JobStatus("no_video", charged=True))

    status = await poller.until_over(PollLimits(HOUR, late=timedelta(seconds=100)))

    assert (status.state, status.charged) == ("no_video", True)
    assert time.now - NOON == timedelta(seconds=120)


async def test_a_result_that_is_not_to_be_had_is_fetched_again_with_pauses(time, tmp_path):
    poller = a_delivery(time, MediaError("Gone."), BUSY, b"film")

    await poller.fetch(tmp_path / "film.mp4")

    assert (tmp_path / "film.mp4").read_bytes() == b"film"
    assert time.now - NOON == timedelta(seconds=FETCH_AGAIN_S[0] + 120)


async def test_a_result_that_never_comes_is_given_up(time, tmp_path):
    poller = a_delivery(time, MediaError("Gone."))

    with pytest.raises(MediaError):
        await poller.fetch(tmp_path / "film.mp4")

    assert time.now - NOON == timedelta(seconds=sum(FETCH_AGAIN_S))
