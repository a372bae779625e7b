"""Compositor of the drawn presenter.

Static layers rasterised once, eyes and mouth drawn per pose, all warped.
"""

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.adapters.local.audio import Picture, Plane, smooth
from app.adapters.local.motion import Pose
from app.adapters.local.presenter.backdrop import backdrop
from app.adapters.local.presenter.clothes import clothes_svg
from app.adapters.local.presenter.drawn_sheets import DrawnSheets
from app.adapters.local.presenter.eyes import EYES_BOX, EyePose, eyes_svg
from app.adapters.local.presenter.hair import hair_layers
from app.adapters.local.presenter.head import head_svg
from app.adapters.local.presenter.mouth import MOUTH_BOX, MouthPose, mouth_svg
from app.adapters.local.presenter.palettes import Look
from app.adapters.local.presenter.svg import UNITS, Box, lay_over, rasterise, rasterise_moving

_HEAD: Box = (170, 66, 380, 566)
"""Box that the head, its hair and their sway can reach."""
_FACE: Box = (222, 130, 276, 384)
_BODY: Box = (40, 400, 640, 302)
_JAW: Box = (226, 396, 268, 112)
_PIVOT = (360.0, 530.0)
_ORIGIN = (40.0, 58.0)
_SEEN = 640.0
"""Side, in units from the origin, of the square part of the sheet that fills the frame."""
_KEPT_POSES = 400
_UNSEEN_PX = 0.02
"""Sway, in pixels, that nobody sees."""


@dataclass(frozen=True, slots=True)
class _Pixels:
    """A box in whole pixels."""

    x: int
    y: int
    width: int
    height: int


