"""Local renderer: renders clips on this computer, in worker processes, at no price."""

import asyncio
import hashlib
import shutil
import wave
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.adapters.local.facts import LEAD_IN_S, MAX_DURATION_S, LoopMotion, Model
from app.adapters.local.order import Encoded, Order, VideoFormat, seed_of
from app.adapters.local.process_pool import ProcessPool
from app.adapters.local.versions import RENDERER_VERSION
from app.errors import (
    LimitExceededError,
    ProviderRefusedError,
    ProviderUnavailableError,
    RenderingError,
    RenderNotFoundError,
    StoreError,
)
from app.rendering.ports import Capabilities, JobState, JobStatus, RenderJob
from app.store.disk_errors import disk_error

_IDLE_S = (2.0, 30.0)
_SIDES = (128, 1920)
_FPS = (10, 60)
_KEPT_RESULTS = 64
_CANCELLED = "Cannot finish the render: the job was cancelled."
_TRIES = 2
"""Tries of a job.

After the death of a worker it is tried once more, because rendering here is free and repeatable.
"""


@dataclass(slots=True)
class _LocalJob:
    """Submitted job and its progress."""

    order: Order
    out: Path
    state: JobState = "queued"
    done_share: float = 0.0
    error: RenderingError | StoreError | None = None
    task: asyncio.Task[None] | None = None


