"""Blinks of a photo: the skin above each eye is drawn down over it, lashes and all."""

from dataclasses import dataclass

import cv2
import numpy as np

from app.adapters.local.arrays import Picture, Plane
from app.adapters.local.photo.geometry import Box, FittedFace, ease, line, warp

_EYES = (
    ([33, 246, 161, 160, 159, 158, 157, 173, 133], [33, 7, 163, 144, 145, 153, 154, 155, 133], 105),
    ([362, 398, 384, 385, 386, 387, 388, 466, 263], [362, 382, 381, 380, 374, 373, 390, 249, 263], 334),
)
"""Upper lid, lower lid, brow."""
_FROM_BLINK = 0.02


@dataclass(frozen=True, slots=True)
class _Lid:
    box: Box
    drop: Plane
    mask: Plane


class Eyelids:
    """The fields of both eyes."""

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
            for _ in range(4):  # a fixed point: the drop is known where a pixel comes from, not where it goes
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
    fall = np.where(v > up, 1, 1 - ease((up - v) / max(rise, 0.1)))
    feather = 1.0 / unit
    mask = np.clip(0.5 + (up + 0.012 - v) / (2 * feather), 0, 1) * (1 - ease((np.abs(s) - 0.96) / 0.08))
    return _Lid(box, (gap * fall * 1.02 * unit).astype(np.float32), mask.astype(np.float32))
