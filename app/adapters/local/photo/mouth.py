"""Mouth of a photo: two layers that part, and the cavity behind them."""

from dataclasses import dataclass

import cv2
import numpy as np

from app.adapters.local.audio import Picture, Plane
from app.adapters.local.motion import Pose
from app.adapters.local.photo.geometry import FittedFace, ease, warp
from app.adapters.local.photo.lips import FIELDS, LipMap, layer_masks, lip_fields, lip_map
from app.adapters.local.visemes import PARAMETERS

_MATTERS = 1e-3
_Maps = tuple[Plane, Plane]


@dataclass(frozen=True, slots=True)
class _Cavity:
    """Colour planes of an open mouth's inside; the last channel of four is the coverage."""

    deep: Plane
    tongue: Plane
    upper_teeth: Plane
    lower_teeth: Plane


class PhotoMouth:
    """Painter of one portrait's mouth."""

    def __init__(self, face: FittedFace) -> None:
        self._face = face
        self._lips = lips = lip_map(face)
        self._masks = layer_masks(lips, face.unit)
        self._own = np.clip(1 - self._masks[0] - self._masks[1], 0, 1).astype(np.float32)
        self._fields = lip_fields(lips, face)
        self._cavity = _cavity(face, lips)

    def draw(self, frame: Picture, maps: _Maps, pose: Pose) -> None:
        """Draw the mouth of a pose into the frame, at the place given by the head's motion `maps`."""
        weights = self._weights(pose)
        if not np.any(np.abs(weights) > _MATTERS):
            return
        x0, y0, x1, y1 = self._lips.box
        base = maps[0][y0:y1, x0:x1] - np.float32(x0), maps[1][y0:y1, x0:x1] - np.float32(y0)
        upper, lower = (_follow(fields, weights, base) for fields in self._fields)
        up, low = (self._sample(m) for m in (upper, lower))
        up_share, low_share = (warp(mask, *m)[..., None] for mask, m in zip(self._masks, (upper, lower), strict=True))
        hole = np.clip(1 - up_share - low_share, 0, 1)
        skin = (up * up_share + low * low_share) / np.maximum(up_share + low_share, 1e-3)
        if hole.max() > 0.01:
            soft = cv2.GaussianBlur(hole[..., 0], (0, 0), max(0.8, 0.012 * self._face.unit))[..., None]
            skin = skin * (1 - hole) + self._inside(base, lower, pose) * (0.70 + 0.30 * soft) * hole
        frame[y0:y1, x0:x1] = np.clip(skin, 0, 255).astype(np.uint8)

    def _weights(self, pose: Pose) -> Plane:
        values = dict(zip(PARAMETERS, pose.mouth, strict=True))
        relax = shut = 0.0
        if self._lips.shows_teeth:  # a smile in the photo is relaxed while speaking
            opening, rounded = values["open"], values["round"]
            relax = pose.speaking * (1 - 0.5 * max(0.0, values["wide"])) * (1 - 0.6 * rounded)
            shut = max(values["press"], 0.8 * rounded * (1 - opening), 0.35 * pose.speaking * (1 - opening))
        values |= {"relax": relax, "shut": shut}
        return np.array([values[name] for name in FIELDS], np.float32)

    def _sample(self, maps: _Maps) -> Plane:
        x0, y0 = np.float32(self._lips.box[0]), np.float32(self._lips.box[1])
        return warp(self._face.picture, maps[0] + x0, maps[1] + y0, how=cv2.INTER_CUBIC)

    def _inside(self, base: _Maps, lower: _Maps, pose: Pose) -> Plane:
        values = dict(zip(PARAMETERS, pose.mouth, strict=True))
        rise = np.float32((0.09 * values["tongue"] + 0.06 * values["open"] - 0.03) * self._face.unit)
        out = _over(self._cavity.deep, _clear(self._cavity.tongue, (lower[0], lower[1] + rise)))
        low_teeth = _clear(self._cavity.lower_teeth, lower)
        low_teeth[..., 3] *= min(1.0, 2.2 * values["lower"] + 0.7 * max(0.0, values["open"] - 0.3))
        out = _over(out, low_teeth)
        if not self._lips.shows_teeth:
            return _over(out, warp(self._cavity.upper_teeth, *base))
        own = warp(self._own, *base)[..., None]  # the photo has its own teeth: they stay where they are
        return out * (1 - own) + self._sample(base) * own


