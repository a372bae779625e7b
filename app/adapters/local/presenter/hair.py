"""Hair: a mass with hundreds of strands over it that follow guide curves; four styles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.adapters.local.presenter.palettes import Look
from app.adapters.local.presenter.short_hair import bob_back, bob_front, parted_back, parted_front
from app.adapters.local.presenter.strands import Point, chain, combed
from app.adapters.local.presenter.svg import BLURS, ellipse, linear, path, radial, soft, stroke


@dataclass(frozen=True, slots=True)
class HairLayers:
    """SVG bodies of the hair behind the head and of the hair over it, and their common definitions."""

    back: str
    front: str
    defs: str


@lru_cache(maxsize=2)
def hair_layers(look: Look) -> HairLayers:
    """Return the hair of a look."""
    defs = BLURS + linear(
        "hair", (0, look.hair_light, 1), (0.28, look.hair, 1), (0.75, look.hair, 1), (1, look.hair_dark, 1)
    )
    match look.hair_style:
        case "curls":
            return HairLayers(_curls_back(look), _curls_front(look), defs + _ball_light(look))
        case "parted":
            return HairLayers(parted_back(look), parted_front(look), defs)
        case "bob":
            return HairLayers(bob_back(look), bob_front(look), defs)
        case "waves":
            return HairLayers(_waves_back(look), _waves_front(look), defs)


# Guide curves of the waves: each a chain of cubic pieces, start point first.
# They start at the parting and run down.
_LEFT_GUIDES: Sequence[Sequence[Point]] = (
    ((398, 158), (352, 170), (292, 190), (264, 268), (250, 312), (258, 356), (250, 404),
     (242, 446), (268, 486), (286, 536)),
    ((397, 138), (338, 138), (268, 172), (242, 262), (226, 320), (246, 366), (232, 424),
     (220, 474), (246, 510), (268, 566)),
    ((396, 112), (314, 96), (232, 138), (216, 254), (202, 330), (226, 380), (204, 442),
     (190, 496), (216, 536), (240, 588)),
    ((394, 94), (296, 62), (200, 112), (192, 248), (184, 330), (206, 386), (182, 452),
     (168, 506), (190, 556), (208, 600)),
)  # fmt: skip
_RIGHT_GUIDES: Sequence[Sequence[Point]] = (
    ((400, 158), (428, 172), (452, 202), (460, 268), (470, 312), (462, 356), (470, 404),
     (478, 446), (452, 486), (434, 536)),
    ((401, 138), (446, 146), (480, 188), (482, 262), (496, 320), (474, 366), (488, 424),
     (500, 474), (474, 510), (452, 566)),
    ((400, 112), (466, 102), (510, 156), (508, 254), (520, 330), (494, 380), (516, 442),
     (530, 496), (504, 536), (480, 588)),
    ((398, 94), (476, 70), (534, 124), (528, 248), (536, 330), (514, 386), (538, 452),
     (552, 506), (530, 556), (512, 600)),
)  # fmt: skip


def _waves_back(look: Look) -> str:
    mass = (
        "M394 92 C290 62 198 114 194 250 C190 330 204 392 178 460 C168 510 196 548 226 590 C250 604 300 600 330 580 "
        "L396 580 C430 600 470 604 494 590 C524 548 552 510 542 460 C516 392 530 330 526 250 C530 122 474 72 394 92 Z"
    )
    rng = np.random.default_rng(5)
    strands = "".join(
        stroke(
            f"M{x:.1f} 330 C{x - 8:.1f} 410 {x + 9:.1f} 470 {x + rng.uniform(-8, 8):.1f} 596",
            str(rng.choice([look.hair, look.hair_light, look.hair_dark])), rng.uniform(1.2, 3.0),
            opacity=rng.uniform(0.2, 0.5),
        )
        for x in np.linspace(206, 514, 80).tolist()
    )  # fmt: skip
    shade = path("M262 430 L458 430 L470 600 L250 600 Z", look.hair_dark, opacity=0.75, blur=18)
    return path(mass, look.hair_dark) + strands + shade


def _waves_front(look: Look) -> str:
    sides = [[chain(guide) for guide in guides] for guides in (_LEFT_GUIDES, _RIGHT_GUIDES)]
    out = "".join(combed(look, lines, seed=11 + n, count=360, lit=n == 0) for n, lines in enumerate(sides))
    return out + _parting(look) + _loose(look)


def _parting(look: Look) -> str:
    return stroke("M396 104 C397 120 398 138 399 156", look.skin_shade, 2.2, opacity=0.6) + stroke(
        "M398 102 C399 118 400 136 400 158", look.hair_dark, 2.0, opacity=0.6
    )


def _loose(look: Look) -> str:
    """Draw a few single hairs: hair with a clean edge looks like paper."""
    lines = (
        "M392 97 C330 76 250 96 212 168", "M398 97 C460 80 520 110 534 196", "M300 98 C236 118 196 176 190 262",
        "M476 104 C520 128 540 190 534 270", "M262 292 C246 344 268 396 252 452", "M462 292 C478 344 456 396 470 452",
        "M192 300 C176 380 214 420 176 520", "M530 300 C546 380 508 420 546 520",
    )  # fmt: skip
    return "".join(stroke(d, look.hair_light, 0.9, opacity=0.5) for d in lines)


def _ball_light(look: Look) -> str:
    return radial(
        "curls", (0, look.hair_light, 1), (0.5, look.hair, 1), (1, look.hair_dark, 1), centre=(0.32, 0.26), radius=0.8
    )


def _curls_back(look: Look) -> str:
    """Draw a round cloud of curls, lit from the upper left: puffs for the mass, small arcs for the curl."""
    rng = np.random.default_rng(3)
    mass = "".join(
        ellipse((360 + 148 * np.cos(a), 262 + 150 * np.sin(a)), (r, r), look.hair_dark)
        for a, r in zip(np.linspace(0, 2 * np.pi, 42).tolist(), rng.uniform(20, 31, 42).tolist(), strict=True)
    )
    out = (
        mass
        + ellipse((360, 262), (160, 162), look.hair_dark)
        + ellipse((360, 256), (166, 166), "url(#curls)", opacity=0.9)
    )
    puffs = ""
    for _ in range(46):
        angle, radius = rng.uniform(0, 2 * np.pi), 165 * np.sqrt(rng.uniform(0.15, 1.0))
        at = (360 + radius * np.cos(angle), 260 + radius * np.sin(angle))
        puffs += ellipse(at, (17, 15), look.hair_light if _lit(at) > rng.uniform() else look.hair_dark, opacity=0.42)
    out += soft(puffs, 8)
    places = []
    for _ in range(1500):
        angle, radius = rng.uniform(0, 2 * np.pi), 181 * np.sqrt(rng.uniform(0.10, 1.0))
        places.append((360 + radius * np.cos(angle), 262 + radius * np.sin(angle)))
    return out + "".join(_curl(look, rng, p) for p in sorted(places, key=lambda p: p[1]))


def _curls_front(look: Look) -> str:
    """Draw the hairline: a soft mass with curls along the forehead and down to the ears."""
    rng = np.random.default_rng(9)
    line = (
        "M246 330 C236 250 262 168 360 160 C458 168 484 250 474 330 C470 352 486 340 492 300 C500 190 450 130 360 128 "
        "C270 130 220 190 228 300 C234 340 250 352 246 330 Z"
    )
    out = stroke(line, look.hair_dark, 10, opacity=0.65, blur=5) + path(line, look.hair, opacity=0.95, blur=3)
    for angle in rng.permutation(np.linspace(np.pi * 0.97, np.pi * 2.03, 330)).tolist():
        spread = rng.uniform(-3, 34)
        x, y = 360 + (110 + spread * 0.7) * np.cos(angle), 290 + (126 + spread) * np.sin(angle)
        out += _curl(look, rng, (x, y))
    for side in (-1, 1):
        for _ in range(40):
            out += _curl(look, rng, (360 + side * rng.uniform(110, 132), rng.uniform(280, 338)))
    return out


def _lit(at: Point) -> float:
    """Return the share of the lamp's light at a place of the cloud, 0 to 1."""
    return max(0.0, min(1.0, 0.62 - (at[0] - 320) / 330 - (at[1] - 190) / 330))


def _curl(look: Look, rng: np.random.Generator, at: Point) -> str:
    tone = rng.uniform() * 0.62 + _lit(at) * 0.55
    tones = ((0.40, look.hair_dark), (0.66, look.hair), (0.98, look.hair_light), (9.0, look.hair_glow))
    colour = next(c for top, c in tones if tone < top)
    r, turn = rng.uniform(3.0, 6.6), rng.uniform(0, 2 * np.pi)
    a = (at[0] + r * np.cos(turn), at[1] + r * np.sin(turn))
    b = (at[0] + r * np.cos(turn + 3.4), at[1] + r * np.sin(turn + 3.4))
    return stroke(
        f"M{a[0]:.1f} {a[1]:.1f} A{r:.1f} {r:.1f} 0 0 1 {b[0]:.1f} {b[1]:.1f}", colour, rng.uniform(1.2, 2.6),
        opacity=rng.uniform(0.35, 0.8),
    )  # fmt: skip
