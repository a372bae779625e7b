"""Fakes of the rendering ports, for tests and examples: speech, renderer, media tools and time."""

import asyncio
import io
import json
import wave
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.errors import MediaError, OutcomeUnknownError, ProviderUnavailableError
from app.rendering.ports import Capabilities, JobStatus, MediaFacts, RenderJob, SpeechRequest, Spoken, TimedSpan

_RATE = 48_000
_WORD_S = 0.3


@dataclass
class FakeSpeech:
    """Speech of silence, 0.3 s per word with even word times; fails `fail_times` first."""

    name: str = "fake"
    version: str = "1"
    fail_times: int = 0
    requests: list[SpeechRequest] = field(default_factory=list)

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Record the request and return silence."""
        self.requests.append(request)
        await asyncio.sleep(0)
        if self.fail_times > 0:
            self.fail_times -= 1
            raise ProviderUnavailableError("The fake voice was told to fail; try again.")
        step = _WORD_S / request.speed
        texts = request.text.split()
        words = tuple(TimedSpan(text, at * step, (at + 1) * step) for at, text in enumerate(texts))
        return Spoken(wav=silence(len(texts) * step), duration_s=len(texts) * step, words=words)


def silence(duration_s: float) -> bytes:
    """Return a silent WAV file: mono, 48 kHz, 16 bit."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(_RATE)
        out.writeframes(bytes(2 * round(duration_s * _RATE)))
    return buffer.getvalue()


@dataclass
class RendererBehaviour:
    """Behaviour of a fake renderer: the number of faults of each kind before it works.

    `refuse_times`: not accepted; `lose_times`: accepted, but the answer is lost; `fail_times`: accepted, then
    failed; `bill_times`: the same, and billed; `empty_times`: finished without a video; `spoil_times`: delivered
    with a wrong duration; `polls`: number of polls that find a job still running.
    """

    refuse_times: int = 0
    lose_times: int = 0
    fail_times: int = 0
    bill_times: int = 0
    empty_times: int = 0
    spoil_times: int = 0
    polls: int = 0

    def take(self, name: str) -> bool:
        """Return whether this fault happens now, and count it down."""
        left: int = getattr(self, name)
        setattr(self, name, max(0, left - 1))
        return left > 0


_ENDINGS = {
    "fail_times": JobStatus("failed", error="The fake renderer was told to fail."),
    "bill_times": JobStatus("failed", error="The fake renderer was told to fail and to bill.", charged=True),
    "empty_times": JobStatus("no_video", error="The fake renderer was told to deliver nothing.", charged=True),
}


class FakeRenderer:
    """Renderer that delivers JSON for videos; `bill` lists the jobs that a provider would charge for.

    With a `service` file its jobs outlive this object, as a provider's do; without one they are lost with it,
    as those of an in-process renderer are. With `can_find` it finds a job by its token; if its capabilities
    have idempotency `key`, a used token returns its job.
    """

    version = "1"

    def __init__(
        self,
        capabilities: Capabilities | None = None,
        *,
        script: RendererBehaviour | None = None,
        service: Path | None = None,
        can_find: bool = True,
        render_s: float = 0.0,
    ) -> None:
        self.capabilities = capabilities or Capabilities(
            name="fake", models=("fake",), poll_every_s=0.01, min_portrait_px=1, silent_idle=True
        )
        self.script = script or RendererBehaviour()
        self.cancelled: list[str] = []
        self.busiest = 0
        self._service = service
        self._can_find = can_find
        self._render_s = render_s
        self._jobs: dict[str, dict[str, Any]] = {}
        self._running: dict[str, int] = {}
        self._endings: dict[str, JobStatus] = {}

    @property
    def bill(self) -> tuple[str, ...]:
        """Recipe keys of all accepted jobs, in order."""
        return tuple(job["recipe_key"] for job in self._all_jobs().values())

    async def submit(self, job: RenderJob) -> str:
        """Accept the job, unless the script has a fault or the job comes too late."""
        await asyncio.sleep(0)
        if not job.may_send():
            raise ProviderUnavailableError("The fake renderer was handed a job too late; claim it again.")
        if self.script.take("refuse_times"):
            raise ProviderUnavailableError("The fake renderer was told to refuse; try again.")
        known = await self._known(job)
        if known is not None:
            return known
        request_id = self._accept(job)
        for name, ending in _ENDINGS.items():
            if self.script.take(name):
                self._endings[request_id] = ending
        if self.script.take("lose_times"):
            raise OutcomeUnknownError("The fake renderer was told to lose its answer; look for the token.")
        return request_id

    async def poll(self, request_id: str) -> JobStatus:
        """Report `running` for the scripted number of polls, each after `render_s`, then `done`."""
        await asyncio.sleep(self._render_s)
        if request_id not in self._all_jobs():
            return JobStatus("unknown")
        if request_id in self._endings:
            return self._endings[request_id]
        left = self._running.get(request_id, 0)
        if left > 0:
            self._running[request_id] = left - 1
            return JobStatus("running", done_share=1 / (left + 1))
        return JobStatus("done", done_share=1.0)

    async def fetch(self, request_id: str, destination: Path) -> None:
        """Write a file that `FakeMediaTools` reads as a video."""
        self._running.pop(request_id, None)
        job = dict(self._all_jobs()[request_id])
        if self.script.take("spoil_times"):
            job["duration_s"] += 5.0
        _write(destination, job)

    async def cancel(self, request_id: str) -> None:
        """Record the cancellation."""
        self._running.pop(request_id, None)
        self.cancelled.append(request_id)

    async def find(self, token: str) -> str | None:
        """Search the accepted jobs."""
        jobs = self._all_jobs() if self._can_find else {}
        return next((request_id for request_id, job in jobs.items() if job["token"] == token), None)

    async def _known(self, job: RenderJob) -> str | None:
        if self.capabilities.idempotency != "key":
            return None
        return next((found for found, had in self._all_jobs().items() if had["token"] == job.token), None)

    def _accept(self, job: RenderJob) -> str:
        request_id = f"job-{uuid4().hex[:12]}"
        self._jobs[request_id] = {
            "recipe_key": job.recipe_key,
            "token": job.token,
            "width": job.width,
            "height": job.height,
            "fps": job.fps,
            "duration_s": _duration_s(job),
            "audio": job.speech_wav is not None,
        }
        self._running[request_id] = self.script.polls
        self.busiest = max(self.busiest, len(self._running))
        if self._service is not None:
            with self._service.open("a") as service:
                service.write(json.dumps([request_id, self._jobs[request_id]]) + "\n")
        return request_id

    def _all_jobs(self) -> dict[str, dict[str, Any]]:
        if self._service is None or not self._service.exists():
            return self._jobs
        return dict(json.loads(line) for line in self._service.read_text().splitlines())


