"""Ports of rendering: speech, renderer with its webhooks, media tools."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_UP, Decimal
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

MICRO = Decimal("0.000001")
"""Smallest amount in the ledger; prices are rounded up to it."""


@dataclass(frozen=True, slots=True)
class TimedSpan:
    """Word or phoneme and its time, in seconds from the start of the sound."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """Words to speak in one voice."""

    text: str
    locale: str
    voice: str
    speed: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """Speech: a WAV file (mono, 48 kHz, 16 bit, trimmed and levelled), times of words and phonemes."""

    wav: bytes
    duration_s: float
    words: tuple[TimedSpan, ...]
    phones: tuple[TimedSpan, ...] = ()


class Speech(Protocol):
    """Speech provider: text to sound."""

    @property
    def name(self) -> str:
        """Name of the provider, as in `voice.speech`."""
        ...

    @property
    def version(self) -> str:
        """Version of the sound, part of speech recipes: another one if a request would sound different."""
        ...

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Speak the words.

        Raises:
            ProviderRefusedError: the provider does not speak this text, voice or locale.
            ProviderUnavailableError: the provider cannot be used now; try again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Capabilities of a renderer as data: limits, price, latency."""

    name: str
    models: tuple[str, ...]
    price_per_s: Decimal = Decimal(0)
    currency: str = "USD"
    max_duration_s: float = 180.0
    min_portrait_px: int = 512
    seconds_per_second: float = 1.0
    """Time for one second of video, for estimates."""
    concurrency: int = 1
    poll_every_s: float = 2.0
    lead_in_s: float = 0.0
    """Pause in a delivered video before the submitted speech begins."""
    silent_idle: bool = False
    """It can render an idle loop without sound."""
    motions: tuple[str, ...] = ()
    """Kinds of silent loop that it tells apart by `parameters["motion"]` of a job; the first is meant by none."""
    source: str = ""
    checked_on: str = ""
    visuals: tuple[Literal["image", "video"], ...] = ("image",)
    """Inputs that it renders from, the better one first: a portrait, or the avatar's idle loop."""
    image_formats: tuple[str, ...] = ()
    audio_formats: tuple[str, ...] = ()
    max_image_bytes: int | None = None
    max_portrait_px: int | None = None
    """Longest side of a portrait."""
    portrait_ratio: tuple[float, float] | None = None
    """Least and greatest width of a portrait divided by its height."""
    max_audio_bytes: int | None = None
    min_duration_s: float = 0.0
    """Length to which shorter sound is padded with silence before the submit."""
    model_prices: Mapping[str, Decimal] = field(default_factory=dict)
    """Price per second of each model, `any` for those not named; `price_per_s` is the dearest one's."""
    guessed_prices: frozenset[str] = frozenset()
    """Models without a published price: a cautious price is assumed."""
    min_billed_s: float = 0.0
    billed_step_s: float = 0.0
    """Step in which lengths are billed; 0 if each thousandth of a second is billed."""
    bills_on: Literal["success", "any", "unknown"] = "success"
    """Billing of failed jobs; `unknown` counts as billed."""
    late_s: float = 0.0
    """Longest time that a finished job lacks the address of its video; it is asked for again that long."""
    job_limit_s: float = 1800.0
    """Longest time that a paid job is waited for, and at least three times its expected time; then it is parked."""
    surplus: Literal["queued", "refused", "unknown"] = "queued"
    """Result of submits beyond `concurrency`."""
    idempotency: Literal["key", "none"] = "none"
    """`key`: the same job with the same token may be submitted again, and stays one job."""
    find: Literal["proof", "hint", "none"] = "none"
    """`proof`: a token not found after `grace_s` means that there is no job; `hint`: only a found token proves."""
    grace_s: float = 600.0
    """Longest time from acceptance until `find` sees a job."""
    cancel: Literal["none", "best_effort"] = "none"
    webhook: Literal["none", "signed", "secret", "token"] = "none"
    """Proof of a webhook's origin: a signature, a shared secret, or only the token in its address."""
    per_minute: int | None = None
    """Submits that are accepted per minute, if a limit is known."""
    needs: str = ""
    """Missing setting without which it accepts no work; empty if it is set."""
    any_model: bool = False
    """Models beyond `models` may be named, by the provider's own id."""
    model_limits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Fields of this class in which a model differs from its provider."""

    def of(self, model: str) -> "Capabilities":
        """Return the capabilities of one model."""
        own = self.model_limits.get(model)
        return replace(self, **own, model_limits={}) if own else self

    def price(self, model: str) -> Decimal:
        """Return the price of a second of this model."""
        return self.model_prices.get(model, self.model_prices.get("any", self.price_per_s))

    def price_known(self, model: str) -> bool:
        """Return whether this model's price is known, from the provider or from a payer."""
        return not self.model_prices or (model in self.model_prices and model not in self.guessed_prices)

    def cost(self, model: str, duration_s: float) -> Decimal:
        """Return the billed price of a clip: at least the shortest length, with padding, in whole steps."""
        own = self.of(model)
        longest_s = max(duration_s, own.min_billed_s, own.min_duration_s)
        seconds, step = Decimal(str(round(longest_s, 3))), Decimal(str(own.billed_step_s))
        return self.price(model) * (seconds if not step else (seconds / step).to_integral_value(ROUND_UP) * step)


