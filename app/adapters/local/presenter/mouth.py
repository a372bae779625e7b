"""Mouth, drawn for each pose from the eight viseme parameters and a smile."""

from dataclasses import dataclass

from app.adapters.local.presenter.palettes import Look
from app.adapters.local.presenter.svg import Box, ellipse, linear, path, radial, route, stroke

MOUTH_BOX: Box = (276, 388, 168, 116)
_CX, _CY = 360.0, 425.0
_DARK = "#2b0c0f"
_WIDEST = 42.0
"""Height of the opening at a full *ah*."""


@dataclass(frozen=True, slots=True)
class MouthPose:
    """Pose of the mouth: the parameters of `visemes.PARAMETERS`, in their order, and the amount of smile."""

    open: float
    wide: float
    round: float
    upper: float
    lower: float
    press: float
    teeth_on_lip: float
    tongue: float
    smile: float


@dataclass(frozen=True, slots=True)
class _Lips:
    """Geometry of the lips.

    Half width, corner height, inner edges, thickness of each lip, bulge of the curves.
    """

    half: float
    corner: float
    top: float
    bottom: float
    upper: float
    lower: float
    bulge: float

    @property
    def gap(self) -> float:
        return self.bottom - self.top

    def line(self, y: float, *, back: bool = False) -> str:
        """Return the curve between the corners through `y` in the middle, without the first point."""
        w = -self.half if back else self.half
        b = w * self.bulge
        return (
            f"C{_CX - b:.2f} {y:.2f} {_CX - w * 0.26:.2f} {y:.2f} {_CX:.2f} {y:.2f} "
            f"C{_CX + w * 0.26:.2f} {y:.2f} {_CX + b:.2f} {y:.2f} {_CX + w:.2f} {self.corner:.2f}"
        )

    @property
    def start(self) -> str:
        return f"M{_CX - self.half:.2f} {self.corner:.2f} "

    @property
    def inner(self) -> str:
        return self.start + self.line(self.top) + " " + self.line(self.bottom, back=True) + " Z"

    @property
    def upper_lip(self) -> str:
        w, t = self.half, self.upper
        return (
            f"{self.start}C{_CX - w * 0.66:.2f} {self.corner - t * 0.34:.2f} {_CX - 18:.2f} {self.top - t * 1.06:.2f} "
            f"{_CX - 9:.2f} {self.top - t:.2f} Q{_CX:.2f} {self.top - t * 0.66:.2f} {_CX + 9:.2f} {self.top - t:.2f} "
            f"C{_CX + 18:.2f} {self.top - t * 1.06:.2f} {_CX + w * 0.66:.2f} {self.corner - t * 0.34:.2f} "
            f"{_CX + w:.2f} {self.corner:.2f} {self.line(self.top + 0.8, back=True)} Z"
        )

    @property
    def lower_lip(self) -> str:
        w, t = self.half, self.lower
        return (
            f"{self.start}{self.line(self.bottom - 0.4)} C{_CX + w * 0.70:.2f} {self.bottom + t * 0.62:.2f} "
            f"{_CX + w * 0.44:.2f} {self.bottom + t:.2f} {_CX:.2f} {self.bottom + t:.2f} C{_CX - w * 0.44:.2f} "
            f"{self.bottom + t:.2f} {_CX - w * 0.70:.2f} {self.bottom + t * 0.62:.2f} {_CX - w:.2f} {self.corner:.2f} Z"
        )


def mouth_svg(look: Look, pose: MouthPose) -> tuple[str, str]:
    """Return body and definitions of the mouth over bare skin."""
    lips = _lips(pose, look.features.lips)
    body = _creases(look, lips, pose)
    if lips.gap > 1.2:
        body += _inside(lips, pose)
    body += _lip_paint(look, lips)
    return body, _defs(look, lips)


