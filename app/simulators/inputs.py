"""Inputs of a job: picture and sound, fetched and checked as the provider's model does."""

import asyncio
import functools
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import av
from PIL import Image

from app.errors import MediaError
from app.simulators import http_client, stub_video
from app.simulators.audio import Samples
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import MediaRefusedError, Problem
from app.simulators.jobs import Order

_RATE = 48_000
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a provider's model. Formats are those of the bytes, not of the names."""

    audio_s: tuple[float, float] = (0.0, 600.0)
    audio_bytes: int = 50 * _MB
    image_bytes: int = 50 * _MB
    image_min_px: int = 64
    image_max_px: int = 100_000
    image_ratio: tuple[float, float] = (0.0, 1_000.0)
    image_formats: tuple[str, ...] = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
    audio_formats: tuple[str, ...] = ("mp3", "wav", "ogg", "mov", "aac", "flac", "matroska")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Inputs of a render. `fps` only if a video came in."""

    still: Image.Image
    sound: Samples
    duration_s: float
    fps: int | None = None
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def billed_seconds(self) -> Decimal:
        """Billed seconds of video, to the hundredth."""
        return Decimal(str(round(self.duration_s, 2)))


class Reader:
    """Reader of an order's files: uploads of this server, data URIs, public addresses."""

    def __init__(
        self, stage: SimulatorContext, vendor: str, limits: Limits, by_model: Mapping[str, Limits] | None = None
    ) -> None:
        self._stage = stage
        self._vendor = vendor
        self.limits = limits
        self._by_model = by_model or {}

    async def gather(self, order: Order) -> Inputs:
        """Fetch the order's picture and sound.

        Raises:
            MediaRefusedError: one of them cannot be fetched or does not fit.
        """
        for name in order.missing:
            raise MediaRefusedError(Problem.MISSING, name, "Field required")
        digests: dict[str, str] = {}
        still, shown_s, fps = await self._seen(order, digests)
        sound = await self._heard(order, digests)
        duration_s = _length(str(order.notes.get("sync_mode", "loop")), shown_s, len(sound) / _RATE)
        return Inputs(still, sound, duration_s, fps, digests)

    async def read(self, url: str, field: str, base: str) -> bytes:
        """Read the bytes at an address.

        Raises:
            MediaRefusedError: they cannot be fetched.
        """
        if url.startswith("data:"):
            return http_client.data_uri(url, field)
        if (own := own_name(url, base)) is not None and (content := await self._stage.storage.read(own)) is not None:
            return content
        if urlsplit(url).scheme not in {"http", "https"}:
            raise MediaRefusedError(Problem.UNREACHABLE, field, f"Expected an http(s) address, got {url[:80]!r}.")
        if not self._stage.private_media and http_client.is_private(url):
            raise MediaRefusedError(Problem.PRIVATE_URL, field, f"The address {url!r} cannot be reached from outside.")
        return await self._stage.outbound.get(url, field)

    async def _seen(self, order: Order, digests: dict[str, str]) -> tuple[Image.Image, float, int | None]:
        if order.video is not None:
            content = await self.read(order.video, "video", order.base)
            digests["video"] = hashlib.sha256(content).hexdigest()
            try:
                return await asyncio.to_thread(stub_video.first_frame, content)
            except MediaError as error:
                raise MediaRefusedError(Problem.WRONG_FORMAT, "video", str(error)) from error
        if order.image is None:
            return Image.new("RGB", order.box, (190, 170, 160)), 0.0, None
        content = await self.read(order.image, "image", order.base)
        digests["image"] = hashlib.sha256(content).hexdigest()
        return await asyncio.to_thread(_judged_picture, content, self._limits(order)), 0.0, None

    async def _heard(self, order: Order, digests: dict[str, str]) -> Samples:
        if order.audio is None:
            said = await asyncio.to_thread(self._stage.voice.speak, order.text or "")
            return said.samples
        content = await self.read(order.audio, "audio", order.base)
        digests["audio"] = hashlib.sha256(content).hexdigest()
        return await asyncio.to_thread(_judged_sound, content, self._limits(order))

    def _limits(self, order: Order) -> Limits:
        return self._by_model.get(order.model, self.limits)


