"""One worker's go at one render: from wherever the ledger says it stands to a stored clip."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import uuid4

from app.catalog.model import Avatar
from app.errors import (
    BudgetExceededError,
    ClipRejectedError,
    GreenroomError,
    LeaseLostError,
    MediaError,
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from app.rendering.cast import Cast
from app.rendering.ledger import Cap, Ledger
from app.rendering.lines import WantedClip
from app.rendering.pipeline import Pipeline, Scene, video_path
from app.rendering.ports import JobStatus
from app.rendering.states import (
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
from app.store.ports import Entry

PATIENCE_S = 900.0
"""A job that is not finished after this, or after 60 times its expected time, is left to a later run."""

RETRY_S = 2.0
"""The first wait after a submit that was not accepted; each further one doubles it."""

_HANDED_OVER = {RenderState.SUBMITTING, RenderState.UNKNOWN, RenderState.SUBMITTED}


class AttemptAgainError(Exception):
    """Nothing was accepted and the ledger says so: the render may be claimed again."""


@dataclass(frozen=True, slots=True)
class ClipProgress:
    """How far a clip is: `done_share` of its stage, from 0 to 1."""

    stage: Literal["waiting", "speaking", "rendering", "storing"]
    done_share: float = 0.0


OnProgress = Callable[[ClipProgress], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be filmed, by whom, within which caps; `last` when a refusal is not to be tried again."""

    wanted: WantedClip
    avatar: Avatar
    cast: Cast
    caps: Collection[Cap]
    on_progress: OnProgress
    last: bool = False


