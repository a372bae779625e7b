"""One worker's go at one render: from wherever the ledger says it stands to a stored clip."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal
from uuid import uuid4

from app.errors import (
    BudgetExceededError,
    ChargedWithoutClipError,
    ClipRejectedError,
    ConsentMissingError,
    GreenroomError,
    LeaseLostError,
    MediaError,
    OutcomeUnknownError,
    ProviderBusyError,
    ProviderRefusedError,
    ProviderUnavailableError,
    StateUnavailableError,
    StoreFullError,
)
from app.rendering.abilities import Preparing
from app.rendering.ledger.states import (
    CLOSED,
    BeginSubmit,
    Fail,
    Fenced,
    Fetched,
    Lost,
    NotAccepted,
    Park,
    Ready,
    Release,
    Render,
    RenderState,
    Submitted,
)
from app.rendering.media.pipeline import ClipJob
from app.rendering.ports import JobStatus, ProviderFigures, RenderJob, own_id
from app.rendering.work.lost_submit import SubmitInquiry
from app.rendering.work.polling import JobPoller, poll_limits
from app.rendering.work.task import AttemptAgainError, AttemptContext, ClipProgress, Task
from app.store.ports import Entry

NEVER_S = 24 * 3600.0
"""A job without a price that is not finished after this is parked; one with a price after its provider's limit."""

RETRY_S = 2.0
"""The first wait after a submit that was not accepted; each further one doubles it."""

BUSY_S = 1.0
"""How often it is tried whether the provider has a place free."""

ANSWER_S = 60.0
"""How long whoever is stopped in the middle of a submit still waits for its answer."""

LATER_S = 30.0
"""A render that was left without an outcome is not looked at again before this."""

_MAY_BE_CALLED_OFF = {RenderState.SUBMITTING, RenderState.UNKNOWN, RenderState.SUBMITTED}
"""Less than `HANDED_OVER`: the job of a fetched render is over, and a parked one is no worker's to stop."""
_ACCOUNT = {"auth", "payment"}