def _lips(p: MouthPose, full: float) -> _Lips:
    smile = max(0.0, p.smile) * (1 - 0.75 * min(1.0, p.round))
    spread = max(0.0, p.wide)
    half = 39.5 * (1 + 0.18 * p.wide - 0.40 * p.round * (1 - 0.4 * max(0.0, -p.wide))) + 6.5 * smile
    gap = _WIDEST * max(0.0, p.open)
    top = -0.29 * gap - 3.2 * p.upper - 0.6 * smile * min(1.0, gap / 8)
    bottom = 0.71 * gap + 4.4 * p.lower
    bottom -= p.teeth_on_lip * (bottom - top - 6.5) * 0.86
    together = 1 - min(1.0, p.press)
    top, bottom = top * together, bottom * together
    corner = -1.5 - 8.0 * smile * (1 - 0.35 * min(1.0, p.press)) - 3.0 * spread + 0.15 * gap
    settle = 2.2 * smile + 0.08 * gap
    thin = full * (1 - 0.44 * min(1.0, p.press))
    return _Lips(
        half=half,
        corner=_CY + corner,
        top=_CY + top + settle * 0.5,
        bottom=_CY + bottom + settle * 0.5,
        upper=(11.6 - 1.2 * smile) * thin * (1 + 0.22 * p.round) * (1 - 0.10 * spread),
        lower=(14.8 - 1.2 * smile) * thin * (1 + 0.25 * p.round) * (1 - 0.24 * p.teeth_on_lip) * (1 - 0.10 * spread),
        bulge=0.50 + 0.14 * min(1.0, p.round) + 0.06 * min(1.0, p.open),
    )


def _creases(look: Look, lips: _Lips, p: MouthPose) -> str:
    """Draw the effect of the mouth on the skin: folds beside it, dimples, shade under the lower lip."""
    pull = max(0.0, 0.9 * p.smile + 0.7 * max(0.0, p.wide) - 0.6 * p.round) * (1 - 0.6 * min(1.0, p.open))
    out = ellipse((_CX, lips.bottom + lips.lower + 7.5), (lips.half * 0.66, 8.5), "url(#under)")
    for s in (-1, 1):
        x = _CX + s * lips.half
        out += ellipse((x + s * 1.5, lips.corner + 0.5), (7.5, 6.5), "url(#under)", opacity=min(1.0, 0.45 + 0.5 * pull))
        low = lips.corner
        fold = route("M", _CX + s * 33, 390, "C", _CX + s * 43, 398, x + s * 8, low - 14, x + s * 9.5, low + 2)
        out += stroke(fold, look.skin_deep, 3.0, opacity=min(0.12, 0.08 * pull))
        out += stroke(fold, look.skin_deep, 5.5, opacity=min(0.10, 0.06 * pull))
        dimple = f"M{x + s * 5.5:.2f} {lips.corner - 5:.2f} q{s * 3.2:.2f} 4 {s * 0.8:.2f} 9"
        out += stroke(dimple, look.skin_deep, 1.6, opacity=min(0.34, 0.26 * pull))
    return out


def _inside(lips: _Lips, p: MouthPose) -> str:
    return (
        '<g clip-path="url(#hole)"><rect x="276" y="388" width="168" height="116" fill="url(#deep)"/>'
        + _tongue(lips, p)
        + _teeth(lips, p)
        + stroke(lips.inner, _DARK, 7, opacity=0.22)
        + stroke(lips.inner, _DARK, 3, opacity=0.34)
        + "</g>"
    )


def _tongue(lips: _Lips, p: MouthPose) -> str:
    """Draw the tongue: on the floor of an open mouth, risen to the teeth for *th*, *t*, *l*; it goes with the jaw."""
    if lips.gap < 4:
        return ""
    rise = 0.24 * lips.gap + 11.0 * p.tongue
    y, wide = lips.bottom - rise, lips.half * (0.70 - 0.10 * p.tongue)
    high = rise + 7
    return (
        ellipse((_CX, y + high), (wide, high), "#86353e")
        + ellipse((_CX, y + high * 0.85), (wide * 0.74, high * 0.62), "#a04851", opacity=0.75)
        + ellipse((_CX - 4, y + high * 0.55), (wide * 0.36, high * 0.22), "#c27678", opacity=0.35)
        + stroke(f"M{_CX} {y + 3:.2f} L{_CX} {y + high:.2f}", "#6a2730", 1.6, opacity=0.38)
    )


