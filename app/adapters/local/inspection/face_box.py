"""Face box by the local graphs: of one picture, and of all readings of a clip."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from app.adapters.local.audio import Picture, Points
from app.adapters.local.faces.detector import FaceFinder
from app.errors import MediaError
from app.rendering.media.face_box import FaceBox

PARTS = (2,)
"""Divisions of the picture that are searched, too: its halves, for faces down to a fifth of its width."""
PRESENT = 0.5
"""Smallest score of the mesh for a face."""
_OUTLIERS = 5
"""Percent of the readings that may be wrong to either side."""


class LocalFaceReader:
    """Face reader in threads; the graphs are loaded with the first picture. `models_dir` holds them, converted."""

    def __init__(self, models_dir: Path) -> None:
        self._models_dir = models_dir
        self._lock = threading.Lock()
        self._finder: FaceFinder | None = None

    async def read(self, picture: bytes) -> FaceBox | None:
        """Decode and look."""
        return await asyncio.to_thread(self._read, picture)

    def _read(self, content: bytes) -> FaceBox | None:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            raise MediaError("Expected a picture to find a face in, got bytes that are none.")
        with self._lock:
            self._finder = self._finder or FaceFinder(self._models_dir)
            return face_box(np.asarray(picture, np.uint8), self._finder)


def face_box(picture: Picture, finder: FaceFinder) -> FaceBox | None:
    """Return the box of the largest face in a picture, None where there is none."""
    faces = finder.detect(picture, parts=PARTS)
    if not faces:
        return None
    points, present = finder.mesh(picture, max(faces, key=lambda face: face.area))
    height, width = picture.shape[:2]
    return box_of([edges(points, width, height)]) if present > PRESENT else None


def edges(points: Points, width: int, height: int) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a face's points, as shares of the picture."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    return float(low[0] / width), float(low[1] / height), float(high[0] / width), float(high[1] / height)


def box_of(readings: Sequence[tuple[float, float, float, float]]) -> FaceBox | None:
    """Return the box that holds the face in all readings but for outliers; None without a reading."""
    if not readings:
        return None
    table = np.array(readings)
    left, top = np.percentile(table[:, :2], _OUTLIERS, axis=0).clip(0, 1).tolist()
    right, bottom = np.percentile(table[:, 2:], 100 - _OUTLIERS, axis=0).clip(0, 1).tolist()
    return FaceBox(left, top, right - left, bottom - top)