@dataclass(frozen=True, slots=True)
class RenderJob:
    """Job of a renderer: one clip. `token` is unique to one paid attempt, stable over retries of its calls.

    `speech_wav` is None for an idle loop, which lasts `idle_s`; `phones` is empty if the voice gives none.
    """

    token: str
    recipe_key: str
    model: str
    portrait: Path
    speech_wav: Path | None
    words: tuple[TimedSpan, ...]
    phones: tuple[TimedSpan, ...]
    idle_s: float | None
    width: int
    height: int
    fps: int
    parameters: Mapping[str, Any] = field(default_factory=dict)
    video: Path | None = None
    """The avatar's idle loop, for renderers that render from a video."""
    may_send: Callable[[], bool] = lambda: True
    """Permission to submit: called right before the submit; nothing is submitted if it returns False."""


@dataclass(frozen=True, slots=True)
class ProviderFigures:
    """Figures that a provider gives with a job: what it charged, how many seconds; None where it does not say."""

    charged: Decimal | None = None
    seconds: float | None = None


JobState = Literal["queued", "running", "done", "no_video", "failed", "unknown"]
"""`no_video`: reported as finished, without the address of a video (yet)."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Status of a submitted job; `done_share` goes from 0 to 1, `error` is the reason of a failure.

    `charged`: the failed job is, or may be, billed all the same. `token`: our token as the provider shows it
    with the job, if it does. `figures`: what the provider says of its own bill, if it does.
    """

    state: JobState
    done_share: float = 0.0
    error: str = ""
    charged: bool = False
    token: str | None = field(default=None, compare=False)
    figures: ProviderFigures | None = field(default=None, compare=False)


class Renderer(Protocol):
    """Renderer: portrait and speech to a talking video. Callers never retry a submit."""

    @property
    def capabilities(self) -> Capabilities:
        """Capabilities of the renderer."""
        ...

    @property
    def version(self) -> str:
        """Version of the picture: another one if the same job would look different.

        Part of every clip recipe.
        """
        ...

    async def submit(self, job: RenderJob) -> str:
        """Submit the job; return the provider's request id.

        Raises:
            PortraitError, LimitExceededError, ProviderRefusedError: it would be refused again.
            ProviderUnavailableError: nothing was accepted.
            OutcomeUnknownError: the job may or may not have been accepted.
        """
        ...

    async def poll(self, request_id: str) -> JobStatus:
        """Return the job's status; `unknown` if the provider does not know the job."""
        ...

    async def fetch(self, request_id: str, destination: Path) -> None:
        """Download the finished video to `destination` (an MP4 file)."""
        ...

    async def cancel(self, request_id: str) -> None:
        """Cancel the job if that is possible."""
        ...

    async def find(self, token: str) -> str | None:
        """Return the request id of an attempt's token, if the provider can find it; else None."""
        ...


@dataclass(frozen=True, slots=True)
class HookEvent:
    """Event of a verified webhook. It only notifies: the provider is polled before anything is believed.

    `request_id` is the provider's own id, as `Webhooks.provider_id` reads it from what `submit` returned;
    `event_id` is the same for every delivery of one event.
    """

    request_id: str
    state: JobState
    event_id: str


@runtime_checkable
class Webhooks(Protocol):
    """Renderer whose provider sends webhooks."""

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:
        """Verify and read a webhook from its raw bytes; header names may have any case.

        Raises:
            AccessError: it is not the provider's, or too old.
            ProviderUnavailableError: the provider's keys cannot be read now.
        """
        ...

    def provider_id(self, request_id: str) -> str:
        """Return the provider's own id inside the request id of `submit`."""
        ...


def own_id(renderer: Renderer, request_id: str) -> str:
    """Return the provider's own id inside the request id of `submit`; other ids are returned unchanged."""
    if not isinstance(renderer, Webhooks):
        return request_id
    try:
        return renderer.provider_id(request_id)
    except (ValueError, KeyError, TypeError):
        return request_id


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """Measured contents of a video file."""

    width: int
    height: int
    fps: float
    duration_s: float
    video_codec: str
    audio_codec: str | None
    size_bytes: int
    media_type: str


class PortraitMaker(Protocol):
    """Maker of the portrait that leaves: the picture that is checked is the one that is filmed and uploaded."""

    def __call__(self, content: bytes, background: str | None = None) -> bytes:
        """Return the picture upright, opaque and without what was noted beside it; the same bytes if it is. Blocking.

        Raises:
            PortraitError: it cannot be decoded.
        """
        ...


class MediaTools(Protocol):
    """Media tools; each call runs off the event loop."""

    async def probe(self, video: Path) -> MediaFacts:
        """Decode and count frames, without trust in the file's header.

        Raises:
            MediaError: it is not a playable MP4.
        """
        ...

    async def poster(self, video: Path, destination: Path, *, at_s: float) -> None:
        """Write the frame at `at_s` as a JPEG."""
        ...

    async def shrink(self, video: Path, destination: Path, *, side: int) -> None:
        """Encode a video with `side` pixels on its short side, index first; the sound stays as it is.

        Raises:
            MediaError: it cannot be decoded.
        """
        ...

    async def join(self, videos: Sequence[Path], destination: Path) -> None:
        """Concatenate videos, in the size and frame rate of the first.

        Raises:
            MediaError: one of them cannot be decoded.
        """
        ...

    async def mark(self, video: Path, *, source_type: str, note: str) -> None:
        """Write the mark of synthetic origin into the file (IPTC digital source type, XMP)."""
        ...
