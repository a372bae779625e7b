"""Eyes and brows, drawn for each pose: lids with lashes, iris with depth, catch-lights."""

from dataclasses import dataclass

from app.adapters.local.presenter.palettes import Look
from app.adapters.local.presenter.svg import Box, ellipse, linear, path, radial, route, stroke

EYES_BOX: Box = (234, 246, 252, 108)
_EYE_DX = 56
_LASH = "#1c110d"


@dataclass(frozen=True, slots=True)
class EyePose:
    """Pose of the eyes.

    Lid 0 open to 1 shut, gaze in units of 7 (x) and 5 (y), brow 0 to 1 raised, smile 0 to 1.
    """

    lid: float
    gaze_x: float
    gaze_y: float
    brow: float
    smile: float


@dataclass(frozen=True, slots=True)
class _Eye:
    """Control points of one eye; `side` is -1 for the one on the left of the picture."""

    side: int
    cx: float
    outer: tuple[float, float]
    inner: tuple[float, float]
    top: float
    bottom: float

    @property
    def upper(self) -> str:
        return (
            f"M{self.outer[0]:.2f} {self.outer[1]:.2f} C{self.cx + self.side * 19:.2f} {self.top - 1:.2f} "
            f"{self.cx - self.side * 15:.2f} {self.top:.2f} {self.inner[0]:.2f} {self.inner[1]:.2f}"
        )

    @property
    def lower(self) -> str:
        return (
            f"C{self.cx - self.side * 13:.2f} {self.bottom:.2f} {self.cx + self.side * 17:.2f} {self.bottom:.2f} "
            f"{self.outer[0]:.2f} {self.outer[1]:.2f} Z"
        )


def eyes_svg(look: Look, pose: EyePose) -> tuple[str, str]:
    """Return body and definitions of both eyes and brows, over bare skin."""
    body, clips = "", ""
    for side in (-1, 1):
        eye = _eye(side, pose)
        clips += f'<clipPath id="c{side + 1}"><path d="{eye.upper} {eye.lower}"/></clipPath>'
        body += _lid_skin(look, eye, pose)
        if pose.lid < 0.92:
            body += _ball(look, eye, pose)
        body += _lashes(look, eye, pose) + _brow(look, side, pose)
    return body, clips + _defs(look)


def _eye(side: int, pose: EyePose) -> _Eye:
    cx = 360 + side * _EYE_DX
    lid = min(1.0, max(0.0, pose.lid + 0.07 * max(0.0, pose.gaze_y)))
    up = 17.0 - 0.9 * pose.smile + 0.6 * pose.brow - 3.5 * min(0.0, pose.gaze_y)
    down = 13.2 - 2.4 * pose.smile
    upper = 312 - up * (1 - lid) + 8.2 * lid
    lower = 312 + down - 1.8 * lid
    outer_y = 308.5 + 4.0 * lid
    inner_y = 315.5 + 0.8 * lid
    ends = 0.125 * (outer_y + inner_y)
    return _Eye(
        side=side,
        cx=cx,
        outer=(cx + side * 33, outer_y),
        inner=(cx - side * 29, inner_y),
        top=(upper - ends) / 0.75,
        bottom=(lower - ends) / 0.75,
    )


