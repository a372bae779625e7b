"""A small deterministic world: real attempts on a real ledger, a provider that counts what it is paid, virtual time."""

# ruff: noqa: ARG002 -- fakes take what the real ones take

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from app.catalog.model import Avatar, Voice
from app.catalog.terms import Consent
from app.digest import Digest
from app.errors import ClipRejectedError, OutcomeUnknownError, ProviderUnavailableError
from app.rendering.fakes import FakeSpeech
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.ledger.port import Cap
from app.rendering.ledger.records import Hook
from app.rendering.ledger.states import Render, RenderState
from app.rendering.plan.clips import WantedClip, want_clip
from app.rendering.plan.providers import AvatarProviders
from app.rendering.ports import Capabilities, JobStatus, RenderJob
from app.rendering.work.failover import RendererChain
from app.rendering.work.lost_submit import SubmitInquiry
from app.rendering.work.task import AttemptContext
from app.store.labels import Labels
from tests.money.processes import Gate, Process

EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
LEASE_S = 15.0
GRACE_S = 600.0
FILMS_S = 20.0
LATE_S = 60.0
"""How long a finished job is asked for the address of its video."""
PER_CLIP = 2

Kind = Literal["key", "find", "webhook", "nothing"]
Fault = Literal["none", "refused", "lost", "never sent"]
Calls = Literal["none", "once", "twice", "early", "late"]
Word = Literal["", "retry", "not billed", "billed", "adopt", "deliver"]
"""What a person says of a render that is parked, or whose clip was refused; whether it is true is another matter."""

Ending = Literal["fine", "late", "empty", "failed, billed", "failed, free", "vanished", "refused"]
"""How every job ends: its video is there, there later, or never; it failed; it is unknown; the gate refuses it."""


@dataclass(frozen=True)
class Scenario:
    """What goes wrong. `kill` and `freeze` are numbers of calls; two kills a call, before and after its effect.

    `spare`: the avatar has a second renderer, whose jobs end in the same way. `word`: what a person says afterwards.
    """

    kind: Kind
    fault: Fault
    calls: Calls
    kill: int | None = None
    freeze: int | None = None
    freeze_s: float = 60.0
    ending: Ending = "fine"
    spare: bool = False
    word: Word = ""


class Provider:
    """A vendor: `jobs` is what it has taken, `bills` what it charges for."""

    version = "1"

    def __init__(self, scenario: Scenario, ledger: MemoryLedger, name: str = "fake") -> None:
        has_webhook = scenario.kind != "nothing"
        self.capabilities = Capabilities(
            name=name,
            late_s=LATE_S,
            models=("m",),
            price_per_s=Decimal("0.1"),
            poll_every_s=5.0,
            idempotency="key" if scenario.kind == "key" else "none",
            find="proof" if scenario.kind == "find" else "none",
            grace_s=GRACE_S,
            webhook="signed" if has_webhook else "none",
        )
        self.jobs: dict[str, tuple[str, float]] = {}
        self._calls = scenario.calls if has_webhook else "none"
        self._fault = scenario.fault
        self._ending = scenario.ending
        self._ledger = ledger
        self._tasks: list[asyncio.Task[None]] = []

    async def submit(self, job: RenderJob) -> str:
        """Take the job, and count it, if it arrives: a client looks whether it may still send right before it does."""
        if not job.may_send():
            raise ProviderUnavailableError("It would have been too late.")
        fault, self._fault = self._fault, "none"
        await asyncio.sleep(0.5)
        if fault == "refused":
            raise ProviderUnavailableError("Not now.")
        if fault == "never sent":
            raise OutcomeUnknownError("The connection broke on the way there.")
        request_id = self._take(job.token)
        await asyncio.sleep(0.5)
        if fault == "lost":
            raise OutcomeUnknownError("The connection broke on the way back.")
        return request_id

    async def poll(self, request_id: str) -> JobStatus:
        """Done after a while."""
        if request_id not in self.jobs:
            return JobStatus("unknown")
        over_s = asyncio.get_running_loop().time() - self.jobs[request_id][1] - FILMS_S
        if over_s < 0:
            return JobStatus("running")
        late = self._ending == "late" and over_s >= LATE_S / 2
        return JobStatus("done") if late else _STANDINGS.get(self._ending, JobStatus("done"))

    @property
    def bills(self) -> int:
        """How many jobs it charges for."""
        return 0 if self._ending == "failed, free" else len(self.jobs)

    async def fetch(self, request_id: str, destination: Path) -> None:
        """Give it away."""

    async def cancel(self, request_id: str) -> None:
        """Too late."""

    async def find(self, token: str) -> str | None:
        """By token, where this kind can."""
        if self.capabilities.find == "none":
            return None
        return next((request_id for request_id, (had, _) in self.jobs.items() if had == token), None)

    async def settle(self) -> None:
        """Drop what is still to be called."""
        for task in self._tasks:
            task.cancel()

    def _take(self, token: str) -> str:
        if self.capabilities.idempotency == "key":
            for request_id, (had, _) in self.jobs.items():
                if had == token:
                    return request_id
        request_id = f"{self.capabilities.name[0]}{len(self.jobs)}"
        self.jobs[request_id] = (token, asyncio.get_running_loop().time())
        delays = {"none": (), "once": (5.0,), "twice": (5.0, 9.0), "early": (0.0,), "late": (7200.0,)}[self._calls]
        self._tasks += [asyncio.ensure_future(self._call(token, request_id, delay)) for delay in delays]
        return request_id

    async def _call(self, token: str, request_id: str, delay: float) -> None:
        await asyncio.sleep(delay)
        await self._ledger.keep_hook(Hook(self.capabilities.name, token, request_id, "done", now(), "0" * 64))


