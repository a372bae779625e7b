"""Portrait checks: named checks with figures and limits, and the reading of a face mesh."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from app.adapters.local.audio import Picture, Points
from app.adapters.local.faces.detector import Face, FaceFinder, Nudge
from app.adapters.local.kept_looks import Check

MIN_SIDE_PX = 512
"""Smallest side of a portrait in pixels, the least that cloud renderers require."""
_EYE_POINTS = [33, 133, 159, 145, 263, 362, 386, 374, 70, 300]
_MOUTH_POINTS = [61, 291, 0, 17, 13, 14, 37, 267, 84, 314]
_PARTED = 0.07
"""Gap of the inner lips from which teeth show: drawn closed lips read 0.03 to 0.04, an open smile 0.10."""
_TOGETHER = f"under {_PARTED:g} (lips together: where teeth are visible, the lips will never close on p, b and m)"
_NUDGES = (
    Nudge(x=0.04), Nudge(x=-0.04), Nudge(y=0.04), Nudge(y=-0.04),
    Nudge(scale=1.12), Nudge(scale=0.9), Nudge(angle=0.12), Nudge(angle=-0.12),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PortraitReport:
    """All checks of one portrait; the mesh is there when a face was found."""

    checks: tuple[Check, ...]
    mesh: Points | None = None

    @property
    def ok(self) -> bool:
        """Return whether every required check passed."""
        return not self.failed

    @property
    def failed(self) -> tuple[Check, ...]:
        """Return the required checks that failed."""
        return tuple(c for c in self.checks if c.level == "must" and not c.ok)

    def summary(self) -> str:
        """Return the failed checks in words, each with its figure and limit."""
        return "; ".join(f"{c.name} is {c.value:g}, needs {c.limit}" for c in self.failed)


def check(picture: Picture, finder: FaceFinder) -> PortraitReport:
    """Check a portrait (BGR) for whatever would spoil its animation."""
    height, width = picture.shape[:2]
    side = min(height, width)
    size = Check("size", side, f"at least {MIN_SIDE_PX} px", side >= MIN_SIDE_PX)
    faces = finder.detect(picture)
    count = Check("faces", len(faces), "exactly 1", len(faces) == 1)
    if not faces:
        return PortraitReport((size, count))
    face = max(faces, key=lambda f: f.area)
    points, presence = finder.mesh(picture, face)
    checks = [size, count, Check("face_presence", round(presence, 3), "over 0.9", presence > 0.9)]
    checks += _framing(points, width, height) + _pose_checks(points) + _light(picture, points)
    checks += _hidden(picture, finder, face, points) + _features(points)
    return PortraitReport(tuple(checks), points)


def pose(points: Points) -> tuple[float, float, float]:
    """Return yaw, pitch and roll in degrees."""
    across, down = points[454] - points[234], points[152] - points[10]
    across, down = across / np.linalg.norm(across), down / np.linalg.norm(down)
    out = np.cross(across, down)
    return (
        math.degrees(math.atan2(across[2], math.hypot(across[0], across[1]))),
        math.degrees(math.atan2(out[1], out[2])),
        math.degrees(math.atan2(across[1], across[0])),
    )


def distance(points: Points, a: int, b: int) -> float:
    """Return the pixels between two points of the mesh."""
    return float(np.linalg.norm(points[a, :2] - points[b, :2]))


def mouth_gap(points: Points) -> float:
    """Return the inner-lip gap over the distance of the outer eye corners: independent of pose and scale."""
    gap = (distance(points, 13, 14) + distance(points, 82, 87) + distance(points, 312, 317)) / 3
    return gap / distance(points, 33, 263)


def _framing(points: Points, width: int, height: int) -> list[Check]:
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    share = float(high[0] - low[0]) / width
    inside = bool(low.min() > 0 and high[0] < width and high[1] < height)
    return [
        Check("face_share", round(share, 3), "0.15 to 0.85 of the width", 0.15 < share < 0.85),
        Check("face_inside", float(inside), "the whole face in the picture (1)", inside),
    ]


def _pose_checks(points: Points) -> list[Check]:
    angles = zip(("yaw", "pitch", "roll"), pose(points), (25, 22, 20), strict=True)
    return [Check(n, round(v, 1), f"within {top} degrees of straight", abs(v) <= top) for n, v, top in angles]


def _light(picture: Picture, points: Points) -> list[Check]:
    """Check sharpness and light on the face brought to one scale (128 px between the outer eye corners)."""
    k = 128 / distance(points, 33, 263)
    (x0, y0), (x1, y1) = points[:, :2].min(0).clip(0).astype(int), points[:, :2].max(0).astype(int)
    grey = cv2.cvtColor(picture[y0:y1, x0:x1], cv2.COLOR_BGR2GRAY)
    grey = cv2.resize(grey, None, fx=k, fy=k, interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_CUBIC)
    sharp, bright = float(cv2.Laplacian(grey, cv2.CV_64F).var()), float(grey.mean())
    ratio = _eyes_to_cheeks(picture, points)
    return [
        Check("sharpness", round(sharp, 1), "over 35 (variance of the Laplacian)", sharp > 35),
        Check("brightness", round(bright, 1), "45 to 225", 45 < bright < 225),
        Check("eye_to_cheek_light", round(ratio, 3), "over 0.3 (dark glasses are below)", ratio > 0.3),
    ]


def _eyes_to_cheeks(picture: Picture, points: Points) -> float:
    light = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)[..., 0]

    def mean(ids: list[int]) -> float:
        mask = np.zeros(light.shape, np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(points[ids, :2].astype(np.int32)), 1)
        return float(light[mask > 0].mean()) if mask.any() else 0.0

    cheeks = mean([50, 101, 118, 123]) + mean([280, 330, 347, 352])
    eyes = mean([33, 159, 133, 145, 27, 23]) + mean([263, 386, 362, 374, 257, 253])
    return eyes / max(cheeks, 2.0)


def _hidden(picture: Picture, finder: FaceFinder, face: Face, points: Points) -> list[Check]:
    """Check for hidden parts: with the crop moved a little, eight ways, the points of hidden parts move."""
    seen = np.stack([finder.mesh(picture, face, nudge=n)[0][:, :2] for n in _NUDGES])
    wander = seen.std(0).max(1) / distance(points, 33, 263)
    out = []
    for name, ids in (("eyes_in_sight", _EYE_POINTS), ("mouth_in_sight", _MOUTH_POINTS)):
        value = float(wander[ids].mean())
        out.append(Check(name, round(value, 4), "under 0.02 (points hold still)", value < 0.02))
    return out


def _features(points: Points) -> list[Check]:
    across = distance(points, 33, 263)
    eyes = min(distance(points, 159, 145), distance(points, 386, 374)) / across
    mouth = mouth_gap(points)
    return [
        Check("eyes_open", round(eyes, 3), "over 0.035", eyes > 0.035),
        Check("mouth_closed", round(mouth, 3), _TOGETHER, mouth < _PARTED, "advice"),
    ]
