"""Recordings of answers: found, named by digest, and measured for speech, by the sound alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.adapters.catalog_files.assets import asset
from app.adapters.catalog_files.reader import Reader
from app.adapters.media_guard.guard import GUARD, MediaTooLongError
from app.catalog.findings import Complaint, KeyPath, Level
from app.catalog.model import IntentFile, Recording
from app.errors import MediaError
from app.text import estimate_seconds

Recordings = dict[str, tuple[Recording, ...]]

ENDINGS: Final = (".wav", ".mp3")
RATE: Final = 16_000

QUIETEST_DB: Final = -50.0
"""Level of the loud parts, under full scale, below which nothing is heard: speech is recorded at -30 and more."""

LEAST_VOICED: Final = 0.06
"""Share of the sounding time in which a voice must be heard: speech has 0.3 and more, noise 0. Whispering has none."""

WHISPER_RANGE_DB: Final = 25.0
"""Distance of loud and soft parts from which a sound without a voice may be whispered: noise has 9 at most."""

LEAST_RANGE_DB: Final = 4.0
"""Distance of loud and soft parts: speech has 15 and more, a hum, a tone and a fan under 2."""

LEAST_SHARE: Final = 0.25
"""Share of the estimated time of the words under which most must be missing: nobody talks four times as fast."""

USUAL: Final = (0.5, 2.5)
"""Range of that share in people's speech: hurried readers need 0.6, slow ones with pauses 1.8."""

LONGEST_S: Final = 600.0
"""Length over which a recording is refused: nobody listens to an answer for ten minutes, and all of it is in memory."""