_STANDINGS = {
    "late": JobStatus("no_video", charged=True),
    "empty": JobStatus("no_video", charged=True),
    "failed, billed": JobStatus("failed", charged=True),
    "failed, free": JobStatus("failed"),
    "vanished": JobStatus("unknown"),
}
"""What a vendor says of a job that is over, where that is not that it is done."""


class Shelf:
    """The store: what was put is there, whoever dies."""

    def __init__(self) -> None:
        self.entries: dict[Digest, Any] = {}

    async def get(self, key: Digest) -> Any:
        """The entry."""
        return self.entries.get(key)

    async def put(self, key: Digest) -> Any:
        """Keep it."""
        self.entries[key] = SimpleNamespace(key=key, media={"duration_s": 3.0})
        return self.entries[key]


async def _no_rendition(entry: Any, avatar: Avatar) -> bool:
    return False


@dataclass
class Steps:
    """A pipeline that keeps its files in memory; a new process finds those of the old one, as on one disk."""

    process: Process
    recipes: Any
    shelf: Shelf
    videos: set[str]
    refuses: bool

    def clock(self) -> datetime:
        """The time."""
        return now()

    async def prepare(
        self,
        wanted: WantedClip,
        avatar: Avatar,
        providers: AvatarProviders,
        *,
        render: Render,
        fresh: bool,
        caps: Collection[Cap],
    ) -> Any:
        """Three seconds of speech."""
        return SimpleNamespace(wanted=wanted, duration_s=3.0)

    async def job(self, prepared: Any, *, token: str, render_id: str, idles: Any) -> RenderJob:
        """A job with the token."""
        return replace(_JOB, token=token, recipe_key=prepared.wanted.key)

    def has_video(self, render_id: str) -> bool:
        """Whether it was brought."""
        return render_id in self.videos

    async def bring(self, render_id: str, fetch: Callable[[Path], Awaitable[None]]) -> None:
        """Fetch it."""
        await fetch(Path())
        self.videos.add(render_id)

    async def finish(self, prepared: Any, *, render: Render, checkpoint: Callable[[str], None]) -> Any:
        """Store it, unless the gate refuses it."""
        if self.refuses:
            raise ClipRejectedError("It is no good.")
        return await self.process.call(lambda: self.shelf.put(prepared.wanted.key))

    @property
    def renditions(self) -> Any:
        """Nothing smaller is made here: it costs nothing, and comes after the clip."""
        return SimpleNamespace(add=_no_rendition)

    async def clear(self, render_id: str) -> None:
        """Nothing to clear away."""

    async def put_aside(self, render_id: str, reason: str) -> None:
        """Nothing to put aside."""


