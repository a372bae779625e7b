"""Silent loops: what a face does while nobody is spoken to, while it listens, and while it thinks.

Each is the calm motion of `motion.idle` with gestures of its own laid over it. It begins and ends at rest like every
clip, and the head stays near the rest pose, because an answer may cut in at any moment.
"""

from dataclasses import replace

import numpy as np

from app.adapters.local.facts import LoopMotion
from app.adapters.local.motion import Clock, MotionTrack, idle

_NOD = 0.9
"""Degrees of a nod while listening."""
_DOWN = 0.75
"""Gaze, in its units, of a look at the text below the picture."""
_BETWEEN_GLANCES_S = (0.7, 1.5)


def silent_loop(motion: LoopMotion, frames: int, *, fps: int, seed: int) -> MotionTrack:
    """Return the poses of a loop of `frames` pictures; another seed is another loop of the same kind."""
    calm = idle(frames, fps=fps, seed=seed)
    clock, rng = Clock(frames, fps), np.random.default_rng((seed, len(motion)))
    match motion:
        case LoopMotion.LISTENING:
            return _listening(calm, clock, rng)
        case LoopMotion.THINKING:
            return _thinking(calm, clock, rng)
        case LoopMotion.IDLE:
            return calm


def _listening(calm: MotionTrack, clock: Clock, rng: np.random.Generator) -> MotionTrack:
    """Lay nods, in ones and twos, and looks at the text over a calm loop."""
    curves, edge = dict(calm.curves), clock.edge(0.4)
    nods, look = np.zeros(clock.frames), np.zeros(clock.frames)
    at = rng.uniform(0.5, 0.9)
    while at < clock.length_s - 1.2:
        hold = rng.uniform(0.7, 1.4)
        look += clock.bump(at, 0.06, hold, 0.06)
        nod = at + hold + rng.uniform(0.15, 0.35)
        for beat in range(int(rng.integers(1, 3))):
            nods += (1.0 - 0.35 * beat) * clock.bump(nod + 0.42 * beat, 0.18, 0.02, 0.22)
        at = nod + rng.uniform(1.1, 1.9)
    curves["pitch"] = curves["pitch"] + _NOD * nods * edge
    curves["gaze_x"] = curves["gaze_x"] * (1 - 0.7 * look)
    curves["gaze_y"] = curves["gaze_y"] * (1 - look) + _DOWN * look * edge
    curves["brow"] = np.asarray(np.clip(curves["brow"] + 0.22 * nods * edge, 0, 1))
    return replace(calm, curves=curves)


def _thinking(calm: MotionTrack, clock: Clock, rng: np.random.Generator) -> MotionTrack:
    """Lay glances aside and up over a calm loop: the head goes with the eyes a little, the smile gives way."""
    curves, edge = dict(calm.curves), clock.edge(0.4)
    aside, up, away = (np.zeros(clock.frames) for _ in range(3))
    at, side = rng.uniform(0.35, 0.6), float(rng.choice([-1, 1]))
    while at < clock.length_s - 0.8:
        hold = min(rng.uniform(0.8, 1.5), clock.length_s - at - 0.6)
        glance = clock.bump(at, 0.06, hold, 0.06)
        aside += side * rng.uniform(0.6, 0.85) * glance
        up += rng.uniform(0.25, 0.6) * glance
        away += clock.bump(at, 0.3, max(0.0, hold - 0.2), 0.35) * side
        at, side = at + hold + rng.uniform(*_BETWEEN_GLANCES_S), -side if rng.uniform() < 0.7 else side
    gone = np.minimum(1.0, np.abs(aside) * 1.5)
    curves["gaze_x"] = curves["gaze_x"] * (1 - gone) + aside * edge
    curves["gaze_y"] = curves["gaze_y"] * (1 - gone) - up * edge
    curves["yaw"] = curves["yaw"] + 0.5 * away * edge
    curves["roll"] = curves["roll"] + 0.35 * away * edge
    curves["brow"] = np.asarray(np.clip(curves["brow"] + 0.3 * np.abs(away) * edge, 0, 1))
    curves["smile"] = curves["smile"] - 0.22 * np.abs(away) * edge
    return replace(calm, curves=curves)
