"""Inspection of a delivered clip: measurements and the inspector's port; `quality_gate` judges them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from app.rendering.media.face_box import FaceBox
from app.rendering.ports import TimedSpan


@dataclass(frozen=True, slots=True)
class Subject:
    """Clip to inspect, and its inputs.

    `speech` is the submitted speech, None for an idle loop; `phones` are timed from its start. `idle` is the
    avatar's idle loop by the same renderer, if there is one: a player cuts to it at both ends.
    """

    video: Path
    portrait: Path
    speech: Path | None = None
    phones: tuple[TimedSpan, ...] = ()
    idle: Path | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """Sound of the clip.

    `likeness` (-1 to 1) compares its level over time with that of the submitted speech, `late_s` is the time
    at which that speech begins; both are None without a speech.
    """

    loudness_lufs: float
    likeness: float | None = None
    late_s: float | None = None


@dataclass(frozen=True, slots=True)
class Faces:
    """Numbers of faces: `none` and `several` count sampled frames, `looks` all of them."""

    looks: int
    none: int
    several: int


@dataclass(frozen=True, slots=True)
class SyncOffset:
    """Lip sync: correlation of lips and sound; a positive offset means a late picture, or early sound.

    `phonemes`: compared with the openness of the spoken sounds; `loudness`: only with the level, a weak
    yardstick. `correlation` is that at the best offset, `unmoved` that without an offset; `by_level` is the
    best one by the level, whatever the yardstick.
    """

    yardstick: Literal["phonemes", "loudness"]
    correlation: float
    offset_ms: float
    unmoved: float
    by_level: float = 0.0


@dataclass(frozen=True, slots=True)
class Mouth:
    """Spread (10th to 90th percentile) of the inner-lip gap, as a share of the distance between the eyes.

    `silent`, `speaking` and `sync` are None if there was too little of it to measure.
    """

    silent: float | None = None
    speaking: float | None = None
    sync: SyncOffset | None = None


@dataclass(frozen=True, slots=True)
class EndFrame:
    """Difference of the first or last frame from the idle pose, visible at the cut to the idle loop.

    `moved` and `grown` in widths of the face, `turned_deg` by the largest angle, `opened` as in `Mouth`; all
    are None if no face is found. Then `differs` counts: mean difference of the pictures' light, 0 to 1.
    """

    differs: float
    moved: float | None = None
    grown: float | None = None
    turned_deg: float | None = None
    opened: float | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """Measurements of one clip.

    `black_s`: seconds of black frames; `frozen_s`: the longest time without any change during speech.
    `faces` and `mouth` are None if no face is found in the portrait itself; `unseen` then has the reason.
    """

    video_streams: int
    audio_streams: int
    black_s: float
    frozen_s: float
    heard: Heard | None = None
    faces: Faces | None = None
    mouth: Mouth | None = None
    first: EndFrame | None = None
    last: EndFrame | None = None
    unseen: str = ""
    face: FaceBox | None = None
    """Where the face is, over the whole clip; None also if nobody looked."""


class Inspector(Protocol):
    """Inspector of clips; works off the event loop."""

    async def inspect(self, subject: Subject) -> Inspection:
        """Measure all frames and the whole sound.

        Raises:
            MediaError: the clip cannot be decoded.
        """
        ...
