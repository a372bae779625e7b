"""The `Inspector` of this computer: one pass over the pictures, one over the sound, faces by the local graphs.

About 0.15 s of one core a second of video at 720p and 30 frames, decoding included; most of it goes into the lips.
"""

import asyncio
import functools
import threading
from pathlib import Path

import numpy as np

from app.adapters.local.audio import Curve, Picture
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.inspection.audio import SoundLevels, listen
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
"""A cell that changes by less is still; what encoders leave of a still picture stays below."""
_KEPT_PORTRAITS = 8


class LocalInspector:
    """Looks at `threads` clips at once.

    Args:
        models_dir: keeps the converted face graphs.
        faces: False leaves out everything that takes a face finder.
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
        sight = watch(subject.video, finder, black=Darkness(BLACK_LEVEL, BLACK_SHARE))
        ear = listen(subject.video, subject.speech) if sight.audio_streams else None
        first, last = _ends(sight, finder, portrait=portrait, idle=subject.idle)
        return Inspection(
            video_streams=sight.video_streams,
            audio_streams=sight.audio_streams,
            black_s=round(sight.black_s, 3),
            frozen_s=_frozen_s(sight, ear),
            heard=ear.heard if ear else None,
            faces=_faces(sight) if finder else None,
            mouth=read_mouth(sight.gaps, ear, subject.phones) if finder and ear and sight.gaps else None,
            first=first,
            last=last,
            unseen=unseen,
        )

    def _finder(self) -> FaceFinder | None:
        if not self._faces:
            return None
        with self._lock:
            self._loaded = self._loaded or FaceFinder(self._models_dir)
            return self._loaded


def _portrait(path: Path, finder: FaceFinder | None) -> tuple[str, FacePose | None]:
    """Why faces are not looked for, or nothing; and the portrait."""
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
    sight: VideoMeasurement, finder: FaceFinder | None, *, portrait: FacePose | None, idle: Path | None
) -> tuple[EndFrame | None, EndFrame | None]:
    """Both ends beside the idle loop, or beside the clip's own beginning where there is none; heads as in the portrait.

    A portrait says nothing about places: renderers cut it as they like.
    """
    if sight.first is None or sight.last is None:
        return None, None
    first, last = stance_of(sight.first, finder), stance_of(sight.last, finder)
    rest = stance_of(_first_picture(idle), finder) if idle else None
    place = rest if rest is not None and rest.frames_like(first) else first
    bearing = next((one for one in (rest, portrait) if one is not None and one.face), first)
    return beside(first, place=place, bearing=bearing), beside(last, place=place, bearing=bearing)


def _first_picture(video: Path) -> Picture:
    return next(picture for _, picture in pictures(video))


def _frozen_s(sight: VideoMeasurement, ear: SoundLevels | None) -> float:
    """The longest still stretch, counting only the time in which speech is heard."""
    if ear is None or len(sight.times) < 2:
        return 0.0
    times: Curve = np.array(sight.times)
    spoken = ear.speaking(times) * np.diff(times, prepend=times[0])
    longest = run = 0.0
    for change, seconds in zip(sight.changes, spoken.tolist(), strict=True):
        run = run + seconds if change < _STILL else 0.0
        longest = max(longest, run)
    return round(longest, 2)


def _faces(sight: VideoMeasurement) -> Faces:
    return Faces(len(sight.counts), sum(n == 0 for n in sight.counts), sum(n > 1 for n in sight.counts))
