"""Sound of clips: array types, loudness (ITU-R BS.1770), decoding, resampling, trimming, WAV."""

import functools
import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.adapters.media_guard.guard import GUARD
from app.adapters.media_guard.limits import sound_format
from app.errors import MediaError

Samples = NDArray[np.float32]
"""Mono sound, -1 to 1."""
Curve = NDArray[np.float64]
"""One value per video frame, or a table of them (frames x parameters)."""
Plane = NDArray[np.float32]
"""One value per pixel."""
Picture = NDArray[np.uint8]
"""Height x width x 3 (BGR) or x 4 (BGRA, premultiplied by alpha where it is a layer)."""
Points = NDArray[np.float64]
"""Face points, one row each: x and y in pixels, sometimes depth."""


def smooth(x: Curve) -> Curve:
    """Return the S-curve from 0 to 1 with slope 0 at both ends; values outside are clipped."""
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3 - 2 * x))


RATE = 48_000
TARGET_LUFS = -16.0
"""Target loudness for web and phone speech, the one of streaming services."""
CEILING_DB = -1.5
"""Peak limit: leaves room for the overshoot of a lossy codec."""
_TAPS = 1 << 15


def loudness(samples: Samples) -> float:
    """Return the integrated loudness in LUFS of mono sound at 48 kHz, with both gates; -70 for silence."""
    return _gated(_powers(samples))


def _powers(samples: Samples) -> Curve:
    """Return the weighted power of each window of 0.4 s, every 0.1 s; it goes with the square of a gain."""
    weighted = _weight(samples.astype(np.float64))
    window, hop = int(0.4 * RATE), int(0.1 * RATE)
    if len(weighted) < window:
        weighted = np.pad(weighted, (0, window - len(weighted)))
    total = np.concatenate([[0.0], np.cumsum(weighted * weighted)])
    ends = total[window::hop]
    return np.asarray((ends - total[: len(ends) * hop : hop]) / window)


def _gated(power: Curve) -> float:
    power = power[_lufs(power) > -70]
    if not len(power):
        return -70.0
    gate = float(_lufs(power.mean())) - 10
    return float(_lufs(power[_lufs(power) > gate].mean()))


def normalise(samples: Samples) -> Samples:
    """Set the gain for the target loudness and limit only the peaks that need it.

    Speech keeps its dynamics.
    """
    out, top = samples.astype(np.float64), 10 ** (CEILING_DB / 20)
    power = _powers(samples)
    for _ in range(3):
        missing = TARGET_LUFS - _gated(power)
        if abs(missing) < 0.1 or missing > 50:
            break
        gain = 10 ** (missing / 20)
        louder = out * gain
        out = _limit(louder, top)
        power = power * gain**2 if out is louder else _powers(out.astype(np.float32))
    return out.astype(np.float32)


def _lufs(power: Curve) -> Curve:
    return np.asarray(-0.691 + 10 * np.log10(power + 1e-12))


def _weight(samples: Curve) -> Curve:
    """Apply K-weighting by FFT convolution with the filters' impulse response, exact to -120 dB."""
    size = _fast_size(len(samples) + _TAPS)
    spectrum = np.fft.rfft(samples, size)
    spectrum *= _k_spectrum(size)
    return np.fft.irfft(spectrum, size)[: len(samples)]


def _fast_size(least: int) -> int:
    """Return a length that is transformed fast: a power of two and a small factor, up to a fifth longer than asked."""
    shift = max(0, (least - 1).bit_length() - 4)
    return min(factor << shift for factor in (8, 9, 10, 12, 15, 16) if factor << shift >= least)


@functools.lru_cache(4)
def _k_spectrum(size: int) -> NDArray[np.complex128]:
    """Return the response's spectrum; a catalog's clips need the same few sizes over and over."""
    return np.fft.rfft(_k_response(), size)


@functools.cache
def _k_response() -> Curve:
    shelf = _impulse((1.53512485958697, -2.69169618940638, 1.19839281085285), (-1.69065929318241, 0.73248077421585))
    high_pass = _impulse((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621))
    size = 2 * _TAPS  # by FFT: direct convolution takes seconds, in every process
    return np.fft.irfft(np.fft.rfft(shelf, size) * np.fft.rfft(high_pass, size), size)[:_TAPS]


def _impulse(b: tuple[float, float, float], a: tuple[float, float]) -> Curve:
    out = np.zeros(_TAPS)
    y1 = y2 = 0.0
    for i in range(_TAPS):
        y = (b[i] if i < 3 else 0.0) - a[0] * y1 - a[1] * y2
        y2, y1, out[i] = y1, y, y
    return out


