"""Simulated provider behind its wire format: accepts jobs, runs them, bills them, sends webhooks."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from typing import Any

from starlette.requests import Request

from app.errors import GreenroomError
from app.simulators import signing
from app.simulators.clock import Clock
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import ErrorReply, MediaProblem, MediaRefusedError, Problem, ReplyBody
from app.simulators.faults import FAILED, FILE, HOOK, JOB, Fault, Operation, Rule
from app.simulators.file_storage import Stored
from app.simulators.http_client import is_private
from app.simulators.inputs import Inputs, Limits, Reader
from app.simulators.jobs import Job, JobBook, Order, Phase
from app.simulators.stub_video import VideoOrder, fitted
from app.simulators.webhook_sender import Event, RetryHabit, WebhookSender, settle


@dataclass(frozen=True, slots=True)
class Profile:
    """Profile of a provider: the ways in which its work differs from that of others.

    `places`: jobs at once; `surplus_waits`: whether more are queued; else they are refused;
    `failed_is_charged`: whether a job that failed over the customer's input stays on the bill; `files`: the
    path results are served under; `model_limits`: limits of models that have their own; `say` makes the
    provider's error reply for a status.
    """

    name: str
    say: Callable[[int, str], ReplyBody]
    scheme: signing.Scheme = signing.unsigned
    habit: RetryHabit = field(default_factory=lambda: RetryHabit(10.0))
    places: int = 10
    surplus_waits: bool = True
    failed_is_charged: bool = False
    files: str = "files"
    limits: Limits = field(default_factory=Limits)
    model_limits: Mapping[str, Limits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Line of the bill that is not a render: speech, chat."""

    what: str
    characters: int
    amount: Decimal


HookWriter = Callable[[Job], tuple[str, Mapping[str, Any]]]
"""Writer of a finished job's webhook: the event's kind and the body."""


