"""Head: the face without eyes and mouth, with skin, light and shade, nose, ears."""

import numpy as np

from app.adapters.local.presenter.palettes import Look
from app.adapters.local.presenter.svg import BLURS, ellipse, path, radial, stroke

FACE = (
    "M251 292 C246 206 292 148 360 148 C428 148 474 206 469 292 C469 342 466 376 455 406 C445 434 424 460 398 477 "
    "C385 485 373 489 360 489 C347 489 335 485 322 477 C296 460 275 434 265 406 C254 376 251 342 251 292 Z"
)
_SQUARE_FACE = (
    "M250 292 C245 206 292 148 360 148 C428 148 475 206 470 292 C470 344 470 382 462 412 C454 440 430 466 404 481 "
    "C390 489 376 492 360 492 C344 492 330 489 316 481 C290 466 266 440 258 412 C250 382 250 344 250 292 Z"
)
_NOSE_SIDE = "M373 296 C376 330 384 352 393 371 C397 382 390 388 380 386 C372 360 369 330 373 296 Z"


def head_svg(look: Look) -> tuple[str, str]:
    """Return body and definitions of the bare head."""
    outline = _SQUARE_FACE if look.features.square_jaw else FACE
    body = (
        _ears(look)
        + path(outline, "url(#skin)")
        + '<g clip-path="url(#face)">'
        + _form(look)
        + _sockets(look)
        + _cheeks(look)
        + _nose(look)
        + _around_mouth(look)
        + _stubble(look)
        + _lines(look)
        + path(outline, "none", opacity=1)
        + stroke(outline, look.skin_deep, 5, opacity=0.5, blur=3)
        + stroke(
            "M468 300 C467 350 462 384 450 412 C440 436 424 456 404 470", look.wall_light, 3.5, opacity=0.45, blur=3
        )
        + "</g>"
    )
    defs = (
        BLURS
        + radial("skin", (0, look.skin_light, 1), (0.5, look.skin, 1), (0.86, look.skin, 1), (1, look.skin_shade, 1),
                 centre=(0.40, 0.36), radius=0.74)
        + f'<clipPath id="face"><path d="{outline}"/></clipPath>'
    )  # fmt: skip
    return body, defs


def _ears(look: Look) -> str:
    left = "M254 296 C238 284 230 300 234 324 C237 346 246 362 258 358 Z"
    right = "M466 296 C482 284 490 300 486 324 C483 346 474 362 462 358 Z"
    return (
        path(left, look.skin_shade)
        + path(right, look.skin_shade)
        + stroke("M246 304 C240 312 241 330 250 342", look.skin_deep, 3, opacity=0.6, blur=1.5)
        + stroke("M474 304 C480 312 479 330 470 342", look.skin_deep, 3, opacity=0.6, blur=1.5)
    )


def _form(look: Look) -> str:
    """Shade the ball of the head: lit from the upper left, a warm edge where light turns to shade."""
    return (
        ellipse((480, 350), (58, 190), look.skin_shade, opacity=0.75, blur=18)
        + ellipse((490, 370), (38, 160), look.skin_deep, opacity=0.45, blur=18)
        + ellipse((240, 400), (34, 130), look.skin_shade, opacity=0.55, blur=18)
        + ellipse((360, 500), (90, 26), look.skin_deep, opacity=0.42, blur=12)
        + ellipse((330, 218), (74, 40), look.skin_light, opacity=0.8, blur=18)
        + ellipse((360, 158), (110, 26), look.skin_shade, opacity=0.6, blur=12)
        + ellipse((357, 470), (26, 13), look.skin_light, opacity=0.55, blur=8)
    )


def _sockets(look: Look) -> str:
    out = ""
    for side in (-1, 1):
        cx = 360 + side * 56
        out += ellipse((cx - side * 12, 296), (34, 16), look.skin_shade, opacity=0.55, blur=8)
        out += ellipse((cx - side * 26, 304), (13, 20), look.skin_deep, opacity=0.22, blur=8)
        out += ellipse((cx + side * 10, 288), (26, 9), look.skin_light, opacity=0.55, blur=5)
        out += ellipse((cx, 342), (32, 8), look.skin_shade, opacity=0.35, blur=5)
        out += ellipse((cx + side * 4, 354), (26, 8), look.skin_light, opacity=0.4, blur=5)
    return out


def _cheeks(look: Look) -> str:
    return (
        ellipse((297, 384), (36, 26), look.blush, opacity=0.36, blur=12)
        + ellipse((425, 384), (35, 26), look.blush, opacity=0.38, blur=12)
        + ellipse((288, 366), (27, 15), look.skin_light, opacity=0.75, blur=8)
        + ellipse((430, 366), (22, 12), look.skin_light, opacity=0.5, blur=8)
        + ellipse((360, 352), (34, 10), look.blush, opacity=0.16, blur=8)
    )


