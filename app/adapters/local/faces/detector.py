"""Face detector: faces in a picture and their 468 points, by BlazeFace and the face mesh on onnxruntime."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.adapters.local.audio import Picture, Points
from app.adapters.local.faces.onnx_graphs import DETECTOR, LANDMARKS, open_graph

_DETECTOR_PX, _MESH_PX = 128, 192
_CERTAIN, _CERTAIN_CLOSE = 0.55, 0.75
"""Smallest score of a face, in the whole picture and in its enlarged parts."""


@dataclass(frozen=True, slots=True)
class Face:
    """Detected face: score 0 to 1, box (x, y, width, height), the two eyes; pixels."""

    score: float
    box: tuple[float, float, float, float]
    eyes: tuple[tuple[float, float], tuple[float, float]]

    @property
    def area(self) -> float:
        """Return the area in square pixels."""
        return self.box[2] * self.box[3]


@dataclass(frozen=True, slots=True)
class Crop:
    """Square crop: centre, side, tilt in radians."""

    x: float
    y: float
    side: float
    angle: float


@dataclass(frozen=True, slots=True)
class Nudge:
    """Small change of the crop, by shares of its side, to test whether the points stay in place."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    angle: float = 0.0


class FaceFinder:
    """Face finder with both graphs loaded; `models_dir` holds their converted form."""

    def __init__(self, models_dir: Path) -> None:
        self._detector = open_graph(DETECTOR, models_dir)
        self._landmarks = open_graph(LANDMARKS, models_dir)
        self._anchors = np.array(list(_anchors()), np.float64)

    def detect(self, picture: Picture, *, parts: Sequence[int] = (2, 4)) -> list[Face]:
        """Return all faces, surest first, down to about a ninth of the picture's width.

        `parts` are the finer searches at the side's halves and quarters, for faces in the background; fewer
        are faster.
        """
        height, width = picture.shape[:2]
        side = max(height, width)
        found = self._detect_square(picture, ((width - side) // 2, (height - side) // 2), side, _CERTAIN)
        for part in (side // share for share in parts):
            step = max(1, part // 2)
            for y in range(0, max(1, height - step), step):
                for x in range(0, max(1, width - step), step):
                    found += self._detect_square(picture, (x, y), part, _CERTAIN_CLOSE)
        kept: list[Face] = []
        for face in sorted(found, key=lambda f: -f.score):
            if not any(_is_same(face, other) for other in kept):
                kept.append(face)
        return kept

    def mesh(self, picture: Picture, face: Face, *, nudge: Nudge | None = None) -> tuple[Points, float]:
        """Return 468 points (x, y, depth in pixels) and the graph's score that a face is there."""
        (rx, ry), (lx, ly) = face.eyes
        x, y, wide, high = face.box
        crop = Crop(x + wide / 2, y + high / 2, 1.5 * max(wide, high), math.atan2(ly - ry, lx - rx))
        points, _ = self._mesh_crop(picture, crop)
        return self.follow(picture, points, nudge=nudge)

    def follow(self, picture: Picture, points: Points, *, nudge: Nudge | None = None) -> tuple[Points, float]:
        """Return the points of a face that was at these points in the frame before."""
        low, top = points[:, :2].min(0), points[:, :2].max(0)
        dx, dy = points[263, :2] - points[33, :2]
        middle, side = (low + top) / 2, 1.5 * float((top - low).max())
        n = nudge or Nudge()
        near = Crop(middle[0] + n.x * side, middle[1] + n.y * side, side * n.scale, math.atan2(dy, dx) + n.angle)
        return self._mesh_crop(picture, near)

    def _detect_square(self, picture: Picture, corner: tuple[int, int], side: int, sure: float) -> list[Face]:
        x, y = corner
        height, width = picture.shape[:2]
        square = np.zeros((side, side, 3), np.uint8)
        xa, ya, xb, yb = max(0, x), max(0, y), min(width, x + side), min(height, y + side)
        square[ya - y : yb - y, xa - x : xb - x] = picture[ya:yb, xa:xb]
        small = cv2.resize(square, (_DETECTOR_PX, _DETECTOR_PX), interpolation=cv2.INTER_AREA)[..., ::-1]
        places, marks = self._detector.run(None, {"image_nhwc": (small[None].astype(np.float32) - 127.5) / 127.5})
        scores = 1 / (1 + np.exp(-np.clip(marks[0, :, 0].astype(np.float64), -50, 50)))
        out = []
        for i in np.flatnonzero(scores > sure).tolist():
            place = places[0, i].astype(np.float64) / _DETECTOR_PX
            centre = (self._anchors[i] + place[:2]) * side + corner
            wide, high = place[2:4] * side
            eyes = (self._anchors[i] + place[4:8].reshape(2, 2)) * side + corner
            box = (float(centre[0] - wide / 2), float(centre[1] - high / 2), float(wide), float(high))
            (rx, ry), (lx, ly) = eyes.tolist()
            out.append(Face(float(scores[i]), box, ((rx, ry), (lx, ly))))
        return out

    def _mesh_crop(self, picture: Picture, crop: Crop) -> tuple[Points, float]:
        k, half = _MESH_PX / crop.side, _MESH_PX / 2
        c, s = k * math.cos(crop.angle), k * math.sin(crop.angle)
        matrix = np.array([[c, s, half - c * crop.x - s * crop.y], [-s, c, half + s * crop.x - c * crop.y]])
        way = cv2.INTER_AREA if k < 1 else cv2.INTER_LINEAR
        part = cv2.warpAffine(picture, matrix, (_MESH_PX, _MESH_PX), flags=way)
        raw, flag = self._landmarks.run(None, {"image_nhwc": part[None, ..., ::-1].astype(np.float32) / 255})
        points = raw.reshape(468, 3).astype(np.float64)
        back = cv2.invertAffineTransform(matrix)
        flat = points[:, :2] @ back[:, :2].T + back[:, 2]
        return np.column_stack([flat, points[:, 2] / k]), 1 / (1 + math.exp(-float(flag.ravel()[0])))


def _anchors() -> Iterator[tuple[float, float]]:
    for cells, count in ((16, 2), (8, 6)):
        for y in range(cells):
            for x in range(cells):
                yield from [((x + 0.5) / cells, (y + 0.5) / cells)] * count


def _is_same(face: Face, other: Face) -> bool:
    (x, y, w, h), (ox, oy, ow, oh) = face.box, other.box
    if ox < x + w / 2 < ox + ow and oy < y + h / 2 < oy + oh:
        return True
    wide = max(0.0, min(x + w, ox + ow) - max(x, ox))
    high = max(0.0, min(y + h, oy + oh) - max(y, oy))
    return wide * high > 0.3 * min(face.area, other.area)
