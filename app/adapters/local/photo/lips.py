"""Displacement fields of a photo's lips: one set moves with the upper lip, one with the jaw.

The lips are the one place where a face tears open, so two layers with smooth fields of their own are drawn;
where neither covers a pixel the mouth is open.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from app.adapters.local.audio import Plane
from app.adapters.local.photo.geometry import Box, FittedFace, ease, line

UPPER = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
LOWER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]
_TEETH_FROM = 0.045
"""Gap (in eye distances) from which the photo shows teeth."""
FIELDS = ("open", "wide", "round", "upper", "lower", "press", "teeth_on_lip", "relax", "shut")
_Field = tuple[Plane, Plane, Plane, Plane]


@dataclass(frozen=True, slots=True)
class LipMap:
    """Box of the mouth with, per pixel.

    Place along (`s`, 1 at the corners) and across, and both lip lines.
    """

    box: Box
    s: Plane
    v: Plane
    up: Plane
    low: Plane
    gap: float
    chin: float

    @property
    def shows_teeth(self) -> bool:
        """Return whether the photo's mouth is open already."""
        return self.gap > _TEETH_FROM


def lip_map(face: FittedFace) -> LipMap:
    """Read the mouth's lines from the mesh."""
    p, unit = face.flat, face.unit
    left, right = p[78], p[308]
    centre, half = (left + right) / 2, float(np.linalg.norm(right - left)) / 2 / unit
    chin = float(np.dot(p[152] - centre, face.down)) / unit
    nose = float(np.dot(centre - p[2], face.down)) / unit
    box = face.box(centre, up=1.05 * nose * unit + 4, below=(chin + 0.75) * unit, aside=1.15 * unit)
    u, v = face.axes(box, centre)
    s = np.asarray(u / np.float32(half), np.float32)
    up = line(s, p[UPPER], face, centre=centre, half=half)
    low = line(s, p[LOWER], face, centre=centre, half=half)
    gap = float(np.mean((low - up)[np.abs(s) < 0.6]))
    if gap <= _TEETH_FROM:
        up = low = np.asarray((up + low) / 2, np.float32)
    return LipMap(box, s, v, up, low, gap, chin)


def layer_masks(lips: LipMap, unit: float) -> tuple[Plane, Plane]:
    """Return each pixel's share in the upper and in the lower layer."""
    feather = 1.0 / unit
    upper = np.clip(0.5 + (lips.up - lips.v) / (2 * feather), 0, 1)
    lower = np.clip(0.5 + (lips.v - lips.low) / (2 * feather), 0, 1)
    outside = ease((np.abs(lips.s) - 0.98) / 0.06)  # past the corners there is no opening
    hard = np.clip(0.5 + ((lips.up + lips.low) / 2 - lips.v) / (2 * feather), 0, 1)
    return (
        np.asarray(upper * (1 - outside) + hard * outside, np.float32),
        np.asarray(lower * (1 - outside) + (1 - hard) * outside, np.float32),
    )


def lip_fields(lips: LipMap, face: FittedFace) -> tuple[Plane, Plane]:
    """Return displacements in pixels for the upper and the lower layer, at half resolution.

    The shape is fields x height x width x 2.
    """
    table = _table(lips)
    fade = _fade(lips, face.unit)
    layers = []
    for across, along in ((0, 1), (2, 3)):
        stack = [_turned(table[name][across], table[name][along], face) for name in FIELDS]
        layers.append(np.asarray(np.stack(stack) * fade[None, ..., None], np.float32))
    return layers[0], layers[1]


