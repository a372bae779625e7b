"""A recorder: a vendor's account that notes each job, each charge and each request that is not as documented.

It knows what the vendor publishes and nothing of Greenroom. A subclass speaks the vendor's wire; what may go wrong, and
what is on the bill, is the same for all.
"""

import hashlib
import re
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar

from tests.money.recorders.callbacks import CallBack, Signer, as_body, send_later
from tests.money.recorders.media import film, frames_of, wav_seconds
from tests.money.recorders.wire import CUT, Reply, Request

FILMING_S = 0.5
LATE_VIDEO_S = 2.0
RETRY_AFTER_S = 2
SLOW_S = 6.0
BAD_STATUS_ANSWERS = 4
BROKEN_DOWNLOADS = 2

PAGE = Reply(200, b"<!doctype html><title>Sorry</title><p>Try again later.", "text/html")
"""What some networks put in the place of a file that is not there yet."""


@dataclass(slots=True)
class Upload:
    """A file the account was given. `key` is what its bytes are known by on the bill."""

    url: str
    name: str
    content_type: str
    data: bytes = b""

    @property
    def key(self) -> str:
        """The same sound is the same clip, whatever its name."""
        return hashlib.sha256(self.data).hexdigest()[:12]


@dataclass(slots=True)
class Job:
    """One accepted order. `trouble` is the fault that befalls it, empty for a good one."""

    id: str
    clip: str
    model: str
    token: str
    seconds: float
    order: Mapping[str, Any]
    trouble: str = ""
    hook: str = ""
    """Where the order wants to be called back."""
    begun_s: float = field(default_factory=time.monotonic)
    polls: int = 0
    downloads: int = 0

    @property
    def age_s(self) -> float:
        """How long ago it was accepted."""
        return time.monotonic() - self.begun_s

    @property
    def state(self) -> str:
        """`running`, `done` or `failed`, as the vendor sees it."""
        if self.trouble == "never_finishes" or self.age_s < FILMING_S:
            return "running"
        return "failed" if self.trouble.startswith("failed") else "done"

    @property
    def has_address(self) -> bool:
        """Whether the vendor tells where the video is."""
        late = self.trouble == "late_video" and self.age_s < FILMING_S + LATE_VIDEO_S
        return self.trouble != "no_video" and not late


Route = tuple[str, str, Callable[..., Reply]]