def _limit(samples: Curve, top: float) -> Curve:
    """Limit peaks: the gain falls 5 ms ahead of a peak and rises as slowly."""
    if np.abs(samples).max() <= top:
        return samples
    reach = int(0.005 * RATE)
    need = np.minimum(1.0, top / np.maximum(np.abs(samples), 1e-9))
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(need, reach, constant_values=1), 2 * reach + 1)
    gain = np.ones_like(need)
    for block in np.unique(np.flatnonzero(need < 1) // 8192).tolist():  # only where the gain must fall
        lo, hi = max(0, block * 8192 - 2 * reach), min(len(samples), (block + 1) * 8192 + 2 * reach)
        gain[lo:hi] = np.minimum(gain[lo:hi], windows[lo:hi].min(1))
    bell = np.hanning(2 * reach + 1)
    gain = np.convolve(np.pad(gain, reach, mode="edge"), bell / bell.sum(), "valid")
    return np.clip(samples * gain, -top, top)


_KEPT_S = 0.12
"""Silence left at both ends, in seconds: a voice needs its breath."""
_FADE_S = 0.01


LONGEST_S = 1800.0
"""Most seconds of sound that are decoded, whatever a file claims."""
_RATES = (4_000, 192_000)
"""Samples a second of a plain WAV that are taken: one of another rate would grow when it is resampled."""


def decode(source: Path | bytes, *, judged: bool = False) -> Samples:
    """Decode mono sound at 48 kHz from mp3, wav, m4a, ogg, flac, webm, mp4.

    What others made is looked at by a child process first, unless it has been `judged`; its format is forced.

    Raises:
        MediaError: there is no sound in it, or it cannot be decoded.
    """
    plain = _plain_wav(source) if isinstance(source, bytes) else None
    if plain is not None:
        return plain
    opened = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    label = f"{len(source)} bytes" if isinstance(source, bytes) else source.name
    name = sound_format(_head(source)) if judged else GUARD.facts("sound", source, name=label)["format"]
    if name is None:  # FFmpeg would choose by itself, and it knows lists of other files
        raise MediaError(f"Expected a sound file, got {label!r} of a format that is not taken.")
    import av  # noqa: PLC0415 - half a hundred modules that only decoding should cost

    try:
        with av.open(opened, format=name) as container:
            if not container.streams.audio:
                raise MediaError(f"Expected sound, got {label!r} without an audio track.")
            parts = _resampled(container)
    except av.FFmpegError as error:
        raise MediaError(f"Expected a sound file, got {label!r} that cannot be decoded ({error}).") from error
    if not parts:
        raise MediaError(f"Expected sound, got {label!r} with an empty audio track.")
    return np.concatenate([part.to_ndarray()[0] for part in parts]).astype(np.float32)


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:64]
    with source.open("rb") as file:
        return file.read(64)


def _resampled(container: Any) -> list[Any]:
    """Decode the first track into frames, up to the longest time: packets may hold more than they say."""
    import av  # noqa: PLC0415 - loaded by now

    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    parts: list[Any] = []
    length = 0
    for frame in container.decode(container.streams.audio[0]):
        fresh = resampler.resample(frame)
        length += sum(part.samples for part in fresh)
        if length > LONGEST_S * RATE:
            raise MediaError(f"Expected at most {LONGEST_S / 60:.0f} minutes of sound, got more.")
        parts += fresh
    parts += resampler.resample(None)
    return parts


def _plain_wav(content: bytes) -> Samples | None:
    """Return the sound of a whole mono WAV of 16 bit, None for any other: FFmpeg looks long for a codec in it."""
    if content[:4] != b"RIFF":
        return None
    try:
        with wave.open(io.BytesIO(content)) as file:
            count, rate = file.getnframes(), file.getframerate()
            if (file.getnchannels(), file.getsampwidth()) != (1, 2) or not _RATES[0] <= rate <= _RATES[1]:
                return None
            pcm = np.frombuffer(file.readframes(count), "<i2")
    except (wave.Error, EOFError, ValueError):
        return None
    if len(pcm) != count or not count:  # cut off, or streamed with a length that nobody knew
        return None
    return resample(pcm.astype(np.float32) / np.float32(32768), from_rate=rate)


def resample(samples: Samples, *, from_rate: int, to_rate: int = RATE) -> Samples:
    """Return the sound at another rate."""
    if from_rate == to_rate:
        return samples.astype(np.float32)
    import av  # noqa: PLC0415 - as above

    resampler = av.AudioResampler(format="fltp", layout="mono", rate=to_rate)
    frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="fltp", layout="mono")
    frame.sample_rate = from_rate
    parts = resampler.resample(frame) + resampler.resample(None)
    return np.concatenate([part.to_ndarray()[0] for part in parts]).astype(np.float32)


def trim(samples: Samples, rate: int = RATE) -> tuple[Samples, float]:
    """Cut the silence at both ends; return the sound and the seconds cut from its start.

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
    """Return a WAV file: mono, 48 kHz, 16 bit."""
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
