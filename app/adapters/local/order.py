"""Order for one clip, and what comes back: plain values that cross into the processes which paint."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from app.adapters.local.facts import LEAD_IN_S, LoopMotion, Model
from app.rendering.ports import TimedSpan

SEGMENT_S = 2
"""Seconds of one group of pictures: players seek to its start, and it is the unit of parallel work."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """Size in pixels (even numbers) and frames per second."""

    width: int
    height: int
    fps: int

    @property
    def segment_frames(self) -> int:
        """Return the frames in one group of pictures."""
        return SEGMENT_S * self.fps


@dataclass(frozen=True, slots=True)
class Encoded:
    """Compressed picture; times in frames, counted from the start of the clip."""

    data: bytes
    pts: int
    dts: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class Order:
    """Order for one clip, complete and hashable; the portrait's digest makes a changed file another order."""

    portrait: Path
    portrait_digest: str
    model: Model
    screen: VideoFormat
    wav: Path | None
    words: tuple[TimedSpan, ...]
    phones: tuple[TimedSpan, ...]
    idle_s: float
    seed: int
    models_dir: Path
    lead_in_s: float = LEAD_IN_S
    motion: LoopMotion = LoopMotion.IDLE


def seed_of(recipe_key: str) -> int:
    """Return the seed of a recipe: same recipe, same pixels."""
    return int.from_bytes(hashlib.sha256(recipe_key.encode()).digest()[:4], "big")
