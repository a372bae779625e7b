"""Animates a front-facing portrait photo: dense warps tied to 468 face points, no trained weights of its own."""

import cv2
import numpy as np

from app.adapters.local.arrays import Picture, Points
from app.adapters.local.motion import Pose
from app.adapters.local.mp4 import Screen
from app.adapters.local.photo.eyes import Eyelids
from app.adapters.local.photo.geometry import fit
from app.adapters.local.photo.head import HeadField
from app.adapters.local.photo.mouth import PhotoMouth


class PhotoPainter:
    """Fields are laid once per portrait and screen; a frame is a weighted sum of them and a few remaps."""

    def __init__(self, picture: Picture, points: Points, screen: Screen) -> None:
        self._face = fit(picture, points, width=screen.width, height=screen.height)
        self._head = HeadField(self._face)
        self._mouth = PhotoMouth(self._face)
        self._lids = Eyelids(self._face)

    def frame(self, pose: Pose) -> Picture:
        """One BGR picture of the screen's size."""
        maps = self._head.maps(pose)
        out = cv2.remap(self._face.picture, *maps, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        self._mouth.draw(out, maps, pose)
        self._lids.close(out, maps, pose.blink)
        return np.asarray(out, np.uint8)
