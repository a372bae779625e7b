"""What is waited for, fetched again, and left alone for as long as the provider asks."""

from datetime import timedelta
from typing import Any

import pytest

from app.errors import MediaError, ProviderUnavailableError
from app.rendering.fakes import FakeTime
from app.rendering.ports import Capabilities, JobStatus
from app.rendering.work.polling import FETCH_AGAIN_S, JobPoller, PollLimits
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
        Scripted(*script), "r1", time.clock, called_back, time.sleep, lambda _share: None, lambda _name: None
    )


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
