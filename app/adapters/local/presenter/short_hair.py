"""Short hair: a side parting combed over the head, and a bob that ends at the jaw."""

from collections.abc import Sequence

from app.adapters.local.presenter.palettes import Look
from app.adapters.local.presenter.strands import Point, chain, combed
from app.adapters.local.presenter.svg import ellipse, path, stroke

Guides = Sequence[Sequence[Point]]

_PARTED_LEFT: Guides = (
    ((318, 174), (292, 180), (268, 208), (261, 262), (258, 282), (255, 286), (252, 296)),
    ((316, 150), (284, 154), (256, 192), (252, 256), (250, 282), (248, 290), (249, 304)),
    ((314, 122), (270, 124), (240, 172), (241, 250), (241, 282), (241, 294), (246, 308)),
    ((312, 98), (252, 104), (224, 160), (230, 246), (232, 282), (236, 296), (244, 308)),
)
_PARTED_RIGHT: Guides = (
    ((322, 172), (372, 148), (440, 168), (459, 262), (462, 282), (465, 286), (468, 296)),
    ((320, 146), (392, 122), (462, 158), (470, 256), (472, 282), (472, 290), (471, 304)),
    ((317, 120), (404, 92), (482, 140), (480, 250), (480, 282), (480, 294), (474, 308)),
    ((314, 98), (412, 62), (500, 128), (490, 246), (488, 282), (484, 296), (476, 308)),
)
_BOB_LEFT: Guides = (
    ((340, 158), (312, 166), (272, 190), (258, 262), (250, 320), (250, 366), (262, 404),
     (266, 420), (268, 430), (272, 438)),
    ((339, 136), (296, 140), (254, 178), (242, 262), (230, 322), (232, 376), (246, 420),
     (252, 436), (260, 446), (270, 452)),
    ((338, 110), (280, 104), (226, 150), (220, 258), (208, 326), (212, 388), (228, 432),
     (236, 450), (250, 460), (266, 462)),
    ((337, 92), (262, 72), (202, 126), (200, 252), (190, 330), (194, 398), (212, 444),
     (222, 462), (240, 472), (262, 470)),
)  # fmt: skip
_BOB_RIGHT: Guides = (
    ((342, 158), (396, 150), (446, 184), (462, 262), (470, 320), (470, 366), (458, 404),
     (454, 420), (452, 430), (448, 438)),
    ((343, 134), (412, 122), (466, 174), (478, 262), (490, 322), (488, 376), (474, 420),
     (468, 436), (460, 446), (450, 452)),
    ((343, 108), (424, 86), (492, 146), (500, 258), (512, 326), (508, 388), (492, 432),
     (484, 450), (470, 460), (454, 462)),
    ((342, 92), (436, 58), (518, 122), (520, 252), (530, 330), (526, 398), (508, 444),
     (498, 462), (480, 472), (458, 470)),
)  # fmt: skip


def parted_back(look: Look) -> str:
    """Return the hair behind the head: a rim that the ears stand before."""
    return ellipse((360, 216), (129, 128), look.hair_dark) + ellipse((360, 270), (120, 74), look.hair_dark)


def parted_front(look: Look) -> str:
    """Return hair combed to both sides of a parting on the left of the picture."""
    sides = [[chain(guide) for guide in guides] for guides in (_PARTED_LEFT, _PARTED_RIGHT)]
    out = "".join(combed(look, lines, seed=61 + n, count=300, lit=n == 0) for n, lines in enumerate(sides))
    return out + _parting(look, (318, 102), (321, 170))


def bob_back(look: Look) -> str:
    """Return the hair behind the neck, down to the jaw."""
    mass = (
        "M338 90 C262 68 198 122 198 252 C188 330 192 404 212 446 C236 470 280 466 300 452 C320 440 400 440 420 452 "
        "C440 466 486 470 508 446 C528 404 532 330 522 252 C522 122 440 60 338 90 Z"
    )
    shade = path("M270 330 L450 330 L462 480 L258 480 Z", "#000000", opacity=0.42, blur=12)
    return (
        f'<clipPath id="bob"><path d="{mass}"/></clipPath>'
        + path(mass, look.hair_dark)
        + (f'<g clip-path="url(#bob)">{shade}</g>')
    )


def bob_front(look: Look) -> str:
    """Return two sides of hair that turn in at the jaw."""
    sides = [[chain(guide) for guide in guides] for guides in (_BOB_LEFT, _BOB_RIGHT)]
    out = "".join(combed(look, lines, seed=71 + n, count=330, lit=n == 0) for n, lines in enumerate(sides))
    return out + _parting(look, (338, 98), (341, 156))


def _parting(look: Look, top: Point, low: Point) -> str:
    line = f"M{top[0]} {top[1]} L{low[0]} {low[1]}"
    return stroke(line, look.hair_dark, 3.0, opacity=0.35) + stroke(line, look.skin_shade, 1.3, opacity=0.4)