def _teeth(lips: _Lips, p: MouthPose) -> str:
    w, top = lips.half * 0.84, lips.top
    low = min(12.5, 0.42 * lips.gap + 3.4) * (1 - 0.3 * min(1.0, p.round))
    edge = top + low
    row = (
        f"M{_CX - w:.2f} {top - 9:.2f} L{_CX + w:.2f} {top - 9:.2f} C{_CX + w:.2f} {top + low * 0.45:.2f} "
        f"{_CX + w * 0.5:.2f} {edge:.2f} {_CX:.2f} {edge:.2f} C{_CX - w * 0.5:.2f} {edge:.2f} {_CX - w:.2f} "
        f"{top + low * 0.45:.2f} {_CX - w:.2f} {top - 9:.2f} Z"
    )
    out = path(row, "url(#teeth)")
    for j in (-3, -2, -1, 0, 1, 2, 3):
        x = _CX + j * w * 0.235 * (1 - 0.02 * abs(j))
        out += stroke(f"M{x:.2f} {top - 7:.2f} L{x:.2f} {edge - 0.30 * j * j:.2f}", "#a08c7e", 0.9, opacity=0.30)
    if (p.lower > 0.12 or p.open > 0.5) and lips.gap > 3:
        rise = lips.bottom - 3.5 - 5.5 * p.lower * max(0.0, 1 - p.open)
        under = lips.bottom + 8
        left, right, inner = _CX - w * 0.7, _CX + w * 0.7, w * 0.62
        low_row = route(
            "M", left, under, "L", right, under, "C", _CX + inner, rise + 2, _CX + 16, rise, _CX, rise,
            "C", _CX - 16, rise, _CX - inner, rise + 2, left, under, "Z",
        )  # fmt: skip
        out += path(low_row, "#ddd2c6")
    return out


def _lip_paint(look: Look, lips: _Lips) -> str:
    closed = max(0.0, 1 - lips.gap / 3)
    glow = lips.bottom + lips.lower * 0.46
    side, peak = lips.top - lips.upper * 0.98, lips.top - lips.upper * 1.16
    bow = route(
        "M", _CX - 17, side, "Q", _CX - 9, peak, _CX, lips.top - lips.upper * 0.84, "Q", _CX + 9, peak, _CX + 17, side
    )  # fmt: skip
    return (
        stroke(lips.upper_lip, look.lip, 2.0, opacity=0.28)
        + stroke(lips.lower_lip, look.lip, 2.0, opacity=0.28)
        + path(lips.upper_lip, "url(#upper)")
        + path(lips.lower_lip, "url(#lower)")
        + stroke(bow, look.skin_light, 1.5, opacity=0.55)
        + ellipse((_CX - 5, glow), (lips.half * 0.44, lips.lower * 0.30), "url(#gloss)")
        + ellipse(
            (_CX - 6, lips.top - lips.upper * 0.55), (lips.half * 0.26, lips.upper * 0.20), "url(#gloss)", opacity=0.5
        )
        + stroke(lips.start + lips.line(lips.top + 0.4), _DARK, 1.2 + 1.0 * closed, opacity=0.30 + 0.42 * closed)
        + stroke(lips.start + lips.line(lips.bottom), look.lip_dark, 1.1, opacity=0.5 * (1 - closed))
    )


def _defs(look: Look, lips: _Lips) -> str:
    return (
        f'<clipPath id="hole"><path d="{lips.inner}"/></clipPath>'
        + linear("deep", (0, "#3a1014", 1), (0.6, "#5d2026", 1), (1, "#7c3338", 1))
        + linear("teeth", (0, "#cfc5ba", 1), (0.55, "#fbf9f5", 1), (1, "#eee8df", 1))
        + linear("upper", (0, look.lip_light, 1), (0.45, look.lip, 1), (1, look.lip_dark, 1))
        + linear("lower", (0, look.lip, 1), (0.45, look.lip_light, 1), (1, look.lip, 1))
        + radial("under", (0, look.skin_deep, 0.50), (0.5, look.skin_shade, 0.35), (1, look.skin_shade, 0))
        + radial("gloss", (0, "#ffffff", 0.50), (1, "#ffffff", 0))
    )
