"""A job at its provider, from being taken to lying here as a file: asked after, and fetched, as often as it takes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.errors import MediaError, ProviderUnavailableError
from app.rendering.ports import Capabilities, JobStatus, Renderer
from app.rendering.work.task import LONGEST_RETRY_S, ClipProgress, OnProgress

PATIENCE_S = 900.0
"""A job that costs nothing is left to a later run after this, or after 60 times its expected time."""

SLOWEST = 3
"""A paid job may take this many times its expected time, however short its provider's `job_limit_s` is."""

FORGOTTEN_S = 60.0
"""How long a provider may say that it never heard of a paid job it took."""

FETCH_AGAIN_S = (2.0, 10.0, 30.0)
"""The pauses between tries at a result that is not to be had: its address may have expired, or not be known yet."""


@dataclass(frozen=True, slots=True)
class PollLimits:
    """Poll limits of one attempt: in all, while the provider does not know the job, while its video has no address."""

    total: timedelta
    forgotten: timedelta = timedelta(0)
    late: timedelta = timedelta(0)

    def overdue(self, asked: str) -> str:
        """Say that a request is waited for no longer, and what brings it home if it ends after all."""
        waited = f"Request {asked} is not finished after {self.total.total_seconds() / 60:.0f} minutes."
        return f"{waited} `greenroom renders reconcile` fetches it if it ends after all."


def poll_limits(facts: Capabilities, duration_s: float, *, paid: bool) -> PollLimits:
    """The limits for a job of this length; what cost nothing may be forgotten at once."""
    expected_s = duration_s * facts.seconds_per_second
    total_s = max(facts.job_limit_s, SLOWEST * expected_s) if paid else max(PATIENCE_S, 60 * expected_s)
    forgotten_s = FORGOTTEN_S if paid else 0.0
    return PollLimits(timedelta(seconds=total_s), timedelta(seconds=forgotten_s), timedelta(seconds=facts.late_s))


@dataclass(frozen=True, slots=True)
class JobPoller:
    """One job. `pause` may end early when the provider calls back, `sleep` never does."""

    renderer: Renderer
    request_id: str
    clock: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]]
    sleep: Callable[[float], Awaitable[None]]
    on_progress: OnProgress
    checkpoint: Callable[[str], None]

    async def until_over(self, limits: PollLimits) -> JobStatus:
        """Poll until the job is over, or the time is up: then how it stands.

        The provider has the last word after that: the process may have slept while the time ran out, and the job may
        be done meanwhile, its address yet to come.

        Raises:
            ProviderUnavailableError: the provider never said, or does not say now that the time is up.
        """
        bounds = {"unknown": limits.forgotten, "no_video": limits.late}
        began, since = self.clock(), self.clock()
        heard: JobStatus | None = None
        while True:
            waited = self.clock() - began
            is_last = waited >= limits.total
            status = await self._poll(limits.total - waited)
            self.checkpoint("polled")
            if status is None and is_last:
                name = self.renderer.capabilities.name
                raise ProviderUnavailableError(
                    f"Renderer `{name}` does not say how request {self.request_id!r} stands."
                )
            if status is None:
                continue
            if status.state in {"done", "failed"} or (is_last and status.state not in bounds):
                return status
            if heard is None or status.state != heard.state:
                since = self.clock()
            heard = status
            if heard.state not in bounds:
                times = (waited.total_seconds(), limits.total.total_seconds())
                self.on_progress(ClipProgress("rendering", heard.done_share, *times))
            elif max(self.clock() - since, waited - limits.total) >= bounds[heard.state]:
                return heard
            await self.pause(self.renderer.capabilities.poll_every_s)

    async def fetch(self, destination: Path) -> None:
        """Bring the video; what does not come is fetched again a few times, and never filmed again.

        Raises:
            MediaError: it is not to be had.
            ProviderUnavailableError: not now.
        """
        for pause_s in FETCH_AGAIN_S:
            try:
                return await self.renderer.fetch(self.request_id, destination)
            except ProviderUnavailableError as error:
                pause_s = max(pause_s, _asked_for(error))  # noqa: PLW2901
            except MediaError:
                pass
            await self.sleep(pause_s)
        return await self.renderer.fetch(self.request_id, destination)

    async def _poll(self, left: timedelta) -> JobStatus | None:
        """Ask once; a provider that cannot say is left alone for as long as it asks for, and nothing is known."""
        try:
            return await self.renderer.poll(self.request_id)
        except ProviderUnavailableError as error:
            if left <= timedelta(0):
                return None
            pause_s = max(min(_asked_for(error), left.total_seconds()), self.renderer.capabilities.poll_every_s)
            await self.sleep(pause_s)
            return None


def _asked_for(error: ProviderUnavailableError) -> float:
    return min(error.retry_after_s or 0.0, LONGEST_RETRY_S)
