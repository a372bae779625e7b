"""Sound of a clip: its level, where speech is, and whether it is the speech that was given."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.adapters.local.audio import RATE, Curve, Samples, decode, loudness
from app.rendering.media.inspection import Heard

HOP_S = 0.01
_SPEECH_DB, _SILENCE_DB = 25.0, 38.0
"""Levels under the loud parts: speech is above the first, silence below the second."""
_QUIETEST_DB = -60.0
_EARLIEST_S, _LATEST_S = -0.6, 2.0
"""Range of the offset of the speech from the start of the clip, in seconds."""
_DEPTH_DB = 45.0


@dataclass(frozen=True, slots=True)
class SoundLevels:
    """Levels of a clip's sound in dB, one every 10 ms."""

    levels: Curve
    heard: Heard

    def speaking(self, times: Curve) -> Curve:
        """Return 1 where speech is heard within 80 ms."""
        return self._near(self.levels > self._loud - _SPEECH_DB, times, 0.08)

    def silent(self, times: Curve) -> Curve:
        """Return 1 where nothing is heard for 200 ms to either side.

        Lips close after the sound, and open before it.
        """
        return 1 - self._near(self.levels > max(self._loud - _SILENCE_DB, _QUIETEST_DB), times, 0.2)

    def level(self, times: Curve) -> Curve:
        """Return the level at these times, smoothed over 100 ms, from 0 (far below the loud parts) to 1."""
        bell = np.hanning(11)
        shares = np.clip((self.levels - self._loud + 30) / 30, 0, 1)
        smoothed = np.convolve(shares, bell / bell.sum(), "same")
        return np.asarray(np.interp(times, self._times, smoothed, left=0, right=0))

    @property
    def _loud(self) -> float:
        return float(np.percentile(self.levels, 95))

    @property
    def _times(self) -> Curve:
        return np.asarray((np.arange(len(self.levels)) + 0.5) * HOP_S, np.float64)

    def _near(self, marks: NDArray[np.bool_], times: Curve, reach_s: float) -> Curve:
        wide = np.convolve(marks.astype(np.float64), np.ones(2 * round(reach_s / HOP_S) + 1), "same") > 0
        return np.asarray(np.interp(times, self._times, wide.astype(np.float64)) > 0.5, np.float64)


def listen(video: Path, speech: Path | None) -> SoundLevels:
    """Decode the clip's sound and compare it with the speech that was given.

    Raises:
        MediaError: there is no sound, or it cannot be decoded.
    """
    sound = decode(video, judged=True)  # the probe has judged the clip, and the speech is ours
    levels = _levels(sound)
    likeness, late_s = _offset(_levels(decode(speech, judged=True)), levels) if speech is not None else (None, None)
    return SoundLevels(levels, Heard(round(loudness(sound), 1), likeness, late_s))


def _levels(sound: Samples) -> Curve:
    hop = round(HOP_S * RATE)
    count = max(1, len(sound) // hop)
    padded = np.pad(sound[: count * hop], (0, max(0, count * hop - len(sound)))).astype(np.float64)
    return np.asarray(10 * np.log10((padded.reshape(count, hop) ** 2).mean(1) + 1e-10))


def _offset(speech: Curve, clip: Curve) -> tuple[float, float]:
    """Return the offset of the speech in the clip, and the similarity of both there."""
    given, got = _shape(speech), _shape(clip)
    lags = range(round(_EARLIEST_S / HOP_S), round(_LATEST_S / HOP_S) + 1)
    padded = np.concatenate([np.zeros(-lags[0]), got, np.zeros(lags[-1] + len(given))])
    fits = [_similarity(given, padded[lag - lags[0] : lag - lags[0] + len(given)]) for lag in lags]
    best = int(np.argmax(fits))
    return round(fits[best], 3), round(lags[best] * HOP_S, 3)


def _shape(levels: Curve) -> Curve:
    """Return levels above a floor that follows the recording, so that gain does not matter."""
    return np.asarray(np.clip(levels - np.percentile(levels, 95) + _DEPTH_DB, 0, None))


def _similarity(a: Curve, b: Curve) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-9))