def _table(lips: LipMap) -> dict[str, _Field]:
    """Return, per parameter: upper dx, upper dy, lower dx, lower dy, in eye distances."""
    s, side_share = lips.s, np.abs(lips.s)
    under, over = np.maximum(lips.v - lips.low, 0), np.maximum(lips.up - lips.v, 0)
    zero = np.zeros_like(s)
    middle = np.exp(-((s / 0.72) ** 4))
    bow = np.clip(1 - side_share**2, 0, 1)
    near_up, near_low = np.exp(-((over / 0.16) ** 2)), np.exp(-((under / 0.14) ** 2))
    ring_up, ring_low = np.exp(-((over / 0.22) ** 2)), np.exp(-((under / 0.24) ** 2))
    side = np.sign(s) * np.where(side_share < 1, side_share**1.3, np.exp(-(((side_share - 1) / 0.8) ** 2)))
    thick_up, thick_low = np.minimum(over / 0.05, 1), np.minimum(under / 0.06, 1)
    smile = 0.030 * side_share**2 * np.where(side_share < 1, 1, np.exp(-(((side_share - 1) / 0.5) ** 2)))
    meet = 0.58 * max(0.0, lips.gap)  # closing a smile: both lips meet half way, and press a little
    up_open, low_open = _opening(lips)
    return {
        "open": (zero, up_open, zero, low_open),
        "wide": (
            0.050 * side * ring_up, -0.012 * side_share * ring_up,
            0.050 * side * ring_low, -0.012 * side_share * ring_low,
        ),
        "round": (
            -0.080 * side * ring_up, -0.018 * middle * thick_up * ring_up,
            -0.080 * side * ring_low, 0.024 * middle * thick_low * ring_low,
        ),
        "upper": (zero, -0.034 * middle * ring_up, zero, zero),
        "lower": (zero, zero, zero, 0.045 * middle * ring_low),
        "press": (zero, 0.022 * bow * thick_up * near_up, zero, -0.026 * bow * thick_low * near_low),
        "teeth_on_lip": (zero, zero, zero, -0.050 * middle * near_low),
        "relax": (-0.045 * side * ring_up, smile * ring_up, -0.045 * side * ring_low, smile * ring_low),
        "shut": (zero, meet * bow * ring_up, zero, -meet * bow * ring_low),
    }  # fmt: skip


def _opening(lips: LipMap) -> tuple[Plane, Plane]:
    """Return the rise of the upper layer and the fall of the jaw when the mouth opens."""
    side_share, v = np.abs(lips.s), lips.v
    reach = 0.165 if lips.shows_teeth else 0.20  # a smiling mouth is part open already
    under, over = np.maximum(v - lips.low, 0), np.maximum(lips.up - v, 0)
    corner = 0.32 * np.exp(-((np.maximum(side_share - 1, 0) / 0.55) ** 2))
    lip = np.where(side_share < 1, 0.32 + 0.68 * np.clip(1 - side_share**2.2, 0, 1) ** 0.8, corner)
    jaw = np.exp(-((side_share / 2.25) ** 4))
    share = ease(np.clip(under / max(lips.chin - 0.02, 0.05), 0, 1) * 1.6)
    neck = 1 - ease((v - lips.chin) / 0.62)
    low = reach * (lip * (1 - share) + jaw * share) * neck
    near = np.exp(-((over / 0.16) ** 2))
    bow = np.clip(1 - side_share**2, 0, 1)
    up = reach * (np.where(side_share < 1, 0.32 * side_share**3, corner) * near - 0.07 * bow * near)
    return np.asarray(up, np.float32), np.asarray(np.where(v < lips.low, reach * lip, low), np.float32)


def _turned(across: Plane, along: Plane, face: FittedFace) -> Plane:
    """Turn displacements from the face's axes to the picture's, in pixels, at half resolution."""
    x = (across * face.right[0] + along * face.down[0]) * face.unit
    y = (across * face.right[1] + along * face.down[1]) * face.unit
    return np.stack([_half(x), _half(y)], -1)


def _fade(lips: LipMap, unit: float) -> Plane:
    """Return a weight that is 0 at the box's edge, so that no seam shows."""
    rows, columns = lips.s.shape
    y, x = np.arange(rows)[:, None], np.arange(columns)[None]
    edge = np.minimum(np.minimum(x, columns - 1 - x), np.minimum(y, rows - 1 - y)).astype(np.float32)
    return _half(ease(edge / np.float32(0.12 * unit)))


def _half(values: Plane) -> Plane:
    out = cv2.resize(values.astype(np.float32), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(out, np.float32)
