"""Face pose in a picture, and its difference from the expected one."""

from dataclasses import dataclass

import cv2
import numpy as np

from app.adapters.local.audio import Picture
from app.adapters.local.faces.checks import mouth_gap, pose
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.inspection.face_box import PARTS, PRESENT
from app.rendering.media.inspection import EndFrame

_SAME_SHAPE = 0.03
_SMALL = 64


@dataclass(frozen=True, slots=True)
class FacePose:
    """Picture and its largest face.

    Centre and width over the picture's height, angles in degrees, lip gap.
    """

    picture: Picture
    face: tuple[float, float, float] | None = None
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0)
    gap: float = 0.0

    @property
    def shape(self) -> float:
        """Return width over height."""
        return float(self.picture.shape[1] / self.picture.shape[0])

    def frames_like(self, other: "FacePose") -> bool:
        """Return whether both pictures have one shape, so that places in them can be compared."""
        return abs(self.shape / other.shape - 1) <= _SAME_SHAPE


def stance_of(picture: Picture, finder: FaceFinder | None) -> FacePose:
    """Find the largest face and read its pose."""
    faces = finder.detect(picture, parts=PARTS) if finder is not None else []
    if finder is None or not faces:
        return FacePose(picture)
    points, present = finder.mesh(picture, max(faces, key=lambda face: face.area))
    if present <= PRESENT:
        return FacePose(picture)
    low, top = points[:, :2].min(0), points[:, :2].max(0)
    height = picture.shape[0]
    x, y = ((low + top) / 2 / height).tolist()
    return FacePose(picture, (x, y, float(top[0] - low[0]) / height), pose(points), mouth_gap(points))


def beside(end: FacePose, *, place: FacePose, bearing: FacePose) -> EndFrame:
    """Compare an end of a clip: the face's position with `place`, its angles and lip gap with `bearing`."""
    differs = round(_difference(end.picture, place.picture), 3)
    if end.face is None or place.face is None or bearing.face is None:
        return EndFrame(differs)
    (x, y, width), (px, py, wide) = end.face, place.face
    turned = max(abs(a - b) for a, b in zip(end.angles, bearing.angles, strict=True))
    return EndFrame(
        differs,
        moved=round(float(np.hypot(x - px, y - py)) / wide, 3),
        grown=round(width / wide - 1, 3),
        turned_deg=round(turned, 1),
        opened=round(end.gap - bearing.gap, 3),
    )


def _difference(a: Picture, b: Picture) -> float:
    """Return the mean difference of the light, both brought to 64 x 64."""
    small = [
        cv2.resize(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), (_SMALL, _SMALL), interpolation=cv2.INTER_AREA) for p in (a, b)
    ]
    return float(np.abs(small[0].astype(np.float64) - small[1]).mean()) / 255