_HOP, _WINDOW = RATE // 50, RATE // 25
_LONG_ENOUGH_S = 1.0
_VOICED = 0.4
_LAGS = slice(RATE // 400, RATE // 70)
_SOUNDING_DB = 30.0
_BLOCK = 50 * 60
"""Windows measured at once: those of a minute, so that memory does not grow with the recording."""


class TooLongError(Exception):
    """Recording longer than `LONGEST_S`."""


@dataclass(frozen=True, slots=True)
class SoundMeasures:
    """Measures of a recording: whole and sounding seconds, its level and range in dB, its voiced share."""

    duration_s: float
    sounding_s: float
    level_db: float
    range_db: float
    voiced: float
    loudest_channel_db: float

    @property
    def cancels(self) -> bool:
        """True if its channels are loud, and their sum is not."""
        return self.level_db < self.loudest_channel_db - 20

    @property
    def is_noise(self) -> bool:
        """True if it has no voice, and does not rise and fall as whispering does."""
        return self.voiced < LEAST_VOICED and self.range_db < WHISPER_RANGE_DB

    @property
    def is_steady(self) -> bool:
        """True if it is long, and never rises or falls."""
        return self.range_db < LEAST_RANGE_DB and self.duration_s >= _LONG_ENOUGH_S


def read_recordings(reader: Reader, root: Path, file: str, described: IntentFile) -> Recordings:
    """Return recordings by locale, the first for the answer's first variant; unusable ones are findings."""
    return {locale: _read(reader, root, file, described, locale=locale) for locale in described.audio}


def _read(reader: Reader, root: Path, file: str, described: IntentFile, *, locale: str) -> tuple[Recording, ...]:
    names, variants = described.audio[locale], described.answer.get(locale, ())
    if len(names) > len(variants):
        message = f"Expected at most {len(variants)} recordings, one a variant of the answer, got {len(names)}."
        hint = f"Write down under `answer: {locale}:` what each one says: captions and matching need the words."
        reader.complain(file, Complaint("recording-extra", ("audio", locale), message, hint))
        return ()
    found = [
        _recording(reader, root, file, name=name, path=("audio", locale, at), text=text)
        for at, (name, text) in enumerate(zip(names, variants, strict=False))
    ]
    return tuple(one for one in found if one is not None)


def _recording(
    reader: Reader, root: Path, file: str, *, name: str, path: tuple[str | int, ...], text: str
) -> Recording | None:
    found = asset(reader, root, file, name=name, path=path, beside="the intent")
    if found is None:
        return None
    target, digest = found
    try:
        measures = measured(target) if target.suffix.lower() in ENDINGS else None
    except TooLongError:
        message = f"Expected a recording of up to {LONGEST_S / 60:.0f} minutes, got `{name}` that is longer."
        reader.complain(file, Complaint("recording-long", path, message, "Save only what this answer says."))
        return None
    if measures is None:
        message = f"Expected a recording as WAV or MP3, got `{name}` without sound."
        reader.complain(file, Complaint("recording-unreadable", path, message, "Save it again as WAV or MP3."))
        return None
    complaints = list(complaints_of(measures, name, path, text))
    for complaint in complaints:
        reader.complain(file, complaint)
    if any(complaint.level is Level.ERROR for complaint in complaints):
        return None
    return Recording(path=str(target), digest=digest, duration_s=round(measures.duration_s, 3))


def complaints_of(sound: SoundMeasures, name: str, path: KeyPath, text: str) -> Iterator[Complaint]:
    """Yield what is wrong with a recording of a text: at most one complaint."""
    expected_s = estimate_seconds(text)
    share = sound.sounding_s / max(0.1, expected_s)
    if sound.level_db < QUIETEST_DB:
        yield _silent(sound, name, path)
    elif sound.is_noise or sound.is_steady:
        steady = f"a steady sound whose loudness varies by {sound.range_db:.0f} dB"
        got = steady if sound.is_steady else f"a voice in {sound.voiced:.0%} of it"
        message = f"Expected speech, got `{name}` with {got}: hiss, hum or noise."
        yield Complaint("recording-noise", path, message, "Record it again nearer to the microphone, or take it out.")
    elif not USUAL[0] <= share <= USUAL[1]:
        message = (
            f"Expected about {expected_s:.1f} s for these words, got `{name}` with {sound.sounding_s:.1f} s of speech."
        )
        if share < LEAST_SHARE:
            hint = "It broke off, or says something else: save it again, or write down what it says."
            yield Complaint("recording-short", path, message, hint)
        else:
            hint = "Listen whether it says these words, all of them and no others."
            yield Complaint("recording-length", path, message, hint, Level.WARNING)


def _silent(sound: SoundMeasures, name: str, path: KeyPath) -> Complaint:
    if sound.cancels:
        message = f"Expected speech, got `{name}` whose two channels cancel each other out."
        return Complaint("recording-unreadable", path, message, "Turn one channel over, or save one of them alone.")
    message = (
        f"Expected speech, got `{name}` in which there is no sound (its loud parts are at {sound.level_db:.0f} dB)."
    )
    return Complaint("recording-unreadable", path, message, "Record it again, or make it louder.")


Samples = NDArray[np.float32]


def measured(path: Path) -> SoundMeasures | None:
    """Return the measures of a sound file; None if there is no sound in it, or it cannot be decoded.

    Raises:
        TooLongError: it is longer than `LONGEST_S`.
    """
    channels = _decoded(path)
    if channels is None or not channels.shape[1]:
        return None
    mono = channels.mean(0)
    levels = _levels(mono)
    loud = float(np.percentile(levels, 95))
    sounding = levels > max(loud - _SOUNDING_DB, QUIETEST_DB - 10)
    return SoundMeasures(
        duration_s=len(mono) / RATE,
        sounding_s=float(sounding.sum()) * _HOP / RATE,
        level_db=loud,
        range_db=loud - float(np.percentile(levels, 10)),
        voiced=_voiced(mono, sounding),
        loudest_channel_db=max(float(np.percentile(_levels(one), 95)) for one in channels),
    )


def _decoded(path: Path) -> Samples | None:
    """Return the channels of a file, counted and not by its header."""
    import av  # noqa: PLC0415  heavy, and most catalogs have no recordings

    length = counted = 0
    try:
        name = GUARD.facts("sound", path)["format"]
    except MediaTooLongError as error:
        raise TooLongError from error
    except MediaError:
        return None
    try:
        with av.open(str(path), format=name) as file:
            resampler = av.AudioResampler(format="fltp", rate=RATE)
            parts: list[Samples] = []
            for frame in chain(file.decode(audio=0), (None,)):
                parts += [out.to_ndarray() for out in resampler.resample(frame)] if frame is not None or parts else []
                length += sum(part.shape[1] for part in parts[counted:])
                counted = len(parts)
                if length > LONGEST_S * RATE:
                    raise TooLongError
    except (av.FFmpegError, ValueError):
        return None
    return np.concatenate(parts, axis=1).astype(np.float32) if parts else None


def _frames(samples: Samples) -> Samples:
    padded = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    return np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]


def _blocks(frames: NDArray[Any]) -> Iterator[NDArray[Any]]:
    return (frames[at : at + _BLOCK] for at in range(0, len(frames), _BLOCK))


def _levels(samples: Samples) -> NDArray[np.float64]:
    """Return the level in dB every 20 ms."""
    powers = [(block.astype(np.float64) ** 2).mean(1) for block in _blocks(_frames(samples))]
    return np.asarray(10 * np.log10(np.concatenate(powers) + 1e-12))


def _voiced(samples: Samples, sounding: NDArray[np.bool_]) -> float:
    """Return the share of the sounding time with a pitch: the sound is like itself 2.5 to 14 ms later."""
    frames = _frames(np.diff(samples, prepend=np.float32(0)))
    peaks = [_peaks(block[loud]) for block, loud in zip(_blocks(frames), _blocks(sounding), strict=True) if loud.any()]
    return float((np.concatenate(peaks) > _VOICED).mean()) if peaks else 0.0


def _peaks(frames: Samples) -> NDArray[np.float64]:
    """Return how like itself each window is at the lag of the best pitch."""
    spectrum = np.fft.rfft(frames * np.hanning(_WINDOW), 2 * _WINDOW)
    likeness = np.fft.irfft(np.abs(spectrum) ** 2)[:, : _LAGS.stop]
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_WINDOW), 2 * _WINDOW)) ** 2)[: _LAGS.stop]
    return np.asarray((likeness / (likeness[:, :1] + 1e-12) / (window / window[0]))[:, _LAGS].max(1))