def _nose(look: Look) -> str:
    return (
        path(_NOSE_SIDE, look.skin_shade, opacity=0.75, blur=5)
        + ellipse((346, 300), (9, 26), look.skin_shade, opacity=0.28, blur=5)
        + path(
            "M353 296 C351 330 348 352 346 370 C352 380 366 380 370 370 C368 350 366 330 364 296 Z",
            look.skin_light,
            opacity=0.8,
            blur=5,
        )
        + ellipse((360, 372), (22, 12), look.blush, opacity=0.22, blur=5)
        + ellipse((360, 384), (25, 7), look.skin_deep, opacity=0.38, blur=3)
        + stroke("M335 377 C332 370 334 362 340 360", look.skin_deep, 2.6, opacity=0.26, blur=1.5)
        + stroke("M385 377 C388 370 386 362 380 360", look.skin_deep, 2.8, opacity=0.38, blur=1.5)
        + stroke(
            "M336 379 C340 385 348 384 352 383 C357 387 363 387 368 383 C372 384 380 385 384 379",
            look.skin_deep,
            2.2,
            opacity=0.6,
            blur=1.5,
        )
        + ellipse((347, 381.5), (5.6, 2.5), look.skin_deep, opacity=0.85, blur=1.5)
        + ellipse((373, 381.5), (5.6, 2.5), look.skin_deep, opacity=0.9, blur=1.5)
        + ellipse((356, 367), (6.5, 5), "#ffffff", opacity=0.42, blur=3)
        + ellipse((356, 330), (3, 18), "#ffffff", opacity=0.22, blur=3)
    )


def _around_mouth(look: Look) -> str:
    return (
        ellipse((360, 401), (5, 8), look.skin_shade, opacity=0.5, blur=3)
        + ellipse((353, 402), (3, 8), look.skin_light, opacity=0.5, blur=3)
        + stroke("M328 386 C318 396 311 406 309 416", look.skin_shade, 5, opacity=0.42, blur=5)
        + stroke("M392 386 C402 396 409 406 411 416", look.skin_shade, 5, opacity=0.5, blur=5)
    )


def _stubble(look: Look) -> str:
    """Shade cheeks, chin and upper lip with the hair that was shaved this morning."""
    much = look.features.stubble
    if not much:
        return ""
    beard = (
        "M250 352 C258 400 272 396 292 404 C312 412 320 392 360 394 C400 392 408 412 428 404 C448 396 462 400 470 352 "
        "C474 420 444 500 360 502 C276 500 246 420 250 352 Z"
    )
    rng = np.random.default_rng(17)
    hairs = " ".join(
        f"M{x:.1f} {y:.1f} l{rng.uniform(-1, 1):.1f} {rng.uniform(1.2, 2.4):.1f}"
        for x, y in zip(rng.uniform(258, 462, 900).tolist(), rng.uniform(392, 488, 900).tolist(), strict=True)
    )
    return (
        path(beard, look.hair_dark, opacity=0.24 * much, blur=8)
        + ellipse((360, 402), (40, 8), look.hair_dark, opacity=0.20 * much, blur=5)
        + ellipse((360, 466), (46, 18), look.hair_dark, opacity=0.14 * much, blur=8)
        + stroke(hairs, look.hair_dark, 0.8, opacity=0.20 * much)
    )


def _lines(look: Look) -> str:
    """Draw the lines of age: forehead, crow's feet, under the eyes, from the nose, from the mouth."""
    much, deep = look.features.lines, look.skin_deep
    if not much:
        return ""
    out = ""
    for y, reach in ((196, 58), (212, 66), (229, 54)):
        out += stroke(
            f"M{360 - reach} {y + 3} C{360 - reach * 0.4} {y - 4} {360 + reach * 0.4} {y - 4} {360 + reach} {y + 3}",
            deep, 2.2, opacity=0.22 * much, blur=1.5,
        )  # fmt: skip
    for s in (-1, 1):
        eye, side = 360 + s * 56, 360 + s * 98
        for rise in (-9, 0, 9):
            feet = f"M{side} {312 + rise * 0.5} q{s * 8} {rise * 0.3:.1f} {s * 16} {rise}"
            out += stroke(feet, deep, 1.6, opacity=0.30 * much, blur=1.5)
        out += stroke(f"M{eye - s * 28} 336 q{s * 26} 20 {s * 56} 2", deep, 2.4, opacity=0.24 * much, blur=1.5)
        out += stroke(
            f"M{360 + s * 33} 382 C{360 + s * 46} 394 {360 + s * 56} 412 {360 + s * 57} 432",
            deep, 3.2, opacity=0.34 * much, blur=1.5,
        )  # fmt: skip
        out += stroke(f"M{360 + s * 50} 440 q{s * 3} 12 {s * -1} 24", deep, 2.6, opacity=0.26 * much, blur=1.5)
        out += stroke(f"M{360 + s * 7} 282 q{s * 1.5} -10 {s * -0.5} -18", deep, 2.0, opacity=0.20 * much, blur=1.5)
    return out
