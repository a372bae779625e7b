"""Clip inspector of this computer: one pass over the pictures, one over the sound, faces by the local graphs.

It takes about 0.15 s of one core a second of video at 720p and 30 frames, decoding included; most of it goes
into the lips.
"""

import asyncio
import functools
import threading
from pathlib import Path

import numpy as np

from app.adapters.local.audio import Curve, Picture
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.inspection.audio import SoundLevels, listen
from app.adapters.local.inspection.face_box import box_of
from app.adapters.local.inspection.face_pose import FacePose, beside, stance_of
from app.adapters.local.inspection.lips import read_mouth
from app.adapters.local.inspection.video import Darkness, VideoMeasurement, watch
from app.adapters.local.mp4 import pictures
from app.adapters.local.painter_choice import read_picture
from app.digest import Digest, digest_bytes
from app.errors import PortraitError
from app.rendering.media.inspection import EndFrame, Faces, Inspection, Subject
from app.rendering.media.quality_gate import BLACK_LEVEL, BLACK_SHARE

_STILL = 1.2 / 255
"""Largest change of a still cell; the noise that encoders leave in a still picture stays below."""
_KEPT_PORTRAITS = 8


class LocalInspector:
    """Inspector of `threads` clips at once.

    Args:
        models_dir: holds the converted face graphs.
        faces: False leaves out all that needs a face finder.
    """

    def __init__(self, models_dir: Path, *, faces: bool = True, threads: int = 2) -> None:
        self._models_dir = models_dir
        self._faces = faces
        self._slots = asyncio.Semaphore(threads)
        self._lock = threading.Lock()
        self._loaded: FaceFinder | None = None

    async def inspect(self, subject: Subject) -> Inspection:
        """Measure in a thread."""
        async with self._slots:
            return await asyncio.to_thread(self._inspect, subject)

    def _inspect(self, subject: Subject) -> Inspection:
        finder = self._finder()
        unseen, portrait = _portrait(subject.portrait, finder)
        if unseen:
            finder = None
        measurement = watch(subject.video, finder, black=Darkness(BLACK_LEVEL, BLACK_SHARE))
        levels = listen(subject.video, subject.speech) if measurement.audio_streams else None
        first, last = _ends(measurement, finder, portrait=portrait, idle=subject.idle)
        return Inspection(
            video_streams=measurement.video_streams,
            audio_streams=measurement.audio_streams,
            black_s=round(measurement.black_s, 3),
            frozen_s=_frozen_s(measurement, levels),
            heard=levels.heard if levels else None,
            faces=_faces(measurement) if finder else None,
            mouth=read_mouth(measurement.gaps, levels, subject.phones)
            if finder and levels and measurement.gaps
            else None,
            first=first,
            last=last,
            unseen=unseen,
            face=box_of(measurement.boxes),
        )

    def _finder(self) -> FaceFinder | None:
        if not self._faces:
            return None
        with self._lock:
            self._loaded = self._loaded or FaceFinder(self._models_dir)
            return self._loaded


def _portrait(path: Path, finder: FaceFinder | None) -> tuple[str, FacePose | None]:
    """Return the reason why faces are not looked for, or an empty text; and the portrait's pose."""
    if finder is None:
        return "faces are not looked for here", None
    try:
        stance = _portrait_stance(path, digest_bytes(path.read_bytes()), finder)
    except (PortraitError, OSError):
        return f"the portrait `{path.name}` cannot be read", None
    if stance.face is None:
        return f"no face is found in the portrait `{path.name}` itself", stance
    return "", stance


@functools.lru_cache(maxsize=_KEPT_PORTRAITS)
def _portrait_stance(path: Path, _digest: Digest, finder: FaceFinder) -> FacePose:
    return stance_of(read_picture(path), finder)


def _ends(
    measurement: VideoMeasurement, finder: FaceFinder | None, *, portrait: FacePose | None, idle: Path | None
) -> tuple[EndFrame | None, EndFrame | None]:
    """Compare both ends with the idle loop, or with the clip's own beginning where there is none.

    Heads are compared with the portrait; places are not, because renderers crop it as they like.
    """
    if measurement.first is None or measurement.last is None:
        return None, None
    first, last = stance_of(measurement.first, finder), stance_of(measurement.last, finder)
    rest = stance_of(_first_picture(idle), finder) if idle else None
    place = rest if rest is not None and rest.frames_like(first) else first
    bearing = next((one for one in (rest, portrait) if one is not None and one.face), first)
    return beside(first, place=place, bearing=bearing), beside(last, place=place, bearing=bearing)


def _first_picture(video: Path) -> Picture:
    return next(picture for _, picture in pictures(video))


def _frozen_s(measurement: VideoMeasurement, levels: SoundLevels | None) -> float:
    """Return the longest still stretch in seconds, counting only the time in which speech is heard."""
    if levels is None or len(measurement.times) < 2:
        return 0.0
    times: Curve = np.array(measurement.times)
    spoken = levels.speaking(times) * np.diff(times, prepend=times[0])
    longest = run = 0.0
    for change, seconds in zip(measurement.changes, spoken.tolist(), strict=True):
        run = run + seconds if change < _STILL else 0.0
        longest = max(longest, run)
    return round(longest, 2)


def _faces(measurement: VideoMeasurement) -> Faces:
    return Faces(
        len(measurement.counts), sum(n == 0 for n in measurement.counts), sum(n > 1 for n in measurement.counts)
    )
