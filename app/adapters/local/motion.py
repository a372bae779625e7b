"""Motion of a face: blinks, gaze, brows, head, breath, hair. One seed, one result.

Every track starts and ends on the one rest pose with speed 0, so any clip can be cut before or after the idle
loop, or any other clip of the same face, without a visible seam.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.adapters.local.audio import Curve, Samples, smooth

REST_SMILE = 1.0
_SPEAKING_SMILE = 0.5
_CALM = 0.13
"""Reach of the head in silence, as a share of that in speech; breath has twice that share.

An answer cuts in at any moment of the idle loop, in the rest pose: the head is never far enough from it to jump.
"""
_NOD = 1.4
"""Degrees of the nod with which a phrase ends."""
_WIDE = 0.35
"""Opening of the mouth above which no blink begins: both together look like a yawn."""
_DEGREES_PER_GAZE = 17.0
"""Degrees of eyeball turn that move the iris by one gaze unit.

The eyes stay on the visitor while the head turns.
"""


@dataclass(frozen=True, slots=True)
class Pose:
    """Pose of a face in one video frame: mouth parameters and all other fields; angles in degrees."""

    mouth: tuple[float, ...] = (0.0,) * 8
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    breath: float = 0.0
    brow: float = 0.0
    blink: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    smile: float = REST_SMILE
    speaking: float = 0.0
    sway: float = 0.0


REST = Pose()


@dataclass(frozen=True, slots=True)
class MotionTrack:
    """Mouth track (frames x 8) and one curve per remaining field of `Pose`."""

    mouth: Curve
    curves: dict[str, Curve]

    def __len__(self) -> int:
        return len(self.mouth)

    def pose(self, frame: int) -> Pose:
        """Return the pose of one frame."""
        values = {name: float(curve[frame]) for name, curve in self.curves.items()}
        return Pose(mouth=tuple(self.mouth[frame].tolist()), **values)


@dataclass(frozen=True, slots=True)
class Clock:
    """Clock of a clip: its pictures and how many of them a second has."""

    frames: int
    fps: int

    @property
    def times(self) -> Curve:
        """Return the time of each picture, in seconds."""
        return np.arange(self.frames) / self.fps

    @property
    def length_s(self) -> float:
        """Return the length of the clip, in seconds."""
        return self.frames / self.fps

    def edge(self, seconds: float) -> Curve:
        """Return 0 on the first and last frame, 1 in between, smooth."""
        t = self.times
        return smooth(np.minimum(t, t[-1] - t) / min(seconds, max(0.1, self.length_s / 4)))

    def bump(self, at: float, rise: float, hold: float, fall: float) -> Curve:
        """Return a rise and a fall that begin at `at`, each side smooth."""
        t = self.times - at
        return np.asarray(smooth(t / rise) * (1 - smooth((t - rise - hold) / fall)))


def perform(
    mouth: Curve, *, fps: int, seed: int, energy: Curve | None = None, pauses_s: Sequence[float] = ()
) -> MotionTrack:
    """Return all tracks for a mouth track.

    With `energy` (0 to 1 per frame) the head nods along with speech.
    """
    clock, rng = Clock(len(mouth), fps), np.random.default_rng(seed)
    curves = _head(clock, rng, energy, reach=1.0 if energy is not None else _CALM)
    for moment in pauses_s:  # the end of a phrase
        curves["pitch"] = curves["pitch"] + _NOD * clock.bump(moment - 0.3, 0.2, 0.04, 0.32) * clock.edge(0.4)
    curves["blink"] = _blinks(clock, rng, pauses_s, mouth[:, 0])
    curves["brow"] = _brows(clock, rng, energy)
    curves["gaze_x"], curves["gaze_y"] = _gaze(clock, rng, curves)
    speaking = np.zeros(len(mouth)) if energy is None else _hull(mouth[:, 0], fps) * clock.edge(0.3)
    curves["speaking"] = speaking
    liveliness = 0.12 * (1 - np.cos(2 * np.pi * max(1, round(clock.length_s / 5)) * clock.times / clock.times[-1]))
    curves["smile"] = REST_SMILE - liveliness * clock.edge(0.6) - (REST_SMILE - _SPEAKING_SMILE) * speaking
    curves["sway"] = _sway(curves, fps) * clock.edge(0.5)
    return MotionTrack(mouth, curves)


def idle(frames: int, *, fps: int, seed: int) -> MotionTrack:
    """Return a silent loop: lips closed, all other motion on."""
    return perform(np.zeros((frames, 8)), fps=fps, seed=seed)


def energy_track(samples: Samples, frames: int, *, fps: int, rate: int) -> Curve:
    """Return the short-time level per video frame, 0 (28 dB under the loud parts) to 1.15."""
    width = rate // 20
    total = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    centre = ((np.arange(frames) + 0.5) / fps * rate).astype(int)
    first = np.clip(centre - width // 2, 0, len(samples))
    last = np.clip(centre + width // 2, 0, len(samples))
    level = 10 * np.log10((total[last] - total[first]) / width + 1e-12)
    return np.asarray(np.clip((level - np.percentile(level, 95) + 28) / 28, 0, 1.15))


def _head(clock: Clock, rng: np.random.Generator, energy: Curve | None, *, reach: float) -> dict[str, Curve]:
    edge = clock.edge(0.6) * reach

    def wander(slow: float, fast: float) -> Curve:
        """Return a smooth random walk that closes on itself."""
        out = np.zeros(clock.frames)
        for hertz in rng.uniform(slow, fast, 3):
            cycles = max(1, round(hertz * clock.length_s))
            out += np.sin(2 * np.pi * (cycles * clock.times / clock.length_s + rng.uniform())) / 3
        return out * edge

    curves = {
        "yaw": 3.4 * wander(0.10, 0.38),
        "pitch": 1.7 * wander(0.12, 0.40),
        "roll": 1.8 * wander(0.08, 0.30),
        "shift_x": 0.006 * wander(0.07, 0.25),
        "shift_y": 0.004 * wander(0.10, 0.30),
    }
    if energy is not None:
        curves["pitch"] = curves["pitch"] + 2.6 * (_stress(energy, clock.fps) - 0.4) * clock.edge(0.6)
    breaths = max(1, round(clock.length_s / 4))
    deep = 0.5 * min(1.0, 2 * reach)
    curves["breath"] = deep * (1 - np.cos(2 * np.pi * breaths * clock.times / clock.times[-1]))
    return curves


def _stress(energy: Curve, fps: int) -> Curve:
    bell = np.hanning(max(3, int(0.35 * fps) | 1))
    slow = np.convolve(energy, bell, "same")[: len(energy)]
    return np.asarray(slow / (slow.max() + 1e-9))


def _brows(clock: Clock, rng: np.random.Generator, energy: Curve | None) -> Curve:
    out = np.zeros(clock.frames)
    if clock.frames <= clock.fps:
        return out
    if energy is None:  # in silence she looks interested now and then
        for at in np.arange(1.0, clock.length_s - 1.2, 2.4):
            out += rng.uniform(0.1, 0.35) * clock.bump(at + rng.uniform(-0.3, 0.3), 0.25, 0.25, 0.4)
        return np.asarray(out * clock.edge(0.5))
    stress, reach = _stress(energy, clock.fps), clock.fps // 2
    inner = range(int(0.4 * clock.fps), clock.frames - reach)
    near = [stress[max(0, i - reach) : i + reach + 1].max() for i in inner]
    peaks = [i for i, top in zip(inner, near, strict=True) if stress[i] == top and top > 0.55]
    for i in peaks[::2]:
        out += rng.uniform(0.3, 0.8) * clock.bump(i / clock.fps - 0.18, 0.15, 0.12, 0.3)
    return np.asarray(np.clip(out, 0, 1) * clock.edge(0.5))


def _blinks(clock: Clock, rng: np.random.Generator, pauses_s: Sequence[float], opening: Curve) -> Curve:
    """Blink every 2 to 4.5 s, near pauses, one in six double; never with a wide mouth, nor at the ends."""
    out, at = np.zeros(clock.frames), rng.uniform(0.9, 1.8)
    while at < clock.length_s - 0.7:
        at = next((p for p in pauses_s if abs(p - at) < 0.6), at)
        moments = [at, at + 0.32] if rng.uniform() < 1 / 6 else [at]
        for moment in (_unopened(clock, at, opening) for at in moments):
            if 0.5 < moment < clock.length_s - 0.7:
                out = np.maximum(out, clock.bump(moment, 0.07, 0.03, 0.14))
        at += rng.uniform(2.0, 4.5)
    return out


def _unopened(clock: Clock, at: float, opening: Curve) -> float:
    """Return the first moment within 1.3 s at which a blink meets no wide mouth, else the one with the least."""
    length = max(1, round(0.27 * clock.fps))
    first = int(at * clock.fps)
    widest = [float(opening[n : n + length].max(initial=0.0)) for n in range(first, first + round(1.3 * clock.fps))]
    found = next((n for n, wide in enumerate(widest) if wide < _WIDE), int(np.argmin(widest)))
    return (first + found) / clock.fps if found else at


def _gaze(clock: Clock, rng: np.random.Generator, head: dict[str, Curve]) -> tuple[Curve, Curve]:
    """Return fixations with micro-saccades and short looks aside, with the head's own turn compensated."""
    x, y = np.zeros(clock.frames), np.zeros(clock.frames)
    at, edge = rng.uniform(0.3, 0.7), clock.edge(0.4)
    while at < clock.length_s - 0.5:
        aside = rng.uniform() < 0.18
        hold = rng.uniform(0.35, 0.7) if aside else rng.uniform(0.4, 1.3)
        reach = 0.42 if aside else 0.09
        look = clock.bump(at, 0.05, hold, 0.05)
        x += rng.uniform(0.4, 1.0) * rng.choice([-1, 1]) * reach * look
        y += rng.uniform(-0.5, 0.35) * reach * look
        at += hold + 0.05
    return (
        np.asarray((x - head["yaw"] / _DEGREES_PER_GAZE) * edge),
        np.asarray((y - head["pitch"] / _DEGREES_PER_GAZE) * edge),
    )


def _hull(opening: Curve, fps: int) -> Curve:
    """Return where speech is: the opening smeared over half a second, so that short pauses do not count."""
    bell = np.hanning(int(0.9 * fps) | 1)
    wide = np.convolve(np.minimum(opening * 6, 1), bell / bell.sum() * 1.6, "same")[: len(opening)]
    return smooth(wide)


def _sway(curves: dict[str, Curve], fps: int) -> Curve:
    """Return the lag of loose hair behind the head: a damped spring pulled by tilt, turn and shift."""
    pull = curves["roll"] * 1.0 + curves["yaw"] * 0.5 + curves["shift_x"] * 220
    out, place, speed, steps = np.zeros(len(pull)), float(pull[0]), 0.0, 4
    stiffness, damping, dt = 55.0, 7.0, 1 / fps / 4
    for i, target in enumerate(pull.tolist()):
        for _ in range(steps):
            speed += (stiffness * (target - place) - damping * speed) * dt
            place += speed * dt
        out[i] = place - target
    return out
