"""Stub videos: real H.264 and AAC in MP4, made quickly from the submitted picture and sound."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from app.adapters.local.audio import decode
from app.errors import MediaError
from app.simulators.audio import Samples

RATE = 48_000
_EVEN = 2
_FAST_AAC = {"aac_coder": "fast"}
Pixels = npt.NDArray[np.uint8]
MouthFinder = Callable[[Image.Image], tuple[float, float, float, float]]
"""Finder of a portrait's mouth: centre x, centre y, half width, half height, as shares of the picture."""


@dataclass(frozen=True, slots=True)
class VideoOrder:
    """Order of a video. `sound` is mono at 48 kHz; the video lasts `duration_s`, whatever the sound."""

    still: Image.Image
    sound: Samples
    duration_s: float
    width: int
    height: int
    fps: int
    with_sound: bool = True


class MediaMaker(Protocol):
    """Maker of videos; called in a thread."""

    def film(self, order: VideoOrder) -> bytes:
        """Make a playable MP4."""
        ...


def lower_middle(_: Image.Image) -> tuple[float, float, float, float]:
    """Return the usual place of a portrait's mouth."""
    return 0.5, 0.56, 0.06, 0.03


class PlainMedia:
    """Media maker: the still picture with a dark patch that opens and closes with the loudness, like a mouth.

    Args:
        longest_px: shrink videos to this, for runs that make thousands; None keeps the provider's size.
        find_mouth: finds the place of the patch.
    """

    def __init__(self, *, longest_px: int | None = None, find_mouth: MouthFinder = lower_middle) -> None:
        self._longest_px = longest_px
        self._find_mouth = find_mouth

    def film(self, order: VideoOrder) -> bytes:
        """Make a frame for each share of openness."""
        size = self._size(order)
        base = _planes(order.still, size)
        mouth = _mouth(size, self._find_mouth(order.still))
        opened = (_open(base, mouth, float(share)) for share in _openness(order))
        return encode_film(order, size, (av.VideoFrame.from_ndarray(one, format="yuv420p") for one in opened))

    def _size(self, order: VideoOrder) -> tuple[int, int]:
        longest = max(order.width, order.height)
        scale = min(1.0, (self._longest_px or longest) / longest)
        return _even(order.width * scale), _even(order.height * scale)


def encode_film(order: VideoOrder, size: tuple[int, int], frames: Iterable[av.VideoFrame]) -> bytes:
    """Encode these frames and the order's sound as MP4, with x264's fastest preset."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=order.fps, options={"preset": "ultrafast", "crf": "28"})
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        video.thread_count = 1
        audio = out.add_stream("aac", rate=RATE, layout="mono", options=_FAST_AAC) if order.with_sound else None
        for at, frame in enumerate(frames):
            frame.pts, frame.time_base = at, Fraction(1, order.fps)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            _sound(out, audio, order)
    return buffer.getvalue()


def picture(content: bytes) -> Image.Image:
    """Open an image as RGB, upright.

    Raises:
        MediaError: it is not an image.
    """
    try:
        return ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise MediaError(f"Expected an image, got {len(content)} bytes that are none ({error}).") from error


def first_frame(content: bytes) -> tuple[Image.Image, float, int]:
    """Read a video's first picture, its seconds and its frames a second.

    Raises:
        MediaError: it is not a video.
    """
    try:
        with av.open(io.BytesIO(content)) as container:
            stream = container.streams.video[0]
            rate = round(float(stream.average_rate or 25))
            still = next(container.decode(stream)).to_image()
            return still.convert("RGB"), float((container.duration or 0) / av.time_base), rate
    except (av.FFmpegError, IndexError, StopIteration) as error:
        raise MediaError(f"Expected a video, got {len(content)} bytes that are none ({error}).") from error


def sound(content: bytes) -> Samples:
    """Read mono samples at 48 kHz.

    Raises:
        MediaError: there is no sound in it.
    """
    return decode(content)


def fitted(still: Image.Image, area: tuple[int, int]) -> tuple[int, int]:
    """Fit the size to the area of `area`, with sides in steps of 16: 1920x1072 for 16:9 at 1080p."""
    pixels, ratio = area[0] * area[1], still.width / still.height
    width = (pixels * ratio) ** 0.5
    return max(16, int(width) // 16 * 16), max(16, int(width / ratio) // 16 * 16)


def _even(length: float) -> int:
    return max(_EVEN, round(length) // _EVEN * _EVEN)


def _planes(still: Image.Image, size: tuple[int, int]) -> Pixels:
    frame = av.VideoFrame.from_image(ImageOps.fit(still, size)).reformat(format="yuv420p")
    return np.asarray(frame.to_ndarray(), np.uint8)


@dataclass(frozen=True, slots=True)
class _Mouth:
    """Window of the patch in the picture.

    `distance` is each pixel's from the line between the lips, in openings.
    """

    rows: slice
    columns: slice
    distance: npt.NDArray[np.float32]


def _mouth(size: tuple[int, int], place: tuple[float, float, float, float]) -> _Mouth:
    x, y, half_w, half_h = place
    left, right = max(0, round((x - half_w) * size[0])), min(size[0], round((x + half_w) * size[0]))
    top, bottom = max(0, round((y - half_h) * size[1])), min(size[1], round((y + half_h) * size[1]))
    across = ((np.arange(left, right) + 0.5) / size[0] - x) / half_w
    down = ((np.arange(top, bottom) + 0.5) / size[1] - y) / half_h
    reach = np.sqrt(np.clip(1 - across**2, 1e-6, 1))
    distance = (np.abs(down)[:, None] / reach[None]).astype(np.float32)
    return _Mouth(slice(top, bottom), slice(left, right), distance)


def _open(base: Pixels, mouth: _Mouth, opened: float) -> Pixels:
    """Open the mouth by a share of the patch; inside a quarter of the light is left."""
    frame = base.copy()
    if opened > 0:
        window = frame[mouth.rows, mouth.columns]
        window[mouth.distance < opened] //= 4
    return frame


def _openness(order: VideoOrder) -> npt.NDArray[np.float32]:
    """Return a share for each frame: loudness over the loudest.

    Closed in silence and in the first and last frame.
    """
    count = max(2, round(order.duration_s * order.fps))
    hop = RATE // order.fps
    heard = np.zeros(count * hop, np.float32)
    usable = min(len(heard), len(order.sound))
    heard[:usable] = order.sound[:usable]
    level = np.sqrt((heard.reshape(count, hop) ** 2).mean(axis=1))
    loudest = float(level.max())
    opened = np.clip(level / loudest, 0, 1) if loudest > 0 else np.zeros(count, np.float32)
    opened[opened < 0.08] = 0
    opened[0] = opened[-1] = 0
    return opened.astype(np.float32)


def _sound(out: "av.container.OutputContainer", stream: "av.AudioStream", order: VideoOrder) -> None:
    samples = np.zeros(round(order.duration_s * RATE), np.float32)
    usable = min(len(samples), len(order.sound))
    samples[:usable] = order.sound[:usable]
    frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
    frame.sample_rate = RATE
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE, frame_size=1024)
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        out.mux(stream.encode(part))
    out.mux(stream.encode(None))
