"""Loudness by ITU-R BS.1770-4 and a look-ahead limiter, in numpy alone."""

import functools

import numpy as np

from app.adapters.local.arrays import Curve, Samples

RATE = 48_000
TARGET_LUFS = -16.0
"""Web and phone speech; what streaming services normalise to."""
CEILING_DB = -1.5
"""Room for what a lossy codec adds to a peak."""
_TAPS = 1 << 15


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS of mono sound at 48 kHz, with both gates; -70 for silence."""
    weighted = _weight(samples.astype(np.float64))
    window, hop = int(0.4 * RATE), int(0.1 * RATE)
    if len(weighted) < window:
        weighted = np.pad(weighted, (0, window - len(weighted)))
    total = np.concatenate([[0.0], np.cumsum(weighted * weighted)])
    ends = total[window::hop]
    power = (ends - total[: len(ends) * hop : hop]) / window
    power = power[_lufs(power) > -70]
    if not len(power):
        return -70.0
    gate = float(_lufs(power.mean())) - 10
    return float(_lufs(power[_lufs(power) > gate].mean()))


def normalise(samples: Samples) -> Samples:
    """Gain to the target loudness, limiting only the peaks that need it; speech keeps its dynamics."""
    out, top = samples.astype(np.float64), 10 ** (CEILING_DB / 20)
    for _ in range(3):
        missing = TARGET_LUFS - loudness(out.astype(np.float32))
        if abs(missing) < 0.1 or missing > 50:
            break
        out = _limit(out * 10 ** (missing / 20), top)
    return out.astype(np.float32)


def _lufs(power: Curve) -> Curve:
    return np.asarray(-0.691 + 10 * np.log10(power + 1e-12))


def _weight(samples: Curve) -> Curve:
    """K-weighting by FFT convolution with the filters' impulse response, exact to -120 dB."""
    size = 1 << int(np.ceil(np.log2(len(samples) + _TAPS)))
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(_k_response(), size)
    return np.fft.irfft(spectrum, size)[: len(samples)]


@functools.cache
def _k_response() -> Curve:
    shelf = _impulse((1.53512485958697, -2.69169618940638, 1.19839281085285), (-1.69065929318241, 0.73248077421585))
    high_pass = _impulse((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621))
    size = 2 * _TAPS  # by FFT: convolved directly this takes seconds, in every process
    return np.fft.irfft(np.fft.rfft(shelf, size) * np.fft.rfft(high_pass, size), size)[:_TAPS]


def _impulse(b: tuple[float, float, float], a: tuple[float, float]) -> Curve:
    out = np.zeros(_TAPS)
    y1 = y2 = 0.0
    for i in range(_TAPS):
        y = (b[i] if i < 3 else 0.0) - a[0] * y1 - a[1] * y2
        y2, y1, out[i] = y1, y, y
    return out


def _limit(samples: Curve, top: float) -> Curve:
    """The gain dips 5 ms ahead of a peak and comes back as slowly."""
    if np.abs(samples).max() <= top:
        return samples
    reach = int(0.005 * RATE)
    need = np.minimum(1.0, top / np.maximum(np.abs(samples), 1e-9))
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(need, reach, constant_values=1), 2 * reach + 1)
    gain = np.ones_like(need)
    for block in np.unique(np.flatnonzero(need < 1) // 8192).tolist():  # only where something must give
        lo, hi = max(0, block * 8192 - 2 * reach), min(len(samples), (block + 1) * 8192 + 2 * reach)
        gain[lo:hi] = np.minimum(gain[lo:hi], windows[lo:hi].min(1))
    bell = np.hanning(2 * reach + 1)
    gain = np.convolve(np.pad(gain, reach, mode="edge"), bell / bell.sum(), "valid")
    return np.clip(samples * gain, -top, top)
