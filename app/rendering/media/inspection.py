"""What is measured in a delivered clip, and the port that measures it; `gate_rules` judges the figures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from app.rendering.ports import TimedSpan


@dataclass(frozen=True, slots=True)
class Subject:
    """A clip to be looked at, with what it was made from.

    `speech` is the sound that was handed over, None for an idle loop; `phones` are timed from its start. `idle` is the
    avatar's idle loop by the same renderer, where there is one: what a player cuts to at both ends.
    """

    video: Path
    portrait: Path
    speech: Path | None = None
    phones: tuple[TimedSpan, ...] = ()
    idle: Path | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The clip's sound.

    `likeness` (-1 to 1) compares its level over time with that of the speech handed over, `late_s` is where that
    speech begins in it; both are None without a speech.
    """

    loudness_lufs: float
    likeness: float | None = None
    late_s: float | None = None


@dataclass(frozen=True, slots=True)
class Faces:
    """How many faces: `none` and `several` are counts of the `looks` at sampled frames."""

    looks: int
    none: int
    several: int


@dataclass(frozen=True, slots=True)
class SyncOffset:
    """How the lips follow the sound; a positive offset means a late picture, or early sound.

    `phonemes`: held against the openness of the sounds spoken; `loudness`: only against the level, a weak yardstick.
    `correlation` is that at the best offset, `unmoved` that with the sound where it is; `by_level` is the best one by
    the level, whatever the yardstick.
    """

    yardstick: Literal["phonemes", "loudness"]
    correlation: float
    offset_ms: float
    unmoved: float
    by_level: float = 0.0


@dataclass(frozen=True, slots=True)
class Mouth:
    """The inner-lip gap, in shares of the distance of the eyes, as its spread (10th to 90th percentile).

    `silent` and `speaking` are None where there was too little of either to tell; so is `sync`.
    """

    silent: float | None = None
    speaking: float | None = None
    sync: SyncOffset | None = None


@dataclass(frozen=True, slots=True)
class EndFrame:
    """The first or last frame beside the idle pose: what a cut to the idle loop would show.

    `moved` and `grown` in widths of the face, `turned_deg` by the largest angle, `opened` as in `Mouth`; all None
    where no face is found, and `differs` then says it: mean difference of the pictures' light, 0 to 1.
    """

    differs: float
    moved: float | None = None
    grown: float | None = None
    turned_deg: float | None = None
    opened: float | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """All figures of one clip.

    `black_s`: seconds of black frames; `frozen_s`: the longest time without any change while speech is heard.
    `faces` and `mouth` are None where the portrait itself shows no face that is found; `unseen` then says why.
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


class Inspector(Protocol):
    """Takes the measurements; works off the event loop."""

    async def inspect(self, subject: Subject) -> Inspection:
        """Look at every frame and listen to all of it.

        Raises:
            MediaError: it cannot be decoded.
        """
        ...