def _ball(look: Look, eye: _Eye, pose: EyePose) -> str:
    x = eye.cx + 0.6 * -eye.side + 7 * pose.gaze_x
    y = 310.8 + 5 * pose.gaze_y
    rays = " ".join(f"M{x + 8.6 * a:.2f} {y + 8.6 * b:.2f} L{x + 14.2 * a:.2f} {y + 14.2 * b:.2f}" for a, b in _SPOKES)
    return (
        f'<g clip-path="url(#c{eye.side + 1})">'
        f'<rect x="{eye.cx - 40}" y="280" width="80" height="60" fill="url(#white)"/>'
        + ellipse((eye.inner[0], eye.inner[1]), (9, 7), look.blush, opacity=0.30)
        + ellipse((x, y), (17.2, 17.2), "url(#rim)")
        + ellipse((x, y), (16.0, 16.0), "url(#iris)")
        + stroke(rays, look.iris_light, 0.9, opacity=0.42)
        + ellipse((x, y + 7.0), (10.5, 6.5), look.iris_light, opacity=0.50)
        + ellipse((x, y), (7.8, 7.8), "#0d0807")
        + stroke(eye.upper, look.skin_deep, 13, opacity=0.20)
        + stroke(eye.upper, _LASH, 7.5, opacity=0.30)
        + ellipse((x - 5.4, y - 6.0), (4.5, 4.5), "#ffffff", opacity=0.97)
        + ellipse((x + 5.8, y + 5.8), (2.1, 2.1), "#ffffff", opacity=0.6)
        + "</g>"
        + ellipse(
            (eye.inner[0] + eye.side * 2.6, eye.inner[1] + 0.4), (3.0, 2.3), look.blush, opacity=0.75 * (1 - pose.lid)
        )
    )


_SPOKES = (
    (1.0, 0.0), (0.924, 0.383), (0.707, 0.707), (0.383, 0.924), (0.0, 1.0), (-0.383, 0.924), (-0.707, 0.707),
    (-0.924, 0.383), (-1.0, 0.0), (-0.924, -0.383), (-0.5, -0.866), (0.5, -0.866), (0.924, -0.383),
)  # fmt: skip


def _lid_skin(look: Look, eye: _Eye, pose: EyePose) -> str:
    """Draw the lid between crease and lashes, and the soft fold below the eye."""
    s, cx = eye.side, eye.cx
    rise = 6.5 - 3.5 * pose.lid
    lift = eye.top - rise + 6 * pose.lid
    fold = route(
        "M", eye.outer[0] + s * 3, eye.outer[1] - 4,
        "C", cx + s * 19, lift - 3, cx - s * 16, lift - 1, eye.inner[0] - s, eye.inner[1] - 7,
    )  # fmt: skip
    lid = f"{eye.upper} L{eye.inner[0]:.2f} {eye.inner[1] - 7:.2f} {_backwards(eye, rise, pose)} Z"
    bag = (
        f"M{eye.outer[0] - s * 6:.2f} {eye.outer[1] + 12:.2f} C{cx + s * 12:.2f} {eye.bottom + 6:.2f} "
        f"{cx - s * 12:.2f} {eye.bottom + 7:.2f} {eye.inner[0] + s * 2:.2f} {eye.inner[1] + 8:.2f}"
    )
    return (
        path(lid, "url(#lid)")
        + stroke(fold, look.skin_deep, 1.9, opacity=0.62)
        + stroke(bag, look.skin_shade, 3.2, opacity=0.14 + 0.20 * pose.smile)
    )


def _backwards(eye: _Eye, rise: float, pose: EyePose) -> str:
    lift = 6 * pose.lid
    return (
        f"C{eye.cx - eye.side * 16:.2f} {eye.top - rise - 1 + lift:.2f} {eye.cx + eye.side * 19:.2f} "
        f"{eye.top - rise - 3 + lift:.2f} {eye.outer[0] + eye.side * 3:.2f} {eye.outer[1] - 4:.2f}"
    )