class Attempt:
    """Carries a claimed render on. Each step is in the ledger before the next one begins."""

    def __init__(
        self,
        task: Task,
        render: Render,
        *,
        pipeline: Pipeline,
        ledger: Ledger,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._task = task
        self._render = render
        self._pipeline = pipeline
        self._ledger = ledger
        self._sleep = sleep
        self._renderer = task.cast.renderer
        self._video = video_path(pipeline.folder(render.id))

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
            if self._render.worker is not None:  # a mistake of ours, or a full disk: what was reached stays
                await self._release()
            if self._render.state in CLOSED:  # an open render's folder may be another worker's by now
                await self._pipeline.clear(self._render.id)

    async def _work(self) -> Entry:
        entry = await self._pipeline.recipes.get(self._task.wanted.key)
        if entry is None:
            self._tell("speaking")
            scene = await self._pipeline.prepare(self._task.wanted, self._task.avatar, self._task.cast)
            if self._render.state is RenderState.UNKNOWN:
                await self._reconcile()
            if self._render.state is RenderState.LEASED:
                await self._submit(scene)
            await self._bring(scene)
            self._tell("storing")
            entry = await self._pipeline.finish(scene, video=self._video)
        await self._step(Ready)
        return entry

    async def _submit(self, scene: Scene) -> None:
        """Hand the job over, once: nothing here tries a submit again.

        An error that says nothing about the job leaves the render submitting; releasing it makes it unknown.
        """
        token = uuid4().hex
        job = await self._pipeline.job(scene, token=token, folder=self._video.parent)
        amount = self._renderer.capabilities.price_per_s * Decimal(str(round(scene.duration_s, 3)))
        await self._step(BeginSubmit, token=token, amount=amount)
        try:
            request_id = await self._renderer.submit(job)
        except ProviderUnavailableError as error:
            await self._not_accepted(error)
        except OutcomeUnknownError:
            await self._step(Lost)
            await self._reconcile()
        except GreenroomError as error:
            await self._step(Fail, code=error.code, message=str(error))
            raise
        else:
            await self._step(Submitted, request_id=request_id)

    async def _reconcile(self) -> None:
        """Find out what became of a submit whose answer is missing."""
        found = await self._renderer.find(self._render.token or "")
        if found is not None:
            await self._step(Submitted, request_id=found)
            return
        await self._gone("Its answer was lost and the provider cannot say whether it took the job.")

    async def _gone(self, why: str) -> None:
        """Try again what cost nothing; park what may have been paid for."""
        if self._render.reserved == 0:
            await self._not_accepted(ProviderUnavailableError(f"Render {self._render.id}: {why}"), wait=False)
        message = f"{why} Look it up with the provider, then retry or cancel render {self._render.id}."
        await self._step(Park, message=message)
        raise OutcomeUnknownError(message)

    async def _not_accepted(self, error: GreenroomError, *, wait: bool = True) -> None:
        if self._task.last:
            await self._step(Fail, code=error.code, message=str(error), retryable=error.retryable)
            raise error
        pause = timedelta(seconds=RETRY_S * 2 ** min(self._render.attempts - 1, 6)) if wait else timedelta(0)
        await self._step(NotAccepted, run_after=self._pipeline.clock() + pause)
        raise AttemptAgainError(str(error)) from error

    async def _bring(self, scene: Scene) -> None:
        """Wait for the video and bring it here, unless an earlier attempt did."""
        if self._render.state is RenderState.FETCHED and self._video.exists():
            return
        request_id = self._render.request_id or ""
        await self._until_done(request_id, scene)
        await asyncio.to_thread(self._video.parent.mkdir, parents=True, exist_ok=True)
        part = self._video.with_suffix(".part.mp4")
        await self._renderer.fetch(request_id, part)
        part.replace(self._video)
        if self._render.state is RenderState.SUBMITTED:
            await self._step(Fetched)

    async def _until_done(self, request_id: str, scene: Scene) -> None:
        facts = self._renderer.capabilities
        patience = timedelta(seconds=max(PATIENCE_S, 60 * scene.duration_s * facts.seconds_per_second))
        deadline = self._pipeline.clock() + patience
        while self._pipeline.clock() < deadline:
            status = await self._poll(request_id)
            match status.state:
                case "done":
                    return
                case "failed":
                    await self._step(Fail, code=ProviderRefusedError.code, message=status.error)
                    raise ProviderRefusedError(f"Renderer `{facts.name}` could not film it: {status.error}")
                case "unknown":
                    await self._gone(f"Renderer `{facts.name}` does not know request {request_id!r} any more.")
            self._tell("rendering", status.done_share)
            await self._sleep(facts.poll_every_s)
        raise ProviderUnavailableError(f"Request {request_id!r} is still not finished; a later run takes it up again.")

    async def _poll(self, request_id: str) -> JobStatus:
        try:
            return await self._renderer.poll(request_id)
        except ProviderUnavailableError:
            return JobStatus("running")

    async def _give_up(self, error: GreenroomError) -> None:
        """Record a failure where the render is over; leave it where a later run can carry it on."""
        if isinstance(error, ClipRejectedError | MediaError) and self._render.state is RenderState.FETCHED:
            await self._pipeline.put_aside(self._render.id, str(error))
            await self._quietly(Fail, code=error.code, message=str(error), charged=True)
        elif isinstance(error, BudgetExceededError) or self._render.state is not RenderState.LEASED:
            await self._release()
        else:
            await self._quietly(Fail, code=error.code, message=str(error), retryable=error.retryable)

    async def _leave(self) -> None:
        """Stopped from outside: a job that costs nothing is called off, a paid one goes on for a later run to fetch."""
        if self._render.state in _HANDED_OVER and self._render.reserved == 0:
            with contextlib.suppress(GreenroomError):
                await self._call_off()
            await self._quietly(NotAccepted)
        else:
            await self._release()

    async def _call_off(self) -> None:
        request_id = self._render.request_id or await self._renderer.find(self._render.token or "")
        if request_id is not None:
            await self._renderer.cancel(request_id)

    async def _release(self) -> None:
        await self._quietly(Release)

    async def _quietly(self, event: type[Fenced], **details: Any) -> None:
        """A last word; if the render is somebody else's by now, or closed, it is not ours to say."""
        with contextlib.suppress(GreenroomError):
            await self._step(event, **details)

    async def _step(self, event: type[Fenced], **details: Any) -> None:
        happened = event(now=self._pipeline.clock(), fence=self._render.fence, **details)
        self._render = await self._ledger.apply(self._render.id, happened, caps=self._task.caps)

    def _tell(self, stage: Literal["speaking", "rendering", "storing"], done_share: float = 0.0) -> None:
        self._task.on_progress(ClipProgress(stage, done_share))