def _duration_s(job: RenderJob) -> float:
    if job.speech_wav is None:
        return job.idle_s or 0.0
    with wave.open(str(job.speech_wav)) as sound:
        return float(sound.getnframes() / sound.getframerate())


def portrait_as_it_is(content: bytes, background: str | None = None) -> bytes:  # noqa: ARG001 - the port's
    """Return the bytes that came: the fakes' portraits are no pictures."""
    return content


class FakeMediaTools:
    """Media tools for the files of `FakeRenderer`."""

    def __init__(self) -> None:
        self.marked: list[str] = []

    async def probe(self, video: Path) -> MediaFacts:
        """Read the facts out of the file."""
        try:
            facts = _read(video)
        except (OSError, ValueError) as error:
            raise MediaError(f"Expected a fake video, got {video.name!r}: {error}.") from error
        return MediaFacts(
            width=facts["width"],
            height=facts["height"],
            fps=facts["fps"],
            duration_s=facts["duration_s"],
            video_codec="h264",
            audio_codec="aac" if facts["audio"] else None,
            size_bytes=len(json.dumps(facts)),
            media_type="video/mp4",
        )

    async def poster(self, video: Path, destination: Path, *, at_s: float) -> None:
        """Write a few bytes."""
        _write(destination, {"poster": video.name, "at_s": at_s})

    async def shrink(self, video: Path, destination: Path, *, side: int) -> None:
        """Write a file of this size."""
        _write(destination, {**_read(video), "width": side, "height": side})

    async def join(self, videos: Sequence[Path], destination: Path) -> None:
        """Write a file with the sum of the durations."""
        facts = [_read(video) for video in videos]
        _write(destination, {**facts[0], "duration_s": sum(one["duration_s"] for one in facts)})

    async def mark(self, video: Path, *, source_type: str, note: str) -> None:
        """Add the mark to the file's JSON."""
        _write(video, {**_read(video), "source_type": source_type, "note": note})
        self.marked.append(source_type)


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document))


@dataclass
class FakeTime:
    """Clock that moves only with sleeps.

    A sleep longer than `longest_s` does not move it, but lasts until shorter ones have: otherwise a heartbeat
    beside real work would make days pass.
    """

    now: datetime
    longest_s: float = 3600.0

    def clock(self) -> datetime:
        """Return the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Move the clock at once; a long sleep waits for the others."""
        if seconds <= self.longest_s:
            self.now += timedelta(seconds=seconds)
            await asyncio.sleep(0)
            return
        until = self.now + timedelta(seconds=seconds)
        while self.now < until:  # noqa: ASYNC110 -- the sleep that moves the clock does not know the waiting ones
            await asyncio.sleep(0.01)


@dataclass
class FakeRecogniser:
    """Recogniser that hears what it is told: `heard` by the file's bytes, else `always`; it notes what it was given."""

    always: str = ""
    heard: dict[bytes, str] = field(default_factory=dict)
    careful: str | None = None
    """What is heard carefully, if it is something else."""
    name: str = "fake"
    asked: list[tuple[str, str, bool]] = field(default_factory=list)

    async def hear(self, sound: Path, language: str, *, carefully: bool = False) -> str:
        """Return what this file is told to say."""
        self.asked.append((sound.name, language, carefully))
        content = await asyncio.to_thread(sound.read_bytes)
        if not content:
            raise MediaError(f"Expected sound, got the empty file {sound.name!r}.")
        if carefully and self.careful is not None:
            return self.careful
        return self.heard.get(content, self.always)
