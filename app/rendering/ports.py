"""What rendering needs from the world: a voice, a renderer, a media workshop."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_UP, Decimal
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

MICRO = Decimal("0.000001")
"""The smallest amount the ledger knows; prices are rounded up to it."""


@dataclass(frozen=True, slots=True)
class TimedSpan:
    """A word or a phoneme with its time in seconds from the start of the sound."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """Words to be spoken in one voice."""

    text: str
    locale: str
    voice: str
    speed: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """Sound: a WAV file's bytes (mono, 48 kHz, 16 bit, trimmed and levelled), and the times of words and phonemes."""

    wav: bytes
    duration_s: float
    words: tuple[TimedSpan, ...]
    phones: tuple[TimedSpan, ...] = ()


class Speech(Protocol):
    """Text to sound."""

    @property
    def name(self) -> str:
        """The provider's name, as in `voice.speech`."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same request would sound different; part of every speech recipe."""
        ...

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Speak the words.

        Raises:
            ProviderRefusedError: this text, voice or locale is not to be had here.
            ProviderUnavailableError: try again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Facts about a renderer as data: limits, price, latency."""

    name: str
    models: tuple[str, ...]
    price_per_s: Decimal = Decimal(0)
    currency: str = "USD"
    max_duration_s: float = 180.0
    min_portrait_px: int = 512
    seconds_per_second: float = 1.0
    """Wall seconds one second of video takes, for estimates."""
    concurrency: int = 1
    poll_every_s: float = 2.0
    lead_in_s: float = 0.0
    """How long a delivered video rests before the speech that was handed over begins in it."""
    silent_idle: bool = False
    """Whether it can film an idle loop without sound."""
    source: str = ""
    checked_on: str = ""
    visuals: tuple[Literal["image", "video"], ...] = ("image",)
    """What it films from, the better one first: a portrait, or a video of the avatar (its idle loop)."""
    image_formats: tuple[str, ...] = ()
    audio_formats: tuple[str, ...] = ()
    max_image_bytes: int | None = None
    max_audio_bytes: int | None = None
    min_duration_s: float = 0.0
    """Shorter sound is padded with silence up to this before it is handed over."""
    model_prices: Mapping[str, Decimal] = field(default_factory=dict)
    """Price per second of each model, `any` standing for those not named; `price_per_s` is the dearest one's."""
    guessed_prices: frozenset[str] = frozenset()
    """The models whose list price was not found: theirs is a cautious stand-in."""
    min_billed_s: float = 0.0
    billed_step_s: float = 0.0
    """Lengths are billed in whole steps of this; 0 where every thousandth counts."""
    bills_on: Literal["success", "any", "unknown"] = "success"
    surplus: Literal["queued", "refused", "unknown"] = "queued"
    """What happens to work beyond `concurrency`."""
    idempotency: Literal["key", "none"] = "none"
    """`key`: the same job with the same token may be submitted again, and is one job."""
    find: Literal["proof", "hint", "none"] = "none"
    """What `find` is worth: `proof` when not finding a token after `grace_s` means there is no such job; `hint` when
    only finding it means something."""
    grace_s: float = 600.0
    """The longest time from acceptance until `find` sees a job."""
    cancel: Literal["none", "best_effort"] = "none"
    webhook: Literal["none", "signed", "secret", "token"] = "none"
    """How a delivery proves itself: by signature, by a shared secret, or only by the token in its address."""
    per_minute: int | None = None
    """Submits that are taken a minute, where a limit is known."""
    needs: str = ""
    """The setting without which it takes no work; empty when it is set."""
    any_model: bool = False
    """Whether models beyond `models` may be named, by the provider's own id."""

    def price(self, model: str) -> Decimal:
        """Price of a second filmed by this model."""
        return self.model_prices.get(model, self.model_prices.get("any", self.price_per_s))

    def price_known(self, model: str) -> bool:
        """Whether the vendor, or somebody who pays it, says what this model costs."""
        return not self.model_prices or (model in self.model_prices and model not in self.guessed_prices)

    def cost(self, model: str, duration_s: float) -> Decimal:
        """Price of a clip as it is billed: no shorter than the shortest length, padding included, in whole steps."""
        longest_s = max(duration_s, self.min_billed_s, self.min_duration_s)
        seconds, step = Decimal(str(round(longest_s, 3))), Decimal(str(self.billed_step_s))
        return self.price(model) * (seconds if not step else (seconds / step).to_integral_value(ROUND_UP) * step)


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One clip to be filmed. `token` is ours: unique to one paid attempt, stable over retries of its calls.

    `speech_wav` is None for an idle loop, which lasts `idle_s`; `phones` may be empty where the voice gives none.
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
    """The avatar's idle loop, for renderers that film from a video."""
    may_send: Callable[[], bool] = lambda: True
    """Whether the job may still be handed over: a renderer asks right before it does, and else hands nothing over."""


