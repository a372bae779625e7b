"""Photo painter: head motion and blinks by dense warps; `mouth.py` adds the mouth."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from app.adapters.local.audio import Picture, Plane, Points
from app.adapters.local.motion import Pose
from app.adapters.local.order import VideoFormat
from app.adapters.local.photo.geometry import Box, FittedFace, ease, fit, line, warp
from app.adapters.local.photo.mouth import PhotoMouth

_EYES = (
    ([33, 246, 161, 160, 159, 158, 157, 173, 133], [33, 7, 163, 144, 145, 153, 154, 155, 133], 105),
    ([362, 398, 384, 385, 386, 387, 388, 466, 263], [362, 382, 381, 380, 374, 373, 390, 249, 263], 334),
)
"""Mesh points of the upper lid, the lower lid and the brow."""
_FROM_BLINK = 0.02
_BELOW_BROW = 0.62
"""Share of the way from lid to brow that a blink draws down; the brow itself stays, or she looks in pain."""


@dataclass(frozen=True, slots=True)
class _Lid:
    box: Box
    drop: Plane
    mask: Plane


class Eyelids:
    """Displacement fields of both eyes' lids.

    The skin above each eye is drawn down over it, lashes included.
    """

    def __init__(self, face: FittedFace) -> None:
        self._face = face
        self._lids = [_lid(face, *ids) for ids in _EYES]

    def close(self, frame: Picture, maps: tuple[Plane, Plane], blink: float) -> None:
        """Draw lids into the frame, shut by `blink` (0 to 1)."""
        if blink <= _FROM_BLINK:
            return
        down = self._face.down.astype(np.float32)
        for lid in self._lids:
            x0, y0, x1, y1 = lid.box
            base_x, base_y = maps[0][y0:y1, x0:x1] - np.float32(x0), maps[1][y0:y1, x0:x1] - np.float32(y0)
            x, y = base_x, base_y
            for _ in range(4):  # fixed point: the drop is known at a pixel's source only
                drop = cv2.remap(lid.drop, x, y, cv2.INTER_LINEAR) * np.float32(blink)
                x, y = base_x - drop * down[0], base_y - drop * down[1]
            skin = warp(self._face.picture, x + np.float32(x0), y + np.float32(y0), how=cv2.INTER_CUBIC)
            share = cv2.remap(lid.mask, x, y, cv2.INTER_LINEAR)[..., None]
            part = frame[y0:y1, x0:x1]
            frame[y0:y1, x0:x1] = (part * (1 - share) + skin * share).astype(np.uint8)


def _lid(face: FittedFace, upper: list[int], lower: list[int], brow: int) -> _Lid:
    p, unit = face.flat, face.unit
    a, b = p[upper[0]], p[upper[-1]]
    centre, half = (a + b) / 2, float(np.linalg.norm(b - a)) / 2 / unit
    rise = float(np.dot(centre - p[brow], face.down)) / unit
    box = face.box(centre, up=(rise + 0.10) * unit, below=0.22 * unit, aside=(half + 0.14) * unit)
    u, v = face.axes(box, centre)
    s = u / np.float32(half)
    up = line(s, p[upper], face, centre=centre, half=half)
    low = line(s, p[lower], face, centre=centre, half=half)
    gap = np.maximum(low - up, 0) * (np.abs(s) < 1)
    fall = np.where(v > up, 1, 1 - ease((up - v) / max(_BELOW_BROW * rise, 0.08)))
    feather = 1.0 / unit
    mask = np.clip(0.5 + (up + 0.012 - v) / (2 * feather), 0, 1) * (1 - ease((np.abs(s) - 0.96) / 0.08))
    return _Lid(box, (gap * fall * 1.02 * unit).astype(np.float32), mask.astype(np.float32))


_AMOUNT = 0.7
"""Share of the motion: a photo bears less of it than a drawing."""


class HeadField:
    """Source place of every pixel, for a pose."""

    def __init__(self, face: FittedFace) -> None:
        p, unit = face.flat, face.unit
        height, width = face.size
        tall = float(np.linalg.norm(p[152] - p[10]))
        u, v = face.axes((0, 0, width, height), (p[234] + p[454]) / 2)
        u, v = u * (unit / tall), v * (unit / tall)
        radius = np.sqrt((u / 0.78) ** 2 + ((v + 0.12) / 0.95) ** 2)
        hold = (1 - ease((radius - 0.80) / 0.75)) * (1 - ease((v - 0.52) / 0.45))
        ball = np.sqrt(np.clip(1.1 - (u / 0.52) ** 2 - (v / 0.68) ** 2, 0, None))
        self._hold = hold.astype(np.float32)
        self._depth = (ball * hold * tall * 0.32).astype(np.float32)
        self._neck = p[152] + 0.25 * tall * face.down
        self._unit = unit
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        self._x, self._y = x, y
        self._breath = (ease((y - np.float32(self._neck[1])) / max(1.0, 0.6 * tall)) * 0.008 * tall).astype(np.float32)
        self._brow = self._brow_field(face)

    def _brow_field(self, face: FittedFace) -> Plane:
        out = np.zeros_like(self._x)
        for point in (face.flat[105], face.flat[334]):
            dx, dy = (self._x - point[0]) / (0.24 * self._unit), (self._y - point[1]) / (0.13 * self._unit)
            out += np.exp(-(dx**2 + dy**2)).astype(np.float32)
        return np.asarray(np.clip(out, 0, 1) * (0.045 * self._unit), np.float32)

    def maps(self, pose: Pose) -> tuple[Plane, Plane]:
        """Return source x and y of each pixel."""
        f = np.float32
        roll = f(math.radians(pose.roll) * _AMOUNT)
        shift_x, shift_y = f(pose.shift_x * self._unit * 3 * _AMOUNT), f(pose.shift_y * self._unit * 3 * _AMOUNT)
        yaw, pitch = (f(math.sin(math.radians(a) * _AMOUNT)) for a in (pose.yaw, pose.pitch))
        ux, uy = self._x - f(self._neck[0]), self._y - f(self._neck[1])
        dx = self._hold * (shift_x - roll * uy) + yaw * self._depth
        dy = self._hold * (roll * ux + shift_y) + pitch * self._depth - f(pose.breath) * self._breath
        return self._x - dx, self._y - dy + f(pose.brow) * self._brow


class PhotoPainter:
    """Painter of a photo: fields are computed once per portrait and screen.

    A frame is a weighted sum and a few remaps.
    """

    def __init__(self, picture: Picture, points: Points, screen: VideoFormat) -> None:
        self._face = fit(picture, points, width=screen.width, height=screen.height)
        self._head = HeadField(self._face)
        self._mouth = PhotoMouth(self._face)
        self._lids = Eyelids(self._face)

    def frame(self, pose: Pose) -> Picture:
        """Return one BGR picture of the screen's size."""
        maps = self._head.maps(pose)
        out = cv2.remap(self._face.picture, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        self._mouth.draw(out, maps, pose)
        self._lids.close(out, maps, pose.blink)
        return np.asarray(out, np.uint8)
