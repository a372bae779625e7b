"""Jobs of a provider: accepted, queued, running, over; timed by the simulators' clock."""

import asyncio
import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.simulators.error_replies import MediaProblem
from app.simulators.faults import Fault
from app.simulators.file_storage import Stored


class Phase(StrEnum):
    """Phase of a job, in terms of no provider."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Order:
    """Order of a submit.

    `body` is the request as received; `base` the address of the provider in the request; `notes` what only
    this vendor's handlers read again; `missing` the required fields that were not sent, if the provider
    notices only later.
    """

    model: str
    body: Mapping[str, Any]
    base: str
    image: str | None = None
    video: str | None = None
    audio: str | None = None
    text: str | None = None
    webhook: str | None = None
    price_per_s: Decimal = Decimal(0)
    min_billed_s: Decimal = Decimal(0)
    billed_step_s: Decimal = Decimal(0)
    box: tuple[int, int] = (1280, 720)
    fps: int = 30
    missing: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Job:
    """Accepted job. `end_at` is infinite for one that never finishes."""

    id: str
    vendor: str
    order: Order
    created_at: float
    start_at: float
    end_at: float
    flaws: frozenset[Fault] = frozenset()
    result: Stored | None = None
    problem: MediaProblem | None = None
    seconds: Decimal | None = None
    digests: dict[str, str] = field(default_factory=dict)
    cancelled_at: float | None = None
    deleted: bool = False
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    def phase(self, now: float) -> Phase:
        """Phase of the job; while its file is being made it is running."""
        if self.cancelled_at is not None:
            return Phase.CANCELLED
        if now < self.start_at:
            return Phase.QUEUED
        if not self.settled.is_set():
            return Phase.RUNNING
        return Phase.FAILED if self.problem is not None else Phase.DONE

    @property
    def unfinished(self) -> bool:
        """Return whether it still takes a place."""
        return self.cancelled_at is None and not self.settled.is_set()

    @property
    def audio_key(self) -> str:
        """Identity of the recipe on the bill: the digest of the submitted sound, or of the body."""
        return self.digests.get("audio") or hashlib.sha256(repr(self.order.body).encode()).hexdigest()


@dataclass(slots=True)
class JobBook:
    """Jobs of a provider in order of acceptance; `places` run at once."""

    places: int
    queue_s: float
    latency_s: float
    _jobs: dict[str, Job] = field(default_factory=dict)
    _live: list[Job] = field(default_factory=list)

    def open(self, job_id: str, vendor: str, order: Order, *, now: float, flaws: frozenset[Fault]) -> Job:
        """Accept a job: it starts when a place is free and ends `latency_s` later."""
        start = max(now + self.queue_s, self._free_at(now))
        end = math.inf if Fault.NEVER_FINISH in flaws else start + self.latency_s
        job = Job(job_id, vendor, order, created_at=now, start_at=start, end_at=end, flaws=flaws)
        self._jobs[job_id] = job
        self._live.append(job)
        return job

    def get(self, job_id: str) -> Job | None:
        """Return the job of an id, unless it is deleted."""
        job = self._jobs.get(job_id)
        return None if job is None or job.deleted else job

    def newest_first(self) -> Iterator[Job]:
        """List all jobs that are not deleted."""
        return (job for job in reversed(list(self._jobs.values())) if not job.deleted)

    def all(self) -> tuple[Job, ...]:
        """List all accepted jobs, oldest first."""
        return tuple(self._jobs.values())

    def ahead_of(self, job: Job, now: float) -> int:
        """Count the jobs that wait before it."""
        waiting = [other for other in self._unfinished() if other.phase(now) is Phase.QUEUED]
        return sum(1 for other in waiting if other.start_at < job.start_at)

    @property
    def unfinished(self) -> int:
        """List the jobs that take or wait for a place."""
        return len(self._unfinished())

    def clear(self) -> None:
        """Delete all jobs."""
        self._jobs.clear()
        self._live.clear()

    def _unfinished(self) -> list[Job]:
        self._live = [job for job in self._live if job.unfinished]
        return self._live

    def _free_at(self, now: float) -> float:
        """Return the time when a place is free.

        A job that never finishes takes none: two would stop a small account.
        """
        ends = sorted((job.end_at for job in self._unfinished() if now < job.end_at < math.inf), reverse=True)
        return ends[self.places - 1] if len(ends) >= self.places else now
