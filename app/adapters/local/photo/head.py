"""Head motion of a photo: parallax over a ball, tilt and breath, fading towards shoulders and background."""

import math

import numpy as np

from app.adapters.local.arrays import Plane
from app.adapters.local.motion import Pose
from app.adapters.local.photo.geometry import FittedFace, ease

_AMOUNT = 0.7
"""A photo bears less motion than a drawing."""


class HeadField:
    """Where every pixel comes from, for a pose."""

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
        """Source x and y of each pixel."""
        f = np.float32
        roll = f(math.radians(pose.roll) * _AMOUNT)
        shift_x, shift_y = f(pose.shift_x * self._unit * 3 * _AMOUNT), f(pose.shift_y * self._unit * 3 * _AMOUNT)
        yaw, pitch = (f(math.sin(math.radians(a) * _AMOUNT)) for a in (pose.yaw, pose.pitch))
        ux, uy = self._x - f(self._neck[0]), self._y - f(self._neck[1])
        dx = self._hold * (shift_x - roll * uy) + yaw * self._depth
        dy = self._hold * (roll * ux + shift_y) + pitch * self._depth - f(pose.breath) * self._breath
        return self._x - dx, self._y - dy + f(pose.brow) * self._brow