JobState = Literal["queued", "running", "done", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Where a submitted job stands; `done_share` goes from 0 to 1, `error` says why it failed.

    `charged`: a failed job that is, or may be, billed all the same. `token`: what the provider shows as ours with the
    job, where it does.
    """

    state: JobState
    done_share: float = 0.0
    error: str = ""
    charged: bool = False
    token: str | None = field(default=None, compare=False)


class Renderer(Protocol):
    """A portrait and a sound to a talking video. Submitting is never retried by whoever calls it."""

    @property
    def capabilities(self) -> Capabilities:
        """What it takes, gives and costs."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same job would look different; part of every clip recipe."""
        ...

    async def submit(self, job: RenderJob) -> str:
        """Hand the job over; returns the provider's request id.

        Raises:
            PortraitError, LimitExceededError, ProviderRefusedError: it would be refused again.
            ProviderUnavailableError: nothing was accepted.
            OutcomeUnknownError: it cannot be told whether the job was accepted.
        """
        ...

    async def poll(self, request_id: str) -> JobStatus:
        """Ask how the job stands; `unknown` when the provider has never heard of it."""
        ...

    async def fetch(self, request_id: str, destination: Path) -> None:
        """Bring the finished video to `destination` (an MP4 file)."""
        ...

    async def cancel(self, request_id: str) -> None:
        """Stop the job where that is possible."""
        ...

    async def find(self, token: str) -> str | None:
        """The request id an attempt token led to, where the provider can tell; else None."""
        ...


@dataclass(frozen=True, slots=True)
class HookEvent:
    """What a verified webhook says. It is a hint: the provider is asked before anything is believed.

    `request_id` is the provider's own id, as `Webhooks.provider_id` reads it from what `submit` returned; `event_id`
    is the same for every delivery of one event.
    """

    request_id: str
    state: JobState
    event_id: str


@runtime_checkable
class Preparing(Protocol):
    """A renderer whose media can be brought to the provider ahead of the submit, so that less can go wrong in it."""

    async def prepare(self, job: RenderJob) -> None:
        """Check and upload; costs nothing and may be repeated.

        Raises:
            PortraitError, LimitExceededError, ProviderRefusedError: it would be refused again.
            ProviderUnavailableError: not now.
        """
        ...


@runtime_checkable
class ModelMemory(Protocol):
    """A renderer that looks for jobs model by model, and so must know which models there may be jobs of."""

    def remember(self, model: str) -> None:
        """Look for jobs of this model too, from now on."""
        ...


@runtime_checkable
class Listing(Protocol):
    """A renderer whose provider lists the account's jobs."""

    def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:
        """Its newest jobs: the request id, and what is shown of its inputs. A token may narrow the list to its job.

        Raises:
            ProviderUnavailableError, ProviderRefusedError: the list did not come.
        """
        ...


@runtime_checkable
class Webhooks(Protocol):
    """A renderer whose provider calls back."""

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:
        """Read a delivery from its raw bytes; header names may come in any case.

        Raises:
            AccessError: it is not the provider's, or too old.
            ProviderUnavailableError: the provider's keys cannot be had now.
        """
        ...

    def provider_id(self, request_id: str) -> str:
        """The provider's own id inside what `submit` returned."""
        ...


def own_id(renderer: Renderer, request_id: str) -> str:
    """The provider's own id inside what `submit` returned; what is none of that is taken as it is."""
    if not isinstance(renderer, Webhooks):
        return request_id
    try:
        return renderer.provider_id(request_id)
    except (ValueError, KeyError, TypeError):
        return request_id


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a video file really contains."""

    width: int
    height: int
    fps: float
    duration_s: float
    video_codec: str
    audio_codec: str | None
    size_bytes: int
    media_type: str


class MediaTools(Protocol):
    """Work on media files; each call runs off the event loop."""

    async def probe(self, video: Path) -> MediaFacts:
        """Open and count, not trust.

        Raises:
            MediaError: it is not a playable MP4.
        """
        ...

    async def poster(self, video: Path, destination: Path, *, at_s: float) -> None:
        """Write the frame at `at_s` as a JPEG."""
        ...

    async def join(self, videos: Sequence[Path], destination: Path) -> None:
        """Put videos one after the other, in the size and frame rate of the first.

        Raises:
            MediaError: one of them cannot be decoded.
        """
        ...

    async def mark(self, video: Path, *, source_type: str, note: str) -> None:
        """Write the machine-readable sign of synthetic origin into the file (IPTC digital source type, XMP)."""
        ...
