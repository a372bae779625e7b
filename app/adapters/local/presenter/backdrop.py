"""Backdrop.

A gallery out of focus behind the presenter, with wall, arch, a lit painting, a plinth with a vase.
"""

import cv2
import numpy as np

from app.adapters.local.audio import Picture
from app.adapters.local.presenter.drawn_sheets import DrawnSheets
from app.adapters.local.presenter.palettes import Look
from app.adapters.local.presenter.svg import BLURS, UNITS, ellipse, linear, path, radial, rasterise, stroke

_ARCH = "M-40 640 L-40 250 C-40 120 30 60 96 60 C162 60 200 120 200 250 L200 640 Z"
_ARCH_INSIDE = "M-40 640 L-40 262 C-40 146 34 88 92 88 C148 88 180 146 180 262 L180 640 Z"
_VASE = (
    "M84 470 C96 470 108 470 120 470 C116 482 116 492 128 506 C146 528 146 560 128 584 L76 584 "
    "C58 560 58 528 76 506 C88 492 88 482 84 470 Z"
)


def backdrop(look: Look, *, width: int, height: int, sheets: DrawnSheets) -> Picture:
    """Return the room in BGR, blurred, with light from the left and darker corners."""
    units = UNITS * width / height
    left = (UNITS - units) / 2
    body = (
        f'<rect x="{left - 5}" y="-5" width="{units + 10}" height="{UNITS + 10}" fill="url(#wall)"/>'
        + _arch(look)
        + _painting(look)
        + _plinth(look)
        + f'<rect x="{left - 5}" y="626" width="{units + 10}" height="110" fill="url(#floor)"/>'
        + f'<rect x="{left - 5}" y="620" width="{units + 10}" height="9" fill="{look.wall_light}" opacity="0.55"/>'
    )
    sheet = rasterise(body, defs=_defs(look), box=(left, 0, units, UNITS), width=width, height=height, sheets=sheets)
    room = cv2.GaussianBlur(sheet[..., :3], (0, 0), 9 * height / UNITS)
    return _graded(room, look)


def _defs(look: Look) -> str:
    return (
        BLURS
        + linear("wall", (0, look.wall_light, 1), (0.45, look.wall, 1), (1, look.wall_dark, 1), to=(0.9, 0.7))
        + linear("glow", (0, look.lamp, 1), (0.6, look.wall_light, 1), (1, look.wall, 1), to=(0.3, 1))
        + linear("floor", (0, look.wall_dark, 0.85), (1, look.hair_dark, 0.75))
        + linear("frame", (0, look.metal, 1), (0.5, look.wall_dark, 1), (1, look.metal, 1), to=(1, 1))
        + linear("sky", (0, "#f2c98d", 1), (0.5, "#d98d6a", 1), (1, "#7d5a63", 1))
        + linear("vase", (0, look.jacket_light, 1), (0.5, look.jacket, 1), (1, look.jacket_dark, 1), to=(1, 0.2))
        + radial("lamp", (0, look.lamp, 0.95), (0.4, look.lamp, 0.45), (1, look.lamp, 0))
    )


def _arch(look: Look) -> str:
    return (
        path(_ARCH, look.wall_light, opacity=0.85)
        + path(_ARCH_INSIDE, "url(#glow)")
        + path("M70 640 L70 300 C70 250 92 226 112 226 C132 226 152 250 152 300 L152 640 Z", look.lamp, opacity=0.8)
        + ellipse((60, 330), (150, 240), "url(#lamp)", opacity=0.55)
    )


def _painting(look: Look) -> str:
    return (
        path("M548 150 L760 150 L760 428 L548 428 Z", look.hair_dark, opacity=0.35, blur=12)
        + path("M540 130 L750 130 L750 408 L540 408 Z", "url(#frame)")
        + path("M556 146 L750 146 L750 392 L556 392 Z", "url(#sky)")
        + path(
            "M556 330 C600 280 640 330 680 290 C710 262 730 290 750 280 L750 392 L556 392 Z", look.jacket, opacity=0.85
        )
        + path("M556 360 C610 330 650 372 750 336 L750 392 L556 392 Z", look.jacket_dark, opacity=0.8)
        + ellipse((640, 220), (26, 26), look.lamp, opacity=0.95)
        + ellipse((640, 96), (150, 90), "url(#lamp)", opacity=0.75)
        + stroke("M610 104 L690 104", look.metal, 9)
    )


def _plinth(look: Look) -> str:
    return (
        path("M40 584 L164 584 L164 730 L40 730 Z", look.wall_light, opacity=0.95)
        + path("M128 584 L164 584 L164 730 L128 730 Z", look.wall_dark, opacity=0.45)
        + path(_VASE, "url(#vase)")
        + stroke("M84 520 C80 540 80 556 90 574", look.lamp, 7, opacity=0.6)
    )


def _graded(room: Picture, look: Look) -> Picture:
    """Add light from the left, a halo behind the head, dark corners, and a grain against banding."""
    height, width = room.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x - width / 2) / height, y / height - 0.5
    halo = np.exp(-((u / 0.42) ** 2 + ((v + 0.05) / 0.45) ** 2))
    shade = 0.80 + 0.26 * halo - 0.30 * np.clip((u * u + v * v) - 0.16, 0, 0.5) - 0.07 * u
    grain = np.random.default_rng(7).normal(0, 0.9, (height, width)).astype(np.float32)
    lamp = np.array([int(look.lamp[i : i + 2], 16) for i in (5, 3, 1)], np.float32)
    out = room.astype(np.float32) * shade[..., None] + (halo * 0.08)[..., None] * lamp + grain[..., None]
    return np.asarray(np.clip(out, 0, 255), np.uint8)