class SimulatedProvider:
    """Simulated provider in one context: jobs, files, bill and webhooks."""

    def __init__(self, profile: Profile, stage: SimulatorContext) -> None:
        self.profile = profile
        self.stage = stage
        self.usage: list[Usage] = []
        self.write_hook: HookWriter | None = None
        self.forgetting: list[Callable[[], None]] = []
        self.jobs = JobBook(
            places=profile.places if profile.surplus_waits else 1_000_000,
            queue_s=stage.queue_s,
            latency_s=stage.latency_s,
        )
        self.sender = WebhookSender(profile.scheme, profile.habit, stage.clock, stage.outbound)
        self.reader = Reader(stage, profile.name, profile.limits, profile.model_limits)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def clock(self) -> Clock:
        """Clock of the context."""
        return self.stage.clock

    def base(self, request: Request) -> str:
        """Return the address of this provider, without a slash at the end."""
        mounted_at = str(request.scope.get("root_path", "")).rstrip("/")
        server = self.stage.public_base or f"{request.url.scheme}://{request.url.netloc}"
        return f"{server.rstrip('/')}{mounted_at}"

    def refuse(self, status: int, message: str) -> ErrorReply:
        """Make the provider's error reply, to be raised."""
        return ErrorReply(self.profile.say(status, message))

    def check_key(self, key: str | None) -> None:
        """Admit a request with the expected key, or with any key if none is set.

        Raises:
            ErrorReply: 401.
        """
        expected = self.stage.keys.get(self.profile.name)
        if not key or (expected is not None and not secrets.compare_digest(key.encode(), expected.encode())):
            raise self.refuse(401, "Invalid or missing API key.")

    def check_webhook(self, url: str | None, *, https_only: bool = True) -> None:
        """Refuse a webhook address that the provider would not call, unless the context allows private ones.

        Raises:
            MediaRefusedError: it is not a public https address.
        """
        if url is not None and not self.stage.private_webhooks and _unusable(url, https_only=https_only):
            raise MediaRefusedError(
                Problem.PRIVATE_URL, "webhook", f"The webhook must be a public https address, got {url!r}."
            )

    async def accept(
        self, request: Request, order: Order, *, inputs: Inputs | None = None, job_id: str | None = None
    ) -> Job:
        """Accept a job, bill it, and start it; `job_id` is the customer's own name for it, if there is one.

        Raises:
            ErrorReply: 429, if surplus work is refused.
        """
        if not self.profile.surplus_waits and self.jobs.unfinished >= self.profile.places:
            raise self.refuse(429, "Concurrency limit reached.")
        name = job_id or self.stage.new_id()
        job = self.jobs.open(name, self.profile.name, order, now=self.clock.now(), flaws=_flaws(request))
        early = self.stage.faults.take(self.profile.name, Operation.WEBHOOK, only={Fault.EARLY})
        if early is not None or _header_rule(request, {Fault.EARLY}) is not None:
            job.start_at = job.end_at = self.clock.now()
            await self._work_off(job, inputs, None)
            return job
        task = asyncio.create_task(self._work_off(job, inputs, _header_rule(request, HOOK)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def phase(self, job: Job) -> Phase:
        """Return the phase of a job."""
        return job.phase(self.clock.now())

    def file_url(self, job: Job) -> str | None:
        """Return the address of a finished job's video."""
        return None if job.result is None else f"{job.order.base}/{self.profile.files}/{job.result.name}"

    def shows_video(self, job: Job) -> bool:
        """Return whether the address of a finished job's video is given by now."""
        if Fault.NO_VIDEO in job.flaws or job.result is None:
            return False
        return Fault.LATE_VIDEO not in job.flaws or self.clock.now() >= job.end_at + self.stage.late_video_s

    def charged(self, job: Job) -> bool:
        """Return whether the provider bills a job."""
        if job.cancelled_at is not None:
            return job.cancelled_at >= job.start_at
        if job.problem is not None and job.flaws & {Fault.FAILED_BILLED, Fault.FAILED_FREE}:
            return Fault.FAILED_BILLED in job.flaws
        return job.problem is None or self.profile.failed_is_charged

    def amount(self, job: Job) -> Decimal:
        """Return the billed amount, dollars."""
        if not self.charged(job) or job.seconds is None:
            return Decimal(0)
        seconds, step = max(job.seconds, job.order.min_billed_s), job.order.billed_step_s
        return job.order.price_per_s * ((seconds / step).to_integral_value(ROUND_UP) * step if step else seconds)

    async def close(self) -> None:
        """Cancel all running work."""
        await settle(self._tasks)

    async def reset(self) -> None:
        """Reset the account: no jobs, no bill, no deliveries."""
        await self.close()
        self.jobs.clear()
        self.usage.clear()
        self.sender.attempts.clear()
        for forget in self.forgetting:
            forget()

    async def _work_off(self, job: Job, inputs: Inputs | None, rule: Rule | None) -> None:
        try:
            gathered = inputs or await self.reader.gather(job.order)
            job.seconds = gathered.billed_seconds
            job.digests.update(gathered.digests)
            film = await self._film(job, gathered)
        except MediaRefusedError as refusal:
            film, job.problem = None, refusal.problem
        except GreenroomError as error:
            film, job.problem = None, MediaProblem(Problem.WRONG_FORMAT, "input", str(error))
        if job.flaws & FAILED:
            job.problem = MediaProblem(Problem.WRONG_FORMAT, "internal", "The model failed to process the input.")
        if Fault.NEVER_FINISH in job.flaws:
            return
        await self.clock.until(job.end_at)
        job.result = None if job.problem is not None else film
        job.settled.set()
        await self._tell(job, rule)

    async def _film(self, job: Job, gathered: Inputs) -> Stored:
        width, height = fitted(gathered.still, job.order.box)
        film = VideoOrder(
            still=gathered.still,
            sound=gathered.sound,
            duration_s=gathered.duration_s * (0.5 if Fault.WRONG_DURATION in job.flaws else 1.0),
            width=width,
            height=height,
            fps=gathered.fps or job.order.fps,
            with_sound=Fault.NO_AUDIO not in job.flaws,
        )
        content = await asyncio.to_thread(self.stage.media.film, film)
        return await self.stage.storage.put(
            f"{self.stage.new_id()}/output.mp4", content, "video/mp4", flaws=job.flaws & FILE
        )

    async def _tell(self, job: Job, rule: Rule | None) -> None:
        if job.order.webhook is None or self.write_hook is None or job.cancelled_at is not None:
            return
        kind, body = self.write_hook(job)
        other = next((o for o in self.jobs.newest_first() if o is not job and o.settled.is_set()), None)
        event = Event(
            url=job.order.webhook,
            event_id=job.id,
            body=body,
            kind=kind,
            own_secret=job.order.notes.get("webhook_secret"),
            other=self.write_hook(other)[1] if other is not None else None,
        )
        struck = rule or self.stage.faults.take(self.profile.name, Operation.WEBHOOK, only=HOOK - {Fault.EARLY})
        await self.sender.deliver(event, struck)


def _unusable(url: str, *, https_only: bool) -> bool:
    return is_private(url) or (https_only and not url.startswith("https://"))


def _rule(request: Request) -> Rule | None:
    rule = request.scope.get("greenroom.fault")
    return rule if isinstance(rule, Rule) else None


def struck(request: Request, fault: Fault) -> bool:
    """Return whether the fault applies to this request."""
    rule = _rule(request)
    return rule is not None and rule.fault is fault


def _flaws(request: Request) -> frozenset[Fault]:
    rule = _rule(request)
    return frozenset({rule.fault}) if rule is not None and rule.fault in JOB | FILE else frozenset()


def _header_rule(request: Request, among: frozenset[Fault] | set[Fault]) -> Rule | None:
    rule = _rule(request)
    return rule if rule is not None and rule.fault in among else None
