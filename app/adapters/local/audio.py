"""Sound in and out: decode anything, resample, trim both ends, read and write WAV bytes."""

import io
import wave
from pathlib import Path

import av
import numpy as np

from app.adapters.local.arrays import Samples
from app.adapters.local.loudness import RATE
from app.errors import MediaError

_KEPT_S = 0.12
"""Silence left at both ends: a voice needs its breath."""
_FADE_S = 0.01


def decode(source: Path | bytes) -> Samples:
    """Mono sound at 48 kHz from mp3, wav, m4a, ogg, flac, webm, mp4.

    Raises:
        MediaError: there is no sound in it, or it cannot be decoded.
    """
    opened = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    label = f"{len(source)} bytes" if isinstance(source, bytes) else source.name
    try:
        with av.open(opened) as container:
            if not container.streams.audio:
                raise MediaError(f"Expected sound, got {label!r} without an audio track.")
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
            parts = [p for f in container.decode(container.streams.audio[0]) for p in resampler.resample(f)]
            parts += resampler.resample(None)
    except av.FFmpegError as error:
        raise MediaError(f"Expected a sound file, got {label!r} that cannot be decoded ({error}).") from error
    if not parts:
        raise MediaError(f"Expected sound, got {label!r} with an empty audio track.")
    return np.concatenate([part.to_ndarray()[0] for part in parts]).astype(np.float32)


def resample(samples: Samples, *, from_rate: int, to_rate: int = RATE) -> Samples:
    """The same sound at another rate."""
    if from_rate == to_rate:
        return samples.astype(np.float32)
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=to_rate)
    frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="fltp", layout="mono")
    frame.sample_rate = from_rate
    parts = resampler.resample(frame) + resampler.resample(None)
    return np.concatenate([part.to_ndarray()[0] for part in parts]).astype(np.float32)


def trim(samples: Samples, rate: int = RATE) -> tuple[Samples, float]:
    """Cut the silence at both ends; returns the sound and the seconds cut from its start.

    The floor follows the recording: 42 dB under its loud parts, but never under its own noise.

    Raises:
        MediaError: there is nothing but silence.
    """
    hop, run = rate // 100, 3
    count = len(samples) // hop
    if count < run:
        raise MediaError(f"Expected at least 0.03 s of sound, got {len(samples) / rate:.3f} s.")
    power = (samples[: count * hop].reshape(count, hop).astype(np.float64) ** 2).mean(1)
    level = 20 * np.log10(np.sqrt(power) + 1e-9)
    noise = np.percentile(level, 5) + 6 if np.ptp(level) > 20 else -200.0
    floor = max(np.percentile(level, 95) - 42, noise, -60.0)
    hot = np.flatnonzero(np.convolve(level > floor, np.ones(run), "valid") >= run)
    if not len(hot):
        raise MediaError("Expected speech, got nothing but silence.")
    first = max(0, int(hot[0]) * hop - int(_KEPT_S * rate))
    last = min(len(samples), (int(hot[-1]) + run) * hop + int(_KEPT_S * rate))
    return _fade(samples[first:last], rate), first / rate


def wav_bytes(samples: Samples) -> bytes:
    """A WAV file: mono, 48 kHz, 16 bit."""
    pcm = np.round(np.clip(samples, -1, 1) * 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm.tobytes())
    return buffer.getvalue()


def _fade(samples: Samples, rate: int) -> Samples:
    out = samples.astype(np.float32).copy()
    k = min(int(_FADE_S * rate), len(out) // 2)
    out[:k] *= np.linspace(0, 1, k, dtype=np.float32)
    out[len(out) - k :] *= np.linspace(1, 0, k, dtype=np.float32)
    return out