class Recorder(ABC):
    """A vendor's account, from its documentation. Subclasses name their routes, their key and their bill."""

    name: ClassVar[str]
    key: ClassVar[str] = "rec-key-1"
    key_name: ClassVar[str]
    model: ClassVar[str]
    price_per_s: ClassVar[Decimal]
    fps: ClassVar[int] = 30
    finds: ClassVar[bool] = False
    """Whether the vendor's documentation lets a lost order be found again, by a key, a list or a name."""
    proves: ClassVar[bool] = False
    """Whether it also lets one know that there is none."""
    frees_failures: ClassVar[bool] = False
    """Whether the vendor promises not to bill what fails."""
    bills_some_ends: ClassVar[bool] = False
    """Whether that promise leaves out some other bad end, such as a time-out."""
    tells_free_failures: ClassVar[bool] = False
    """Whether its answer says of a failure that it is free, where it promises nothing in general."""
    balance_route: ClassVar[str] = ""
    """Where the vendor tells what is left of the account; this key is one that may not know."""
    hook_field: ClassVar[str] = ""
    """Field of an order with the address to call back; empty where calls to it prove nothing, or there are none."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.url = ""
        self.jobs: dict[str, Job] = {}
        self.uploads: dict[str, Upload] = {}
        self.violations: Counter[str] = Counter()
        self.requests: list[str] = []
        self.orders = 0
        self.is_revoked = False
        self.called_at = ""
        self.signer = Signer()
        self._paused_until_s = 0.0
        self._lock = threading.RLock()

    # What a subclass says.

    @abstractmethod
    def routes(self) -> list[Route]:
        """Method, pattern of the path, handler. Handlers get the request and the pattern's groups."""

    @abstractmethod
    def error(self, status: int, text: str) -> Reply:
        """An error in the vendor's own shape."""

    @abstractmethod
    def is_authorised(self, request: Request) -> bool:
        """Whether the key is where the vendor wants it."""

    def charge(self, job: Job) -> Decimal:
        """What the vendor bills for a job that it bills: its seconds of video by its rule."""
        return self.price_per_s * Decimal(frames_of(job.seconds, self.fps)) / self.fps

    # What every recorder does.

    def answer(self, request: Request) -> Reply:
        """Answer one request, and write it down."""
        with self._lock:
            self.requests.append(f"{request.method} {request.path}")
        for method, pattern, handler in self._all_routes():
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return handler(request, *found.groups())
        self.violated(f"a documented route, got {request.method} {re.sub(r'[0-9a-f-]{12,}', '…', request.path)}")
        return self.error(404, "no such route")

    def _all_routes(self) -> list[Route]:
        balance = self.guarded(lambda _request: self.error(403, "this key may not read the account"))
        common = [("GET", r"/files/out/([^/]+)\.mp4", self._download), ("GET", self.balance_route or "-", balance)]
        return [*common, *self.routes()]

    def expect(self, holds: bool, what: str) -> None:  # noqa: FBT001 -- as an assertion has it
        """Write down what was expected and did not hold."""
        if not holds:
            self.violated(what)

    def violated(self, what: str) -> None:
        """Write down a request that is not as documented: what was expected."""
        with self._lock:
            self.violations[what] += 1

    def expect_fields(self, document: Mapping[str, Any], *, required: set[str], known: set[str]) -> None:
        """All that is required, nothing that the vendor does not know."""
        missing, odd = required - document.keys(), document.keys() - required - known
        self.expect(not missing, f"fields {sorted(missing)}")
        self.expect(not odd, f"no unknown fields, got {sorted(odd)}")

    def guarded(self, handler: Callable[..., Reply]) -> Callable[..., Reply]:
        """A route that wants the key."""

        def with_key(request: Request, *groups: str) -> Reply:
            if self.is_revoked:
                return self.error(401, "the key was revoked")
            if not self.is_authorised(request):
                self.violated(f"the key at {request.method} {request.path.split('/')[1]}, got none that fits")
                return self.error(401, "unauthorized")
            return handler(request, *groups)

        return with_key

    def keyless(self, request: Request, what: str) -> None:
        """Expect that a request to a storage or a download does not carry the key."""
        told = " ".join(request.headers.get(name, "") for name in ("authorization", "x-api-key"))
        self.expect(self.key not in told, f"{what} without the key")

    def json_body(self, request: Request) -> dict[str, Any]:
        """The body, which must be JSON and say so."""
        kind = request.headers.get("content-type", "").split(";")[0]
        self.expect(kind == "application/json", f"a JSON body, got {kind or 'no content type'}")
        return request.json()

    def stored(self, name: str, content_type: str, data: bytes, url: str = "") -> Upload:
        """Keep a file."""
        with self._lock:
            url = url or f"{self.url}/files/in/{len(self.uploads)}/{name or 'file'}"
            upload = self.uploads[url] = Upload(url, name, content_type, data)
        return upload

    def fetched(self, url: object, kind: str) -> Upload:
        """The file behind an address that an order names: one of ours, and of the right kind."""
        upload = self.uploads.get(str(url).partition("#")[0])
        self.expect(upload is not None, f"an address of an upload as {kind}")
        found = upload or Upload("", "", "")
        self.expect(bool(found.data) or upload is None, f"an uploaded {kind} with bytes in it")
        self.expect(found.content_type.startswith(f"{kind}/"), f"a content type {kind}/…, got {found.content_type!r}")
        return found

    def ordered(self, request: Request, make: Callable[[str], Job], told: Callable[[Job], Reply]) -> Reply:
        """Accept an order, unless something goes wrong before, meanwhile or after."""
        with self._lock:
            self.expect(request.at_s >= self._paused_until_s, f"no order within Retry-After ({RETRY_AFTER_S} s)")
            self.orders += 1
            fault = self.fault if self.orders == 1 else ""
            if fault == "refused_500":
                return self.error(500, "internal error")
            if fault == "rate_limited":
                self._paused_until_s = time.monotonic() + RETRY_AFTER_S - 0.05
                refusal = self.error(429, "too many requests")
                return Reply(429, refusal.body, headers={"Retry-After": str(RETRY_AFTER_S)})
            job = make(f"{self.name[:3]}-{len(self.jobs) + 1:04}-{hashlib.sha256(request.body).hexdigest()[:16]}")
            job.trouble = fault or self._stuck(job.clip)
            self.jobs[job.id] = job
            self.is_revoked = fault == "key_revoked"
        self._call_back(job)
        return self._heard(fault, job, told)

    def _call_back(self, job: Job) -> None:
        if job.hook and self.hook_field:
            self.expect(job.hook.startswith(f"{self.called_at}/v1/hooks/{self.name}/"), "an address of the site's own")
            over = replace(job, begun_s=job.begun_s - 2 * FILMING_S)  # as it will be when it is over
            body = as_body(self.hook_body(over))
            send_later(job.hook, 2 * FILMING_S, CallBack(body, self.hook_headers(over, body)))

    def hook_body(self, job: Job) -> Mapping[str, Any]:
        """What the vendor tells of a job that is over."""
        raise NotImplementedError(job)

    def hook_headers(self, job: Job, body: bytes) -> Mapping[str, str]:  # noqa: ARG002 -- those that sign nothing
        """How it proves that."""
        return {}

    def _stuck(self, clip: str) -> str:
        """A video that no player takes is no better when it is ordered again."""
        seen = {job.trouble for job in self.jobs.values() if job.clip == clip}
        return next(iter(seen & {"video_is_html", "video_is_empty"}), "")

    def _heard(self, fault: str, job: Job, told: Callable[[Job], Reply]) -> Reply:
        match fault:
            case "accepted_500":
                return self.error(500, "internal error")
            case "answer_lost" | "called_back":
                return CUT
            case "slow_answer":
                time.sleep(SLOW_S)
        return told(job)

    def job(self, job_id: str, sound: Upload, *, model: str, token: str, order: Mapping[str, Any]) -> Job:
        """A job for this sound."""
        hook = str(order.get(self.hook_field) or "")
        return Job(job_id, sound.key, model, token, wav_seconds(sound.data), order, hook=hook)

    def looked_up(self, job_id: str, told: Callable[[Job], Reply]) -> Reply:
        """Tell how a job stands, unless status is what goes wrong."""
        job = self.jobs.get(job_id)
        if job is None:
            self.violated("an id of a job at status")
            return self.error(404, "not found")
        with self._lock:
            job.polls += 1
        if job.trouble == "vanished":
            return self.error(404, "not found")
        if job.trouble == "status_500" and job.polls <= BAD_STATUS_ANSWERS:
            return self.error(500, "internal error")
        return told(job)

    def video_url(self, job: Job) -> str:
        """Where the video is."""
        return f"{self.url}/files/out/{job.id}.mp4"

    def video_seconds(self, job: Job) -> float:
        """How long it is."""
        return frames_of(job.seconds, self.fps) / self.fps

    def _download(self, request: Request, job_id: str) -> Reply:
        self.keyless(request, "a download")
        job = self.jobs[job_id]
        with self._lock:
            job.downloads += 1
        data = film(frames_of(job.seconds, self.fps), self.fps)
        match job.trouble:
            case "video_is_html":
                return PAGE
            case "page_at_first" if job.downloads <= BROKEN_DOWNLOADS:
                return PAGE
            case "video_is_empty":
                return Reply(200, b"", "video/mp4")
            case "video_cut" if job.downloads <= BROKEN_DOWNLOADS:
                return Reply(200, data, "video/mp4", cut_at=len(data) // 2)
        return Reply(200, data, "video/mp4")

    # The bill.

    def is_billed(self, job: Job) -> bool:
        """Whether the vendor bills it."""
        return job.trouble != "failed_free"

    def bill(self) -> Decimal:
        """The sum of all charges."""
        charges = [self.charge(job) for job in self.jobs.values() if self.is_billed(job)]
        return sum(charges, Decimal(0)).quantize(Decimal("0.000001"))

    def bills_per_clip(self) -> Counter[str]:
        """How often each clip is on the bill."""
        return Counter(job.clip for job in self.jobs.values() if self.is_billed(job))

    def heal(self) -> None:
        """The fault is over: the key is valid again, and what never finished does."""
        with self._lock:
            self.is_revoked = False
            for job in self.jobs.values():
                if job.trouble == "never_finishes":
                    job.trouble = ""
