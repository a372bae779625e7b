"""Concatenation of videos: decoded, brought to size and rate of the first, encoded again."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.error import FFmpegError

from app.errors import MediaError
from app.store.disk_errors import raise_if_full

_RATE = 48_000
_AUDIO_BITS = 128_000
_PICTURE = {"crf": "19", "preset": "veryfast", "profile": "high"}
"""Encoder options, a step finer than those of the parts, so that encoding twice is not visible."""
_BLOCK = 1024

Samples = npt.NDArray[np.float32]


def splice(videos: Sequence[Path], destination: Path) -> None:
    """Write the joined file, index first.

    Raises:
        MediaError: one of them cannot be decoded.
    """
    try:
        with av.open(str(videos[0]), format="mp4") as first:
            picture = first.streams.video[0]
            width, height, rate = picture.width, picture.height, round(float(picture.average_rate or 25))
        sounds = [_sound(video, _frame_count(video, rate) / rate) for video in videos]
        with av.open(str(destination), "w", format="mp4", options={"movflags": "+faststart"}) as out:
            _write(out, videos, np.concatenate(sounds), (width, height, rate))
    except (FFmpegError, OSError, IndexError) as error:
        raise_if_full(error)
        raise MediaError(f"Expected playable videos to join, got one that is not ({error}).") from error


def _write(out: Any, videos: Sequence[Path], sound: Samples, shape: tuple[int, int, int]) -> None:
    width, height, rate = shape
    picture = out.add_stream("libx264", rate=rate, options=_PICTURE)
    picture.width, picture.height, picture.pix_fmt = width, height, "yuv420p"
    voice = out.add_stream("aac", rate=_RATE, layout="mono")
    voice.bit_rate = _AUDIO_BITS
    heard = 0
    for number, frame in enumerate(_pictures(videos, rate)):
        while heard < len(sound) and heard / _RATE <= number / rate:
            heard = _encode_block(out, voice, sound, heard)
        small = frame.reformat(width=width, height=height, format="yuv420p")
        small.pts, small.time_base = number, Fraction(1, rate)
        small.pict_type = av.video.frame.PictureType.NONE
        out.mux(picture.encode(small))
    while heard < len(sound):
        heard = _encode_block(out, voice, sound, heard)
    out.mux(picture.encode(None))
    out.mux(voice.encode(None))


def _encode_block(out: Any, stream: Any, sound: Samples, at: int) -> int:
    """Encode one block of sound; return the start of the next."""
    block = np.ascontiguousarray(sound[None, at : at + _BLOCK])
    frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = _RATE, at, Fraction(1, _RATE)
    out.mux(stream.encode(frame))
    return at + int(block.shape[1])


def _pictures(videos: Sequence[Path], rate: int) -> Iterator[Any]:
    """Yield every video's frames at one rate: each tick shows the last frame that began before it ended."""
    for video in videos:
        shown = None
        ticks = 0
        with av.open(str(video), format="mp4") as container:
            for frame in container.decode(video=0):
                while shown is not None and (ticks + 0.5) / rate < float(frame.time or 0.0):
                    yield shown
                    ticks += 1
                shown = frame
        if shown is None:
            raise MediaError(f"Expected a picture that moves, got `{video.name}` without frames.")
        for _ in range(max(1, _frame_count(video, rate) - ticks)):
            yield shown


def _frame_count(video: Path, rate: int) -> int:
    """Return the length of a video in frames at this rate, by its pictures."""
    with av.open(str(video), format="mp4") as container:
        stream = container.streams.video[0]
        times = [packet.pts + (packet.duration or 0) for packet in container.demux(stream) if packet.pts is not None]
        return round(float(max(times, default=0) * stream.time_base) * rate)


def _sound(video: Path, duration_s: float) -> Samples:
    """Return a video's sound with exactly this length; silence where it has none."""
    length = round(duration_s * _RATE)
    parts: list[Samples] = []
    with av.open(str(video), format="mp4") as container:
        if container.streams.audio:
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=_RATE)
            decoded = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
            parts = [np.asarray(part.to_ndarray()[0], np.float32) for part in [*decoded, *resampler.resample(None)]]
    heard = np.concatenate(parts)[:length] if parts else np.zeros(0, np.float32)
    return np.pad(heard, (0, length - len(heard)))