def _follow(fields: Plane, weights: Plane, base: _Maps) -> _Maps:
    """Return the source place of a layer's pixels.

    The weighted field, inverted by a few fixed-point steps.
    """
    total = np.zeros_like(fields[0])
    for k in np.flatnonzero(np.abs(weights) > _MATTERS).tolist():  # a plain sum needs no BLAS threads
        total += weights[k] * fields[k]
    rows, columns = base[0].shape
    full = cv2.resize(total, (columns, rows), interpolation=cv2.INTER_LINEAR)
    x, y = base
    for _ in range(3):
        moved = warp(full, x, y)
        x, y = base[0] - moved[..., 0], base[1] - moved[..., 1]
    return x, y


def _clear(layer: Plane, maps: _Maps) -> Plane:
    return np.asarray(cv2.remap(layer, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT), np.float32)


def _over(below: Plane, layer: Plane) -> Plane:
    cover = layer[..., 3:]
    return np.asarray(below * (1 - cover) + layer[..., :3] * cover, np.float32)


def _cavity(face: FittedFace, lips: LipMap) -> _Cavity:
    """Paint the cavity behind the lips in the light of the photo: teeth as bright as the lit skin."""
    x0, y0, x1, y1 = lips.box
    part = face.picture[y0:y1, x0:x1]
    light = float(np.clip(part.mean() / 128, 0.55, 1.2))
    bright = float(np.clip(np.percentile(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), 93) * 0.97, 95, 238))
    tooth = np.array([0.90, 0.965, 1.0], np.float32) * bright
    side = np.abs(lips.s)
    bite = 1 - 0.07 * np.abs(np.sin(np.pi * (lips.s * 2.1 + 0.5))) ** 12  # hairlines between teeth
    deep = np.array([40, 34, 74], np.float32) * np.clip(0.80 - 0.55 * side**2, 0.25, 1)[..., None] * light
    below = lips.low - lips.v
    tongue_colour = np.array([92, 88, 168], np.float32) * light * (0.55 + 0.35 * ease(1 - side * 1.4))[..., None]
    tongue = _band(below, 0.075, 0.8, side, soft=0.02) * (side < 0.85) * 0.85
    low_cover = _band(below, 0.045, 0.75, side, soft=0.012) * (side < 0.78)
    low_colour = tooth * (0.72 * (1 - 0.6 * side**2) * bite)[..., None]
    return _Cavity(
        deep=deep.astype(np.float32),
        tongue=_with_cover(tongue_colour, tongue),
        upper_teeth=_upper_teeth(lips, tooth, bite),
        lower_teeth=_with_cover(low_colour, low_cover),
    )


def _upper_teeth(lips: LipMap, tooth: Plane, bite: Plane) -> Plane:
    side, below = np.abs(lips.s), lips.v - lips.up
    length = 0.078 * np.sqrt(np.clip(1 - (lips.s / 0.92) ** 2, 0, 1)) + 0.01
    edge = 1 - ease((below - length) / 0.02 + 0.5)
    shade = (0.72 + 0.28 * ease(below / 0.035)) * (1 - 0.60 * side**3)
    shade = shade * (1 - 0.25 * ease((below - 0.6 * length) / (0.5 * length))) * bite
    colour = (tooth * np.clip(shade, 0, 1)[..., None]).astype(np.float32)
    return _with_cover(colour, np.asarray(edge * (below > -0.05) * (side < 0.95), np.float32))


def _band(distance: Plane, height: float, half: float, side: Plane, *, soft: float) -> Plane:
    top = height * np.sqrt(np.clip(1 - (side / half) ** 2, 0, 1))
    return np.asarray(1 - ease((distance - top) / soft + 0.5), np.float32)


def _with_cover(colour: Plane, cover: Plane) -> Plane:
    return np.concatenate([colour, cover[..., None]], -1).astype(np.float32)