def _lashes(look: Look, eye: _Eye, pose: EyePose) -> str:
    s, cx, much = eye.side, eye.cx, look.features.lashes
    tip = (eye.outer[0] + s * 4.5 * much, eye.outer[1] - 3.6 * much + 7 * pose.lid)
    line = (
        f"M{tip[0]:.2f} {tip[1]:.2f} C{cx + s * 22:.2f} {eye.top - 2.6 * much:.2f} {cx - s * 14:.2f} "
        f"{eye.top - 1.9 * much:.2f} "
        f"{eye.inner[0] + s * 1:.2f} {eye.inner[1] - 0.6:.2f} C{cx - s * 15:.2f} {eye.top + 1.2:.2f} "
        f"{cx + s * 18:.2f} {eye.top + 2.2:.2f} {eye.outer[0] - s * 1:.2f} {eye.outer[1] + 0.8:.2f} Z"
    )
    shut = 1 - 2.1 * pose.lid
    singles = " ".join(
        f"M{cx + s * at:.2f} {_lid_y(eye, at) - 0.5:.2f} q{s * 2.4:.2f} {-1.2 + 2.6 * pose.lid:.2f} "
        f"{s * reach:.2f} {-reach * 0.95 * shut:.2f}"
        for at, reach in ((20, 3.0), (25, 3.8), (29.5, 4.4))
    )
    low = (
        f"M{eye.outer[0] - s * 2:.2f} {eye.outer[1] + 1.5:.2f} C{cx + s * 16:.2f} {eye.bottom + 0.6:.2f} "
        f"{cx - s * 10:.2f} {eye.bottom + 0.8:.2f} {eye.inner[0] + s * 3:.2f} {eye.inner[1] + 1.6:.2f}"
    )
    return (
        path(line, _LASH)
        + stroke(singles, _LASH, 1.6, opacity=0.85 * much)
        + stroke(low, look.skin_deep, 1.5, opacity=0.55 + 0.2 * pose.lid)
        + stroke(low, "#fff4ea", 0.8, opacity=0.30 * (1 - pose.lid))
    )


def _lid_y(eye: _Eye, at: float) -> float:
    """Return the height of the upper lid `at` units outwards of the eye's middle."""
    t = (33 - at) / 62
    a, b = (1 - t) ** 3, 3 * t * (1 - t) ** 2
    c, d = 3 * t * t * (1 - t), t**3
    return a * eye.outer[1] + b * (eye.top - 1) + c * eye.top + d * eye.inner[1]


def _brow(look: Look, side: int, pose: EyePose) -> str:
    cx = 360 + side * _EYE_DX
    y = 270.5 - 7.5 * pose.brow - 0.8 * pose.smile
    arch, more = 3.0 * pose.brow, look.features.brows
    high = y - arch
    shape = route(
        "M", cx - side * 31, y + 3.6, "C", cx - side * 14, high - 5, cx + side * 16, high - 11, cx + side * 43, y + 8,
        "C", cx + side * 17, high - 11 + 9.5 * more, cx - side * 10, high - 5 + 9.5 * more,
        cx - side * 29, y + 3.6 + 7.4 * more,
        "C", cx - side * 34.5, y + 3.6 + 8.0 * more, cx - side * 35.5, y + 6, cx - side * 31, y + 3.6, "Z",
    )  # fmt: skip
    hairs = " ".join(
        route("M", cx + side * at, y + 8.5 - 0.24 * (at + 34) - arch * 0.7, "q", side * 3, -3.6, side * 7.5, -5.2)
        for at in (-29, -25, -21, -17, -13, -9, -5)
    )
    return path(shape, f"url(#brow{side + 1})") + stroke(hairs, look.brow, 0.9, opacity=0.28)


def _defs(look: Look) -> str:
    return (
        linear("white", (0, "#b9a99f", 1), (0.38, "#ebe4df", 1), (0.75, "#f4efeb", 1), (1, "#decfc8", 1))
        + linear("lid", (0, look.skin_shade, 0.35), (1, look.skin_deep, 0.38))
        + radial(
            "iris",
            (0, look.iris_dark, 1),
            (0.45, look.iris, 1),
            (0.75, look.iris_light, 1),
            (1, look.iris_dark, 1),
            centre=(0.5, 0.58),
            radius=0.56,
        )
        + radial("rim", (0, look.iris_dark, 1), (0.9, look.iris_dark, 1), (1, look.iris_dark, 0.35))
        + linear("brow0", (0, look.brow, 0.75), (0.6, look.brow, 0.85), (1, look.brow, 0.25), to=(1, 0))
        + linear("brow2", (0, look.brow, 0.25), (0.4, look.brow, 0.85), (1, look.brow, 0.75), to=(1, 0))
    )