class Attempt:
    """Carries a claimed render on. Each step is in the ledger before the next one begins."""

    def __init__(self, task: Task, render: Render, context: AttemptContext) -> None:
        self._task = task
        self._render = render
        self._context = context
        self._pipeline, self._clock = context.pipeline, context.pipeline.clock
        self._renderer = task.providers.renderer
        self._figures: ProviderFigures | None = None

    async def run(self) -> Entry:
        """Work until the clip is stored; whatever goes wrong, the ledger says where the render stands."""
        try:
            return await self._work()
        except asyncio.CancelledError:
            await self._leave()
            raise
        except (LeaseLostError, AttemptAgainError):
            raise
        except GreenroomError as error:
            await self._give_up(error)
            raise
        finally:
            if self._render.worker is not None:  # a mistake of ours, or the disk's: what was reached stays
                await self._quietly(Release)
            if self._render.state in CLOSED:  # an open render's folder may be another worker's by now
                await self._pipeline.clear(self._render.id)

    async def _work(self) -> Entry:
        self._context.checkpoint("claimed")
        entry = await self._pipeline.recipes.get(self._task.wanted.key)
        if entry is None:
            self._tell("speaking")
            async with self._at_no_cost():
                prepared = await self._prepared()
            if self._render.state is RenderState.LEASED:
                await self._submit(prepared)
            if self._render.state is RenderState.UNKNOWN:
                await self._reconcile(prepared)
            await self._bring(prepared)
            self._tell("storing")
            entry = await self._pipeline.finish(prepared, render=self._render, checkpoint=self._context.checkpoint)
            self._context.checkpoint("stored")
        await self._step(Ready)
        await self._pipeline.renditions.add(entry, self._task.avatar)  # what ends here costs nobody the clip
        return entry

    async def _prepared(self) -> ClipJob:
        fresh = self._render.state is RenderState.LEASED
        made = (self._task.wanted, self._task.avatar, self._task.providers)
        return await self._pipeline.prepare(*made, render=self._render, fresh=fresh, caps=self._task.caps)

    async def _job(self, prepared: ClipJob, token: str) -> RenderJob:
        return await self._pipeline.job(prepared, token=token, render_id=self._render.id, idles=self._task.idles)

    async def _submit(self, prepared: ClipJob) -> None:
        """Hand the job over, once: nothing here tries a submit again.

        An error that says nothing about the job leaves the render submitting; releasing it makes it unknown.
        """
        token = uuid4().hex
        job = await self._job(prepared, token)
        await self._upload(job)
        self._context.checkpoint("prepared")
        await self._begin(prepared, token)
        self._context.checkpoint("begun")
        await self._see_that_nobody_was_first()
        job = replace(job, may_send=self._in_time)
        sending = asyncio.create_task(self._renderer.submit(job), name=f"submit {self._render.id}")
        try:
            await asyncio.wait({sending})
        except asyncio.CancelledError:
            await self._hear(sending)
            raise
        await self._conclude(sending)

    async def _upload(self, job: RenderJob) -> None:
        """Let the renderer do beforehand what costs nothing, so that the submit itself is one short call."""
        if isinstance(self._renderer, Preparing):
            async with self._at_no_cost():
                await self._renderer.prepare(job)

    @contextlib.asynccontextmanager
    async def _at_no_cost(self) -> AsyncIterator[None]:
        """Run a step before the submit; it may be repeated when the provider wants it."""
        try:
            yield
        except ProviderUnavailableError as error:
            if self._render.state is not RenderState.LEASED or self._is_last(error):
                raise
            await self._step(Release, run_after=self._clock() + self._pause_after(error))
            raise AttemptAgainError(str(error), counts=error.retry_after_s is None) from error

    async def _begin(self, prepared: ClipJob, token: str) -> None:
        """Write down that money may flow from here on, as soon as the provider has a place free."""
        amount = self._renderer.capabilities.cost(self._task.providers.model, prepared.duration_s)
        while True:
            await self._context.keep_off(self._render.provider)
            try:
                return await self._step(BeginSubmit, token=token, amount=amount, seconds=prepared.duration_s)
            except ProviderBusyError:
                self._tell("waiting")
                await self._context.sleep(BUSY_S)

    async def _see_that_nobody_was_first(self) -> None:
        """Check that no other renderer delivered the clip a moment ago; from now on none can."""
        stored = [await self._pipeline.recipes.get(key) for key in self._task.rivals]
        if any(stored) or not self._in_time():  # asleep for a whole lease: nothing was sent, so nothing is lost
            await self._step(NotAccepted)
            raise AttemptAgainError("The same clip is there already, or the lease ran out.", counts=False)

    def _in_time(self) -> bool:
        """Return whether the lease of the submit still runs; until then nobody else may have this render."""
        return self._render.lease_until is not None and self._clock() < self._render.lease_until

    async def _hear(self, sending: asyncio.Task[str]) -> None:
        """Stopped in the middle of a submit: its answer is still worth waiting for."""
        await asyncio.wait({sending}, timeout=ANSWER_S)
        if sending.done():
            with contextlib.suppress(GreenroomError, AttemptAgainError):
                await self._conclude(sending)
        sending.cancel()

    async def _conclude(self, sending: asyncio.Task[str]) -> None:
        try:
            request_id = sending.result()
        except ProviderUnavailableError as error:
            await self._not_accepted(error)
        except OutcomeUnknownError:
            await self._step(Lost)
        except GreenroomError as error:
            blame = getattr(error, "reason", "") in _ACCOUNT
            await self._step(Fail, code=error.code, message=str(error), blame=blame)
            raise
        else:
            self._context.checkpoint("accepted")
            await self._step(Submitted, request_id=request_id, own_id=own_id(self._renderer, request_id))
            self._context.checkpoint("submitted")

    async def _reconcile(self, prepared: ClipJob) -> None:
        """Find out what became of a submit whose answer is missing."""
        self._context.checkpoint("reconciling")
        inquiry = SubmitInquiry(self._renderer, self._context.ledger, self._clock, self._context.sleep)
        finding = await inquiry.ask(self._render, lambda: self._job(prepared, self._render.token or ""))
        match finding.fate:
            case "taken":
                own = own_id(self._renderer, finding.request_id)
                await self._step(Submitted, request_id=finding.request_id, own_id=own)
            case "absent":
                await self._not_accepted(ProviderUnavailableError(finding.why or "The job is gone."), wait=False)
            case "unknowable":
                await self._park(finding.why)

    async def _park(self, why: str, error: type[GreenroomError] = OutcomeUnknownError) -> None:
        message = f"{why} Look it up with the provider, then retry or cancel render {self._render.id}."
        await self._step(Park, message=message, code=error.code)
        raise error(message)

    async def _gone(self, why: str) -> None:
        """Try again what cost nothing; park what may have been paid for."""
        if self._render.reserved == 0:
            await self._not_accepted(ProviderUnavailableError(f"Render {self._render.id}: {why}"), wait=False)
        await self._park(why)

    async def _not_accepted(self, error: ProviderUnavailableError, *, wait: bool = True) -> None:
        counts = error.retry_after_s is None
        if self._is_last(error):
            await self._step(
                Fail, code=error.code, message=str(error), retryable=error.retryable, blame=wait and counts
            )
            raise error
        pause = self._pause_after(error) if wait else timedelta(0)
        await self._step(NotAccepted, run_after=self._clock() + pause, blame=wait and counts)
        raise AttemptAgainError(str(error), counts=counts) from error

    def _is_last(self, error: ProviderUnavailableError) -> bool:
        """Return whether it is not tried again in this run: there were enough tries, or the pause is a long one."""
        if error.retry_after_s is None:
            return self._task.tries_left <= 1
        return self._context.is_long(self._render.provider, error.retry_after_s) or self._task.waits_left <= 1

    def _pause_after(self, error: ProviderUnavailableError) -> timedelta:
        ours = RETRY_S * 2 ** min(max(0, self._render.attempts - 1), 6)
        return timedelta(seconds=max(ours, error.retry_after_s or 0.0))

    async def _bring(self, prepared: ClipJob) -> None:
        """Wait for the video and bring it here, unless an earlier attempt did."""
        if self._render.state is RenderState.FETCHED and self._pipeline.has_video(self._render.id):
            return
        if self._render.request_id is None:  # a person has accepted or brought it: there is no job to ask for
            raise ProviderUnavailableError("Its video is kept on another computer, which stores it.")
        pause = functools.partial(self._context.pause, self._render.token or "")
        told = (self._context.sleep, self._task.on_progress, self._context.checkpoint)
        poller = JobPoller(self._renderer, self._render.request_id, self._clock, pause, *told)
        await self._until_done(poller, prepared)
        self._context.checkpoint("done")
        await self._pipeline.bring(self._render.id, poller.fetch)
        self._context.checkpoint("downloaded")
        if self._render.state is RenderState.SUBMITTED:
            await self._step(Fetched)
        self._context.checkpoint("fetched")

    async def _until_done(self, poller: JobPoller, prepared: ClipJob) -> None:
        facts, asked, began = self._renderer.capabilities, repr(poller.request_id), self._clock()
        limits = poll_limits(facts, prepared.duration_s, paid=self._render.reserved > 0)
        status = await poller.until_over(limits)
        self._figures = status.figures
        match status.state:
            case "done":
                return
            case "failed" | "no_video":
                await self._failed(status)
            case "unknown":
                await self._gone(f"Renderer `{facts.name}` does not know request {asked} any more.")
        if self._render.reserved or self._clock() - (self._render.begun_at or began) >= timedelta(seconds=NEVER_S):
            await self._park(limits.overdue(asked))
        raise ProviderUnavailableError(f"Request {asked} is still not finished; a later run takes it up again.")

    async def _failed(self, status: JobStatus) -> None:
        """Close what cost nothing, so that the next renderer may be tried; park what is or may be billed."""
        why = f"Renderer `{self._renderer.capabilities.name}` could not film it: {status.error}"
        if status.charged and self._render.reserved:
            await self._park(f"{why}. It is, or may be, billed, and is not ordered again.", ChargedWithoutClipError)
        await self._step(Fail, code=ProviderRefusedError.code, message=status.error, charged=status.charged)
        raise ProviderRefusedError(why)

    async def _give_up(self, error: GreenroomError) -> None:
        """Record a failure where the render is over; leave it where a later run can carry it on."""
        handed_over = self._render.state is not RenderState.LEASED
        match error:
            case ClipRejectedError() | MediaError() if self._render.state is RenderState.FETCHED:
                await self._pipeline.put_aside(self._render.id, str(error))
                await self._quietly(Fail, code=error.code, message=str(error), charged=True)
            case ConsentMissingError() if handed_over:
                with contextlib.suppress(GreenroomError):
                    await self._call_off()
                await self._quietly(Fail, code=error.code, message=str(error), charged=True)
            case MediaError() | ProviderRefusedError() if self._cannot_be_had(error):
                await self._park(f"It is done, and may be paid, but cannot be had: {error}")
            case ChargedWithoutClipError() if not handed_over:
                await self._quietly(Park, message=str(error), code=error.code)
            case BudgetExceededError() | StateUnavailableError() | StoreFullError() if not handed_over:  # ours, not its
                await self._quietly(Release)
            case _ if handed_over:
                lost = self._render.state is RenderState.UNKNOWN
                await self._quietly(Release, run_after=self._clock() + timedelta(seconds=LATER_S) if lost else None)
            case _:
                await self._quietly(Fail, code=error.code, message=str(error), retryable=error.retryable)

    def _cannot_be_had(self, error: GreenroomError) -> bool:
        """Return whether a paid job is refused for good; a revoked key may be given back."""
        return self._render.state is RenderState.SUBMITTED and getattr(error, "reason", "") not in _ACCOUNT

    async def _leave(self) -> None:
        """Stopped from outside: a job that costs nothing is called off, a paid one goes on for a later run to fetch."""
        if self._render.state in _MAY_BE_CALLED_OFF and self._render.reserved == 0:
            with contextlib.suppress(GreenroomError):
                await self._call_off()
            await self._quietly(NotAccepted)
        else:
            await self._quietly(Release)

    async def _call_off(self) -> None:
        request_id = self._render.request_id or await self._renderer.find(self._render.token or "")
        if request_id is not None:
            await self._renderer.cancel(request_id)

    async def _quietly(self, event: type[Fenced], **details: Any) -> None:
        """A last word; if the render is somebody else's by now, or closed, it is not ours to say."""
        with contextlib.suppress(GreenroomError):
            await self._step(event, **details)

    async def _step(self, event: type[Fenced], **details: Any) -> None:
        happened = event(now=self._clock(), fence=self._render.fence, figures=self._figures, **details)
        room = self._task.room if event is BeginSubmit else None
        self._render = await self._context.ledger.apply(self._render.id, happened, caps=self._task.caps, room=room)
        self._figures = None

    def _tell(self, stage: Literal["waiting", "speaking", "storing"]) -> None:
        self._task.on_progress(ClipProgress(stage))