class LocalRenderer:
    """Local renderer; enter it as an async context manager, so that its workers end with it.

    `work_dir` holds finished files until they are fetched; `models_dir` holds the converted face graphs.
    """

    version = RENDERER_VERSION

    def __init__(self, *, work_dir: Path, models_dir: Path, workers: int | None = None) -> None:
        self._work_dir, self._models_dir = work_dir, models_dir
        self._crew = ProcessPool(workers)
        self._jobs: OrderedDict[str, _LocalJob] = OrderedDict()
        self._turns = asyncio.Semaphore(self._crew.size)

    @property
    def capabilities(self) -> Capabilities:
        """Return the capabilities: no price; about real time at 720 px on two cores."""
        return Capabilities(
            name="local",
            models=tuple(Model),
            max_duration_s=MAX_DURATION_S,
            seconds_per_second=0.6,
            concurrency=self._crew.size,
            poll_every_s=0.1,
            lead_in_s=LEAD_IN_S,
            silent_idle=True,
            motions=tuple(LoopMotion),
            source="measured on two x86-64 cores, 720x720 at 30 frames a second",
            checked_on="2026-11-22",
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def warm(self) -> None:
        """Start the workers now; the first clip then does not wait for them."""
        await self._crew.warm(_ready)

    async def submit(self, job: RenderJob) -> str:
        """Accept the job and begin; the same token is one job, however often it is submitted.

        Raises:
            PortraitError: the portrait cannot be animated.
            LimitExceededError: too long, too large, or an idle loop of odd length.
            ProviderRefusedError: the model, or the motion, is not one of ours.
            ProviderUnavailableError: a worker died while looking at the portrait.
        """
        request_id = _request_id(job.token)
        if request_id in self._jobs:
            return request_id
        order = await asyncio.to_thread(self._order, job)
        await self._crew.run(_in_worker, "check_order", order)
        self._work_dir.mkdir(parents=True, exist_ok=True)
        local_job = self._jobs.setdefault(request_id, _LocalJob(order, self._work_dir / f"{request_id}.mp4"))
        if local_job.task is None:
            local_job.task = asyncio.create_task(self._render(local_job), name=request_id)
            self._delete_old()
        return request_id

    async def poll(self, request_id: str) -> JobStatus:
        """Return the job's status.

        Raises:
            StoreError: the disk refused the rendered file.
        """
        local_job = self._jobs.get(request_id)
        if local_job is None:
            return JobStatus("unknown")
        if isinstance(local_job.error, StoreError):  # not the clip's fault: the next try begins anew
            del self._jobs[request_id]
            raise local_job.error
        return JobStatus(local_job.state, local_job.done_share, str(local_job.error or ""))

    async def wait(self, request_id: str) -> JobStatus:
        """Return the final status as soon as it is known: cheaper and faster than polling."""
        local_job = self._jobs.get(request_id)
        if local_job is not None and local_job.task is not None:
            await asyncio.wait([local_job.task])
        return await self.poll(request_id)

    async def fetch(self, request_id: str, destination: Path) -> None:
        """Copy the finished file.

        Raises:
            RenderNotFoundError: the job is unknown here or not finished.
            RenderingError: it failed; a retryable one when its worker died.
        """
        local_job = self._jobs.get(request_id)
        if local_job is not None and local_job.error is not None:
            raise local_job.error
        if local_job is None or local_job.state != "done":
            raise RenderNotFoundError(f"Expected a finished local render, got {request_id!r}; poll until it is done.")
        await asyncio.to_thread(shutil.copyfile, local_job.out, destination)

    async def cancel(self, request_id: str) -> None:
        """Cancel the job; a segment that is being painted is finished and dropped."""
        local_job = self._jobs.get(request_id)
        if local_job is not None and local_job.task is not None and not local_job.task.done():
            local_job.task.cancel()
            await asyncio.wait([local_job.task])
            if local_job.state != "done":  # a task cancelled before its first step sets no state
                local_job.state, local_job.error = "failed", RenderingError(_CANCELLED)

    async def find(self, token: str) -> str | None:
        """Return the request id of a token submitted since this process started."""
        request_id = _request_id(token)
        return request_id if request_id in self._jobs else None

    async def close(self) -> None:
        """Cancel running jobs, end the workers, delete unfetched files."""
        running = [s.task for s in self._jobs.values() if s.task is not None and not s.task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._crew.close()
        for local_job in self._jobs.values():
            local_job.out.unlink(missing_ok=True)
        self._jobs.clear()

    async def _render(self, local_job: _LocalJob) -> None:
        try:
            async with self._turns:
                local_job.state = "running"
                await self._render_with_retry(local_job)
                local_job.state, local_job.done_share = "done", 1.0
        except RenderingError as error:
            local_job.state, local_job.error = "failed", error
        except OSError as error:
            local_job.state, local_job.error = "failed", disk_error(error)
        except Exception as error:  # noqa: BLE001 - the edge of a job: any error is this job's failure
            local_job.state, local_job.error = "failed", RenderingError(f"Cannot render the clip: {error!r}.")

    async def _render_with_retry(self, local_job: _LocalJob) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                await self._render_once(local_job)
            except ProviderUnavailableError:
                if attempt == _TRIES:
                    raise
            else:
                return

    async def _render_once(self, local_job: _LocalJob) -> None:
        count: int = await self._crew.run(_in_worker, "segment_count", local_job.order)
        done = 0

        async def segment(number: int) -> list[Encoded]:
            nonlocal done
            packets: list[Encoded] = await self._crew.run(_in_worker, "render_segment", local_job.order, number)
            done += 1
            local_job.done_share = 0.98 * done / count
            return packets

        pieces = await _gather_or_cancel([asyncio.ensure_future(segment(n)) for n in range(count)])
        await self._crew.run(
            _in_worker, "join", local_job.order, [p for packets in pieces for p in packets], local_job.out
        )

    def _order(self, job: RenderJob) -> Order:
        if job.model not in tuple(Model):
            raise ProviderRefusedError(f"Expected a local model of {[str(m) for m in Model]}, got {job.model!r}.")
        _check_screen(job)
        _check_length(job)
        motion = job.parameters.get("motion", LoopMotion.IDLE)
        if motion not in tuple(LoopMotion):
            raise ProviderRefusedError(f"Expected a motion of {[str(m) for m in LoopMotion]}, got {motion!r}.")
        return Order(
            portrait=job.portrait,
            portrait_digest=hashlib.sha256(job.portrait.read_bytes()).hexdigest(),
            model=Model(job.model),
            screen=VideoFormat(job.width, job.height, job.fps),
            wav=job.speech_wav,
            words=job.words,
            phones=job.phones,
            idle_s=job.idle_s or 0.0,
            seed=seed_of(job.recipe_key),
            models_dir=self._models_dir,
            motion=LoopMotion(motion),
        )

    def _delete_old(self) -> None:
        finished = [i for i, s in self._jobs.items() if s.task is not None and s.task.done()]
        for request_id in finished[: max(0, len(self._jobs) - _KEPT_RESULTS)]:
            self._jobs.pop(request_id).out.unlink(missing_ok=True)


def _in_worker(function: str, *arguments: object) -> Any:
    """Call a function of what paints, in a worker: this process serves visitors and never loads it."""
    return getattr(import_module("app.adapters.local.render_clip"), function)(*arguments)


def _ready() -> None:
    """Load what paints."""
    import_module("app.adapters.local.render_clip")


async def _gather_or_cancel(tasks: Sequence[asyncio.Task[list[Encoded]]]) -> list[list[Encoded]]:
    """Return all results in order; when one fails, or the caller is cancelled, cancel the others."""
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _request_id(token: str) -> str:
    return "local-" + hashlib.sha256(token.encode()).hexdigest()[:32]


def _check_screen(job: RenderJob) -> None:
    low, high = _SIDES
    if not (low <= job.width <= high and low <= job.height <= high) or job.width % 2 or job.height % 2:
        raise LimitExceededError(f"Expected even sides of {low} to {high} px, got {job.width}x{job.height}.")
    if not _FPS[0] <= job.fps <= _FPS[1]:
        raise LimitExceededError(f"Expected {_FPS[0]} to {_FPS[1]} frames a second, got {job.fps!r}.")


def _check_length(job: RenderJob) -> None:
    if job.speech_wav is None:
        if job.idle_s is None or not _IDLE_S[0] <= job.idle_s <= _IDLE_S[1]:
            raise LimitExceededError(
                f"Expected speech or an idle loop of {_IDLE_S[0]:g} to {_IDLE_S[1]:g} s, got {job.idle_s!r}."
            )
        return
    with wave.open(str(job.speech_wav), "rb") as sound:
        length = sound.getnframes() / sound.getframerate()
    if length > MAX_DURATION_S:
        raise LimitExceededError(
            f"Expected at most {MAX_DURATION_S:g} s of speech, got {length:.1f} s; split the answer."
        )
