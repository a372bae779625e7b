"""Clip rendering: from sound and phonemes to the motion plan, the painted frames and the file."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.adapters.local import audio
from app.adapters.local.audio import RATE, Curve, Picture, Samples, smooth
from app.adapters.local.facts import LEAD_IN_S, LoopMotion, Model
from app.adapters.local.loops import silent_loop
from app.adapters.local.motion import MotionTrack, energy_track, perform
from app.adapters.local.mp4 import encode_segment, write_mp4
from app.adapters.local.order import Encoded, Order, VideoFormat
from app.adapters.local.painter_choice import Painter, open_painter
from app.adapters.local.phones import PAUSE, shift
from app.adapters.local.speech import Voice
from app.adapters.local.visemes import mouth_track
from app.rendering.ports import TimedSpan

TAIL_S = 0.35
_LEAD_S = 0.005
"""Lead of the lips over their sound, in seconds, beside the half frame that each picture stands for.

Early is natural, late is noticed: measured in finished clips, the lips are 7 to 32 ms early.
"""
_LONG_PAUSE_S = 0.15
_QUIET = 0.02


@dataclass(frozen=True, slots=True)
class ClipMotion:
    """Plan of one clip before painting: every frame's pose, and the sound where there is one."""

    performance: MotionTrack
    sound: Samples | None
    screen: VideoFormat

    @property
    def frames(self) -> int:
        """Return the number of pictures in the clip."""
        return len(self.performance)


def stage_speech(
    samples: Samples, phones: Sequence[TimedSpan], screen: VideoFormat, *, seed: int, lead_in_s: float = LEAD_IN_S
) -> ClipMotion:
    """Plan a speaking clip; without phonemes the mouth follows the loudness alone."""
    lead_in_s = lead_in_s if is_quiet(samples, -lead_in_s) else 0.0
    before = np.zeros(max(0, round(lead_in_s * RATE)))
    padded = np.concatenate([before, samples[max(0, round(-lead_in_s * RATE)) :], np.zeros(round(TAIL_S * RATE))])
    frames = int(np.ceil(len(padded) / RATE * screen.fps))
    sound = np.pad(padded, (0, max(0, round(frames / screen.fps * RATE) - len(padded)))).astype(np.float32)
    energy = energy_track(sound, frames, fps=screen.fps, rate=RATE)
    moved = shift(phones, lead_in_s)
    if moved:
        mouth = mouth_track(moved, frames, fps=screen.fps, lead_s=_LEAD_S, energy=energy)
    else:
        mouth = mouth_from_loudness(energy, screen.fps)
    pauses = [(p.start_s + p.end_s) / 2 for p in moved if p.text == PAUSE and p.end_s - p.start_s > _LONG_PAUSE_S]
    return ClipMotion(perform(mouth, fps=screen.fps, seed=seed, energy=energy, pauses_s=pauses), sound, screen)


def is_quiet(samples: Samples, seconds: float) -> bool:
    """Return whether nothing is heard in the first seconds: 34 dB under full scale."""
    return not np.any(np.abs(samples[: max(0, round(seconds * RATE))]) > _QUIET)


def stage_idle(idle_s: float, screen: VideoFormat, *, seed: int, motion: LoopMotion = LoopMotion.IDLE) -> ClipMotion:
    """Plan a silent loop."""
    frames = max(2, round(idle_s * screen.fps))
    return ClipMotion(silent_loop(motion, frames, fps=screen.fps, seed=seed), None, screen)


def mouth_from_loudness(energy: Curve, fps: int) -> Curve:
    """Return a plausible mouth from the level alone: it opens with loud parts and spreads a little."""
    frames = len(energy)
    opening = np.clip((energy - 0.35) / 0.65, 0, 1) * 0.62
    opening = np.convolve(opening, [0.25, 0.5, 0.25], "same")
    out = np.zeros((frames, 8))
    out[:, 0] = opening
    out[:, 1] = 0.25 * np.minimum(opening * 3, 1)
    at = np.arange(frames) / fps
    return np.asarray(out * smooth(np.minimum(at, at[::-1]) / 0.12)[:, None])


Progress = Callable[[int, int], None]
"""Progress callback: segments done, segments in all."""


def render_clip(order: Order, out: Path, *, progress: Progress | None = None) -> None:
    """Render a clip in this process."""
    count = segment_count(order)
    packets: list[Encoded] = []
    for number in range(count):
        packets += render_segment(order, number)
        if progress is not None:
            progress(number + 1, count)
    join(order, packets, out)


def segment_count(order: Order) -> int:
    """Return the number of segments of the clip."""
    return -(-_take(order).frames // order.screen.segment_frames)


def render_segment(order: Order, number: int) -> list[Encoded]:
    """Paint and compress one segment, `number` counting from 0."""
    take, size = _take(order), order.screen.segment_frames
    first = number * size
    painter = _painter(order.portrait, order.portrait_digest, order.model, order.screen, order.models_dir)
    return encode_segment(_paint(painter, take, first, min(first + size, take.frames)), order.screen, first=first)


def join(order: Order, packets: Sequence[Encoded], out: Path) -> None:
    """Write the finished file under a temporary name, then move it to `out` in one step."""
    part = out.with_name(out.name + ".part")
    try:
        write_mp4(part, packets, order.screen, sound=_take(order).sound)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def check_order(order: Order) -> None:
    """Open the painter, so that an unusable portrait is refused before the job is accepted.

    Raises:
        PortraitError: the portrait cannot be animated.
    """
    _painter(order.portrait, order.portrait_digest, order.model, order.screen, order.models_dir)


def _paint(painter: Painter, take: ClipMotion, first: int, last: int) -> Iterator[Picture]:
    for frame in range(first, last):
        yield painter.frame(take.performance.pose(frame))


@functools.lru_cache(maxsize=6)
def _take(order: Order) -> ClipMotion:
    if order.wav is None:
        return stage_idle(order.idle_s, order.screen, seed=order.seed, motion=order.motion)
    phones = order.phones or phones_from_words(order.words)
    sound = audio.decode(order.wav)
    return stage_speech(sound, phones, order.screen, seed=order.seed, lead_in_s=order.lead_in_s)


@functools.lru_cache(maxsize=3)
def _painter(portrait: Path, _digest: str, model: Model, screen: VideoFormat, models_dir: Path) -> Painter:
    return open_painter(portrait, model, screen, models_dir=models_dir)


def phones_from_words(words: Sequence[TimedSpan]) -> tuple[TimedSpan, ...]:
    """Return phonemes spread over each word's time, for a voice with word times only.

    Vowels last twice as long.
    """
    out: list[TimedSpan] = []
    for word in words:
        symbols = _voice().phonemes(word.text)
        if out and word.start_s - out[-1].end_s > 0.04:
            out.append(TimedSpan(PAUSE, out[-1].end_s, word.start_s))
        weights = [2.0 if s in _LONG else 1.0 for s in symbols]
        at, unit = word.start_s, (word.end_s - word.start_s) / max(1.0, sum(weights))
        for symbol, weight in zip(symbols, weights, strict=True):
            out.append(TimedSpan(symbol, at, at + weight * unit))
            at += weight * unit
    return tuple(out)


_LONG = frozenset("AIWYOiɑæɔɜuʌɛ")


@functools.cache
def _voice() -> Voice:
    return Voice()