class Presenter:
    """Painter of one look; the figure is as high as the frame and centred in it.

    Its static layers are drawn once for all processes if there is a folder for them.
    """

    def __init__(self, look: Look, *, width: int, height: int, sheets_dir: Path | None = None) -> None:
        self._look, self._width, self._height = look, width, height
        self._scale = height / _SEEN
        self._left = (width - height) // 2
        self._static = DrawnSheets(sheets_dir)
        self._room = backdrop(look, width=width, height=height, sheets=self._static)
        self._draw_layers()
        self._lay_fields()
        self._piece = functools.lru_cache(maxsize=_KEPT_POSES)(self._draw_piece)

    def frame(self, pose: Pose) -> Picture:
        """Return one BGR picture, height x width."""
        self._draw_face(pose)
        places = self._head_map(pose)
        sway = pose.sway * 0.62 * self._scale
        out, box, face = self._room.copy(), self._head_box, self._face_box
        self._put(out, _warp(self._back, self._swayed(places, 0.7 * sway)), box.x, box.y)
        self._put(out, self._body_moved(pose), self._body_box.x, self._body_box.y)
        self._put(out, _warp(self._canvas, places[self._face_rows, self._face_columns]), face.x, face.y)
        self._put(out, _warp(self._front, self._swayed(places, sway)), box.x, box.y)
        return out

    def _swayed(self, places: Plane, sway: float) -> Plane:
        """Return the places of loose hair, `sway` pixels behind the head where it hangs free."""
        if abs(sway) < _UNSEEN_PX:
            return places
        return np.asarray(cv2.scaleAdd(self._loose, -sway, places), np.float32)

    def _put(self, out: Picture, layer: Picture, x: int, y: int) -> None:
        lay_over(out, layer, x=x + self._left, y=y)

    # -- drawn once --
    def _draw_layers(self) -> None:
        look, hair = self._look, hair_layers(self._look)
        self._head_box, self._face_box, self._jaw_box = (self._pixels(b) for b in (_HEAD, _FACE, _JAW))
        self._back = self._layer(hair.back, hair.defs, _HEAD, self._static)
        self._front = self._layer(hair.front, hair.defs, _HEAD, self._static)
        body, defs = head_svg(look)
        self._bare = self._layer(body, defs, _FACE, self._static)
        self._cast_shadow()
        self._canvas = np.zeros_like(self._back)
        x, y = self._face_box.x - self._head_box.x, self._face_box.y - self._head_box.y
        self._face_rows, self._face_columns = slice(y, y + self._face_box.height), slice(x, x + self._face_box.width)
        clothes, clothes_defs = clothes_svg(look)
        self._body_box = self._pixels(_BODY)
        self._body = self._layer(clothes, clothes_defs, _BODY, self._static)

    def _cast_shadow(self) -> None:
        """Paint the hair's soft shade on forehead and temples into the face."""
        box, face, reach = self._head_box, self._face_box, round(7 * self._scale)
        alpha = self._front[..., 3].astype(np.float32) / 255
        moved = cv2.warpAffine(
            alpha, np.array([[1, 0, reach * 0.5], [0, 1, reach]], np.float32), (box.width, box.height)
        )
        soft = cv2.GaussianBlur(moved, (0, 0), 8 * self._scale)
        part = soft[face.y - box.y :, face.x - box.x :][: face.height, : face.width]
        keep = 1 - 0.42 * part[..., None] * np.array([1.15, 1.0, 0.72], np.float32)
        self._bare[..., :3] = (self._bare[..., :3] * np.clip(keep, 0, 1)).astype(np.uint8)

    def _lay_fields(self) -> None:
        box, k = self._head_box, self._scale
        y, x = np.mgrid[0 : box.height, 0 : box.width].astype(np.float32)
        u, v = x + np.float32(box.x), y + np.float32(box.y)
        ux, uy = u / k + _ORIGIN[0], v / k + _ORIGIN[1]
        ball = ((ux - 360) / 165) ** 2 + ((uy - 310) / 215) ** 2
        nose = np.exp(-(((ux - 360) / 26) ** 2 + ((uy - 366) / 34) ** 2))
        below = 1 - smooth(((uy - 455) / 130).astype(np.float64))
        depth = (np.sqrt(np.clip(1.12 - ball, 0, None)) + 0.12 * nose) * below * 150 * k
        held = 1 - smooth(((uy - 470) / 150).astype(np.float64))
        du, dv = u - (_PIVOT[0] - _ORIGIN[0]) * k, v - (_PIVOT[1] - _ORIGIN[1]) * k
        basis = cv2.merge([plane.astype(np.float32) for plane in (held, held * du, held * dv, depth)])
        half = (box.width // 2, box.height // 2)
        self._basis: Plane = np.asarray(cv2.resize(basis, half, interpolation=cv2.INTER_AREA), np.float32)
        self._unmoved: Plane = np.asarray(cv2.merge([x, y]), np.float32)
        loose = smooth(((uy - 250) / 340).astype(np.float64)).astype(np.float32)
        self._loose: Plane = np.asarray(cv2.merge([loose, np.zeros_like(loose)]), np.float32)
        self._lay_jaw()

    def _lay_jaw(self) -> None:
        box, k = self._jaw_box, self._scale
        y, x = np.mgrid[0 : box.height, 0 : box.width].astype(np.float32)
        ux, uy = (x + box.x) / k + _ORIGIN[0], (y + box.y) / k + _ORIGIN[1]
        weight = smooth(((uy - 398) / 84).astype(np.float64)) * np.exp(-(((ux - 360) / 104) ** 4))
        self._jaw: Plane = (weight * k).astype(np.float32)
        self._jaw_x, self._jaw_y = x, y

    # -- drawn for each frame --
    def _draw_face(self, pose: Pose) -> None:
        """Draw the face of a pose, not yet turned, into its place on the canvas of the head."""
        face = self._canvas[self._face_rows, self._face_columns]
        face[...] = self._bare
        open_, lower = max(0.0, pose.mouth[0]), pose.mouth[4]
        drop = 15 * open_ * (1 - 0.8 * min(1.0, pose.mouth[5])) + 2 * lower
        if drop > 0.2:
            self._drop_jaw(face, drop)
        eyes = EyePose(*(_round(v, 24) for v in (pose.blink, pose.gaze_x, pose.gaze_y, pose.brow, pose.smile)))
        mouth = MouthPose(*(_round(v, 50) for v in (*pose.mouth, pose.smile)))
        for piece, box in ((eyes, EYES_BOX), (mouth, MOUTH_BOX)):
            place = self._pixels(box)
            lay_over(face, self._piece(piece), x=place.x - self._face_box.x, y=place.y - self._face_box.y)

    def _draw_piece(self, piece: EyePose | MouthPose) -> Picture:
        box = EYES_BOX if isinstance(piece, EyePose) else MOUTH_BOX
        place = self._pixels(box)
        body, defs = eyes_svg(self._look, piece) if isinstance(piece, EyePose) else mouth_svg(self._look, piece)
        return rasterise_moving(body, defs=defs, box=self._exact(place), width=place.width, height=place.height)

    def _drop_jaw(self, face: Picture, drop: float) -> None:
        jaw, box = self._jaw_box, self._face_box
        y, x = jaw.y - box.y, jaw.x - box.x
        part = face[y : y + jaw.height, x : x + jaw.width]
        part[...] = cv2.remap(
            np.ascontiguousarray(part), self._jaw_x, self._jaw_y - np.float32(drop) * self._jaw,
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip

    def _head_map(self, pose: Pose) -> Plane:
        """Return the source place (x, y) of each pixel of the head's box.

        Turn and nod over a ball, tilt about the neck: a sum of four planes, which are smooth, so that half the size
        is enough for it.
        """
        k, box, roll = self._scale, self._head_box, math.radians(pose.roll)
        sin, cos = math.sin(roll), math.cos(roll) - 1
        tx, ty = pose.shift_x * UNITS * k, (pose.shift_y * UNITS - 1.2 * pose.breath) * k
        yaw, pitch = math.sin(math.radians(pose.yaw)), math.sin(math.radians(pose.pitch))
        weights = -np.array([[tx, cos, -sin, yaw], [ty, sin, cos, pitch]], np.float32)
        moved = cv2.resize(cv2.transform(self._basis, weights), (box.width, box.height))
        return np.asarray(cv2.add(self._unmoved, moved), np.float32)

    def _body_moved(self, pose: Pose) -> Picture:
        k, breath = self._scale, pose.breath
        height, width = self._body.shape[:2]
        wide, high = 1 + 0.004 * breath, 1 + 0.010 * breath
        lean = math.radians(0.22 * pose.roll + 0.12 * pose.yaw)  # shoulders follow the head a little
        side = (1 - wide) * width / 2 + 0.3 * pose.shift_x * UNITS * k + lean * height
        matrix = np.array([[wide, -lean, side], [0, high, (1 - high) * height]], np.float32)
        return np.asarray(cv2.warpAffine(self._body, matrix, (width, height)), np.uint8)

    def _layer(self, body: str, defs: str, box: Box, sheets: DrawnSheets) -> Picture:
        place = self._pixels(box)
        return rasterise(body, defs=defs, box=self._exact(place), width=place.width, height=place.height, sheets=sheets)

    def _exact(self, place: _Pixels) -> Box:
        """Return the box of the sheet that lies under whole pixels."""
        k = self._scale
        return place.x / k + _ORIGIN[0], place.y / k + _ORIGIN[1], place.width / k, place.height / k

    def _pixels(self, box: Box) -> _Pixels:
        k = self._scale
        left, top = (box[0] - _ORIGIN[0]) * k, (box[1] - _ORIGIN[1]) * k
        x, y = math.floor(left), math.floor(top)
        return _Pixels(x, y, math.ceil(left + box[2] * k) - x, math.ceil(top + box[3] * k) - y)


def _warp(layer: Picture, places: Plane) -> Picture:
    return np.asarray(cv2.remap(layer, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT), np.uint8)


def _round(value: float, steps: int) -> float:
    """Round to the nearest pose that is drawn anew."""
    return round(value * steps) / steps