@dataclass
class World:
    """Everything that outlives a process."""

    scenario: Scenario
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    shelf: Shelf = field(default_factory=Shelf)
    videos: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        names = ("fake", "spare") if self.scenario.spare else ("fake",)
        self.vendors = [Provider(self.scenario, self.ledger, name) for name in names]
        self.providers = _chained(self.vendors)
        self.wanted = want_clip(
            AVATAR, self.providers, text="We are open.", locale="en", labels=Labels.from_json({"intent": "hours"})
        )

    def crew(self, name: str, process: Process) -> RendererChain:
        """The crew of one process."""

        async def sleep(seconds: float) -> None:
            await process.call(lambda: asyncio.sleep(seconds))

        async def pause(_token: str, seconds: float) -> None:
            await sleep(seconds)

        steps: Any = Steps(
            process, Gate(process, self.shelf), self.shelf, self.videos, self.scenario.ending == "refused"
        )
        ledger: Any = Gate(process, self.ledger)
        return RendererChain(
            context=AttemptContext(steps, ledger, sleep, pause, lambda _: None),
            worker_name=name,
            lease_s=LEASE_S,
            look_every_s=5.0,
            max_tries=3,
            max_waits=3,
        )

    async def film(self, name: str, process: Process) -> Any:
        """What a process that is asked for the clip does."""
        providers = _chained([Gate(process, vendor) for vendor in self.vendors])
        crew = self.crew(name, process)
        return await crew.render(self.wanted, AVATAR, providers, caps=(), on_progress=lambda _: None, per_clip=PER_CLIP)

    def studio(self) -> Any:
        """What a reconciler needs of a studio."""
        process = Process()
        crew = self.crew("reconciler", process)

        async def clip(wanted: WantedClip, *, avatar: Avatar) -> Any:
            return await crew.render(
                wanted, avatar, self.providers, caps=(), on_progress=lambda _: None, per_clip=PER_CLIP
            )

        async def bring(render_id: str, _video: Path) -> None:
            self.videos.add(render_id)

        return SimpleNamespace(
            bring=bring,
            ledger=self.ledger,
            renderers={vendor.capabilities.name: vendor for vendor in self.vendors},
            clock=now,
            sleep=asyncio.sleep,
            clip=clip,
            reconcile=crew.close_stored,
            inquiry=lambda renderer: SubmitInquiry(renderer, self.ledger, now, asyncio.sleep),
            wanted_again=lambda render, _avatar: self.wanted if render.recipe_key in self.wanted.keys else None,
            worker_name="reconciler",
            lease_s=LEASE_S,
        )

    async def settle(self) -> None:
        """Drop what is still to be called."""
        for vendor in self.vendors:
            await vendor.settle()

    def states(self) -> Mapping[str, RenderState]:
        """Where the renders stand."""
        return {render.id: render.state for render in self.renders()}

    def renders(self) -> tuple[Render, ...]:
        """All renders."""
        return tuple(self.ledger._renders.values())


def now() -> datetime:
    """The world's time."""
    return EPOCH + timedelta(seconds=asyncio.get_running_loop().time())


def _chained(renderers: list[Any]) -> AvatarProviders:
    first, *others = (AvatarProviders(_SPEECH, renderer, "m") for renderer in renderers)
    return replace(first, others=tuple(others))


_SPEECH = FakeSpeech()
_JOB = RenderJob("", "", "m", Path(), None, (), (), 3.0, 1, 1, 25)
AVATAR = Avatar(
    id="mira",
    name="Mira",
    portrait="mira.png",
    portrait_path="/mira.png",
    portrait_digest="0" * 64,
    voice=Voice(speech="fake"),
    renderers=("fake",),
    consent=Consent(subject="Mira", kind="synthetic"),
)
