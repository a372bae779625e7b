"""Video measurement in one pass from start to end: black frames, stillness, faces, the speaker's lips."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.error import FFmpegError

from app.adapters.local.audio import Curve, Picture, Points
from app.adapters.local.faces.checks import mouth_gap
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.inspection.face_box import PARTS, PRESENT, edges
from app.adapters.media_guard.limits import MOST_SIDE
from app.errors import MediaError

LOOKS_PER_S = 12.5
"""Readings of the lips a second: every second or third frame."""
SEARCHES_PER_S = 1.0
"""Searches of the whole picture for faces a second; in between the detected face is followed."""
_CELLS = 24
_EVERY = 4


@dataclass
class VideoMeasurement:
    """Measurement of a clip.

    `changes`: the largest change of a cell of a 24 x 24 grid since the reading before, 0 to 1.
    """

    video_streams: int = 0
    audio_streams: int = 0
    frames: int = 0
    black: int = 0
    duration_s: float = 0.0
    times: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    """Faces found by each search."""
    gaps: list[tuple[float, float]] = field(default_factory=list)
    """Time and inner-lip gap of every reading with the face present."""
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Left, top, right and bottom of the face at those readings, as shares of the picture."""
    first: Picture | None = None
    last: Picture | None = None

    @property
    def black_s(self) -> float:
        """Return the seconds of black frames."""
        return self.duration_s * self.black / max(1, self.frames)


@dataclass(frozen=True, slots=True)
class Darkness:
    """Definition of a black frame: this share of it is darker than this level, 0 to 1 both."""

    level: float
    share: float


def watch(video: Path, finder: FaceFinder | None, *, black: Darkness) -> VideoMeasurement:
    """Decode every frame; without a finder faces are left out.

    Raises:
        MediaError: it cannot be decoded.
    """
    try:
        with av.open(str(video), format="mp4") as container:
            return _Watcher(finder, black).watch(container)
    except (FFmpegError, OSError, IndexError) as error:
        raise MediaError(f"Expected a playable MP4, got `{video.name}` that cannot be decoded ({error}).") from error


class _Watcher:
    """Measurement under way: follows one face through the frames."""

    def __init__(self, finder: FaceFinder | None, black: Darkness) -> None:
        self._finder = finder
        self._black = black
        self._sight = VideoMeasurement()
        self._points: Points | None = None
        self._next_look = 0.0
        self._next_search = 0.0
        self._grid: Curve | None = None

    def watch(self, container: Any) -> VideoMeasurement:
        """Measure every frame; the first and the last one are always read."""
        sight, final, seen_s = self._sight, None, -1.0
        sight.video_streams, sight.audio_streams = len(container.streams.video), len(container.streams.audio)
        rate = float(container.streams.video[0].average_rate or 25)
        for frame in container.decode(video=0):
            if max(frame.width, frame.height) > MOST_SIDE:  # the header of the probe may have said less
                raise MediaError(f"Expected at most {MOST_SIDE} pixels on a side, got {frame.width}x{frame.height}.")
            at = float(frame.time or 0.0)
            light = _light(frame)
            sight.frames += 1
            sight.black += bool((light < self._black.level).mean() >= self._black.share)
            final, sight.duration_s = frame, at + 1 / rate
            if at + 1e-6 >= self._next_look:
                self._next_look, seen_s = max(self._next_look + 1 / LOOKS_PER_S, at), at
                self._look(frame, light, at)
        if final is None:
            raise MediaError("Expected a picture that moves, got a video without frames.")
        if float(final.time or 0.0) > seen_s:
            self._look(final, _light(final), float(final.time))
        return sight

    def _look(self, frame: Any, light: Curve, at: float) -> None:
        picture, sight = to_picture(frame), self._sight
        grid = cv2.resize(light, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
        sight.times.append(at)
        sight.changes.append(1.0 if self._grid is None else float(np.abs(grid - self._grid).max()))
        self._grid = grid
        sight.first = picture if sight.first is None else sight.first
        sight.last = picture
        if self._finder is not None:
            self._points = self._find(picture, at, self._finder)
            if self._points is not None:
                sight.gaps.append((at, mouth_gap(self._points)))
                sight.boxes.append(edges(self._points, frame.width, frame.height))

    def _find(self, picture: Picture, at: float, finder: FaceFinder) -> Points | None:
        if at >= self._next_search:
            self._next_search = at + 1 / SEARCHES_PER_S
            faces = finder.detect(picture, parts=PARTS)
            self._sight.counts.append(len(faces))
            if not faces:
                return None
            points, present = finder.mesh(picture, max(faces, key=lambda face: face.area))
        elif self._points is not None:
            points, present = finder.follow(picture, self._points)
        else:
            return None
        return points if present > PRESENT else None


def to_picture(frame: Any) -> Picture:
    """Return a decoded frame in BGR.

    The usual format is converted the short way; its colours are near enough to find a face.
    """
    if frame.format.name in {"yuv420p", "yuvj420p"} and frame.width % 2 == 0 and frame.height % 2 == 0:
        return np.asarray(cv2.cvtColor(frame.to_ndarray(), cv2.COLOR_YUV2BGR_I420), np.uint8)
    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _light(frame: Any) -> Curve:
    """Return every fourth pixel's light in both directions, 0 to 1."""
    if frame.format.name not in {"yuv420p", "yuvj420p"}:
        frame = frame.reformat(format="yuv420p")
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[::_EVERY, : plane.width : _EVERY]
    low, high = (0.0, 255.0) if frame.format.name == "yuvj420p" else (16.0, 235.0)
    return np.asarray(np.clip((rows.astype(np.float64) - low) / (high - low), 0, 1))