def _judged_picture(content: bytes, limits: Limits) -> Image.Image:
    if len(content) > limits.image_bytes:
        raise MediaRefusedError(
            Problem.TOO_LARGE,
            "image",
            f"The image has {len(content)} bytes, at most {limits.image_bytes} are allowed.",
        )
    try:
        kind, still = _opened(content)
    except (MediaError, OSError) as error:
        raise MediaRefusedError(Problem.WRONG_FORMAT, "image", "The image cannot be decoded.") from error
    if kind not in limits.image_formats:
        raise MediaRefusedError(Problem.WRONG_FORMAT, "image", f"Unsupported image format {kind}.")
    if min(still.size) < limits.image_min_px:
        message = f"The image is {still.width}x{still.height}, at least {limits.image_min_px} a side are needed."
        raise MediaRefusedError(Problem.TOO_SMALL, "image", message)
    if max(still.size) > limits.image_max_px:
        message = f"The image is {still.width}x{still.height}, at most {limits.image_max_px} a side are allowed."
        raise MediaRefusedError(Problem.TOO_LARGE, "image", message)
    if not limits.image_ratio[0] <= still.width / still.height <= limits.image_ratio[1]:
        least, most = limits.image_ratio
        message = f"The image is {still.width}x{still.height}, a ratio of {least:g} to {most:g} is allowed."
        raise MediaRefusedError(Problem.WRONG_FORMAT, "image", message)
    return still


@functools.lru_cache(4)
def _opened(content: bytes) -> tuple[str | None, Image.Image]:
    """Open a picture; the same portrait comes with every clip of a catalog."""
    return Image.open(io.BytesIO(content)).format, stub_video.picture(content)


def _judged_sound(content: bytes, limits: Limits) -> Samples:
    if len(content) > limits.audio_bytes:
        message = f"The audio has {len(content)} bytes, at most {limits.audio_bytes} are allowed."
        raise MediaRefusedError(Problem.TOO_LARGE, "audio", message)
    try:
        kind = _container(content)
        sound = stub_video.sound(content)
    except MediaError as error:
        raise MediaRefusedError(Problem.WRONG_FORMAT, "audio", "The audio cannot be decoded.") from error
    if not any(known in kind for known in limits.audio_formats):
        raise MediaRefusedError(Problem.WRONG_FORMAT, "audio", f"Unsupported audio format {kind}.")
    seconds, (least, most) = len(sound) / _RATE, limits.audio_s
    if seconds > most:
        raise MediaRefusedError(Problem.TOO_LONG, "audio", f"The audio lasts {seconds:.1f} s, at most {most:g} s.")
    if seconds < least:
        raise MediaRefusedError(Problem.TOO_SHORT, "audio", f"The audio lasts {seconds:.1f} s, at least {least:g} s.")
    return sound


def own_name(url: str, base: str) -> str | None:
    """Return the storage name of a file served under `base`: the path without its first part.

    None for other addresses.
    """
    if not url.startswith(f"{base}/"):
        return None
    path = urlsplit(url[len(base) :]).path.lstrip("/")
    _, _, name = path.partition("/")
    return name or None


def extension(url: str) -> str:
    """Return the part after the last dot of the path, in lower case."""
    return PurePosixPath(urlsplit(url).path).suffix.lstrip(".").lower()


def _container(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"  # FFmpeg would look through much of it for a codec
    try:
        with av.open(io.BytesIO(content)) as opened:
            return str(opened.format.name)
    except av.FFmpegError as error:
        raise MediaError(f"Expected sound, got {len(content)} bytes that cannot be read ({error}).") from error


def _length(sync_mode: str, shown_s: float, heard_s: float) -> float:
    """Return the length by Sync.so's modes; for a picture the sound decides."""
    if not shown_s:
        return heard_s
    return {"cut_off": min(shown_s, heard_s), "silence": max(shown_s, heard_s)}.get(sync_mode, heard_s)
