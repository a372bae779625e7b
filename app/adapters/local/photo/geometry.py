"""Geometry of a portrait photo: cropped to the screen's shape, with the face's own axes."""

from dataclasses import dataclass

import cv2
import numpy as np

from app.adapters.local.audio import Curve, Picture, Plane, Points

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""
_FACE_SHARE = 0.42
"""Largest share of the frame's height that the face fills after cropping."""


@dataclass(frozen=True, slots=True)
class FittedFace:
    """Cropped picture with its points; `unit` is the distance of the outer eye corners in pixels.

    `right` and `down` are the face's own axes, so that a tilted head works as an upright one.
    """

    picture: Picture
    points: Points

    @property
    def flat(self) -> Points:
        """Return the points without depth."""
        return self.points[:, :2]

    @property
    def unit(self) -> float:
        """Return the pixels between the outer eye corners."""
        return float(np.linalg.norm(self.flat[263] - self.flat[33]))

    @property
    def right(self) -> Points:
        """Return the direction from eye to eye, of length 1."""
        return np.asarray((self.flat[263] - self.flat[33]) / self.unit)

    @property
    def down(self) -> Points:
        """Return the direction from brow to chin, of length 1."""
        return np.array([-self.right[1], self.right[0]])

    @property
    def size(self) -> tuple[int, int]:
        """Return height and width in pixels."""
        return self.picture.shape[0], self.picture.shape[1]

    def box(self, centre: Points, *, up: float, below: float, aside: float) -> Box:
        """Return a box of pixels about a point, cut at the frame."""
        height, width = self.size
        return (
            max(0, int(centre[0] - aside)),
            max(0, int(centre[1] - up)),
            min(width, int(centre[0] + aside)),
            min(height, int(centre[1] + below)),
        )

    def axes(self, box: Box, origin: Points) -> tuple[Plane, Plane]:
        """Return, for each pixel of a box, its place along the face's axes from `origin`, in units."""
        x0, y0, x1, y1 = box
        y, x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        dx, dy = (x - np.float32(origin[0])) / self.unit, (y - np.float32(origin[1])) / self.unit
        return (
            np.asarray(dx * self.right[0] + dy * self.right[1], np.float32),
            np.asarray(dx * self.down[0] + dy * self.down[1], np.float32),
        )


def fit(picture: Picture, points: Points, *, width: int, height: int) -> FittedFace:
    """Crop and scale to the wanted shape around the face."""
    rows, columns = picture.shape[:2]
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    tall = float(high[1] - low[1])
    cover = max(width / columns, height / rows)
    k = max(cover, min(_FACE_SHARE * height / tall, 2 * cover))
    x0 = float(np.clip((low[0] + high[0]) / 2 - width / k / 2, 0, columns - width / k))
    y0 = float(np.clip(low[1] + 0.62 * tall - height / k / 2, 0, rows - height / k))
    matrix = np.array([[k, 0, -k * x0], [0, k, -k * y0]], np.float32)
    way = cv2.INTER_AREA if k < 1 else cv2.INTER_CUBIC
    out = cv2.warpAffine(picture, matrix, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE)
    moved = points * k
    moved[:, :2] -= [k * x0, k * y0]
    return FittedFace(np.asarray(out, np.uint8), moved)


def ease(values: Plane | Curve) -> Plane:
    """Return the S-curve from 0 to 1 for whole planes."""
    clipped = np.clip(values, 0, 1).astype(np.float32)
    return np.asarray(clipped * clipped * (3 - 2 * clipped), np.float32)


def warp(source: Picture | Plane, x: Plane, y: Plane, *, how: int = cv2.INTER_LINEAR) -> Plane:
    """Sample a picture at the given places; the border is continued."""
    out = cv2.remap(source, x, y, how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.float32)


def line(u: Plane, points: Points, face: FittedFace, *, centre: Points, half: float) -> Plane:
    """Return the height of the curve through some points, at each pixel's place `u` along its half width.

    The height is in units.
    """
    local = (points - centre) / face.unit
    along, height = local @ face.right / half, local @ face.down
    order = np.argsort(along)
    return np.asarray(np.interp(u, along[order], height[order]), np.float32)
