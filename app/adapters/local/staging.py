"""From sound and phonemes to everything a clip will show: the plan that painters and the encoder follow."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.adapters.local.arrays import Curve, Samples, smooth
from app.adapters.local.loudness import RATE
from app.adapters.local.motion import Performance, energy_track, idle, perform
from app.adapters.local.mp4 import Screen
from app.adapters.local.phones import PAUSE, shift
from app.adapters.local.visemes import mouth_track
from app.rendering.ports import TimedSpan

LEAD_IN_S = 0.30
"""Quiet rest pose before the first sound; captions move by as much."""
TAIL_S = 0.35
_LEAD_S = 0.02
"""Lips move this much before their sound; early is natural, late is noticed."""
_LONG_PAUSE_S = 0.15


@dataclass(frozen=True, slots=True)
class Take:
    """One clip before painting: every frame's pose, and the sound where there is one."""

    performance: Performance
    sound: Samples | None
    screen: Screen

    @property
    def frames(self) -> int:
        """Pictures in the clip."""
        return len(self.performance)


def seed_of(recipe_key: str) -> int:
    """The seed that belongs to a recipe: same recipe, same pixels."""
    return int.from_bytes(hashlib.sha256(recipe_key.encode()).digest()[:4], "big")


def stage_speech(samples: Samples, phones: Sequence[TimedSpan], screen: Screen, *, seed: int) -> Take:
    """Plan a speaking clip; without phonemes the mouth follows the loudness alone."""
    padded = np.concatenate([np.zeros(round(LEAD_IN_S * RATE)), samples, np.zeros(round(TAIL_S * RATE))])
    frames = int(np.ceil(len(padded) / RATE * screen.fps))
    sound = np.pad(padded, (0, max(0, round(frames / screen.fps * RATE) - len(padded)))).astype(np.float32)
    energy = energy_track(sound, frames, fps=screen.fps, rate=RATE)
    moved = shift(phones, LEAD_IN_S)
    if moved:
        mouth = mouth_track(moved, frames, fps=screen.fps, lead_s=_LEAD_S, energy=energy)
    else:
        mouth = mouth_from_loudness(energy, screen.fps)
    pauses = [(p.start_s + p.end_s) / 2 for p in moved if p.text == PAUSE and p.end_s - p.start_s > _LONG_PAUSE_S]
    return Take(perform(mouth, fps=screen.fps, seed=seed, energy=energy, pauses_s=pauses), sound, screen)


def stage_idle(idle_s: float, screen: Screen, *, seed: int) -> Take:
    """Plan a silent loop."""
    return Take(idle(max(2, round(idle_s * screen.fps)), fps=screen.fps, seed=seed), None, screen)


def mouth_from_loudness(energy: Curve, fps: int) -> Curve:
    """A plausible mouth where nothing is known but the level: opens with loud parts, spreads a little."""
    frames = len(energy)
    opening = np.clip((energy - 0.35) / 0.65, 0, 1) * 0.62
    opening = np.convolve(opening, [0.25, 0.5, 0.25], "same")
    out = np.zeros((frames, 8))
    out[:, 0] = opening
    out[:, 1] = 0.25 * np.minimum(opening * 3, 1)
    at = np.arange(frames) / fps
    return np.asarray(out * smooth(np.minimum(at, at[::-1]) / 0.12)[:, None])
