"""Clothes: neck, blouse, jacket and the pin on it."""

from app.adapters.local.presenter.palettes import Look
from app.adapters.local.presenter.svg import BLURS, UNITS, ellipse, linear, path, radial, stroke

_NECK = (
    "M309 420 C311 480 313 512 306 536 C298 560 268 570 236 582 L300 680 L420 680 L484 582 "
    "C452 570 420 560 414 536 C407 512 409 480 411 420 Z"
)
_BLOUSE = "M262 572 C282 622 318 662 360 676 C402 662 438 622 458 572 L512 640 L470 760 L250 760 L208 640 Z"
_LEFT = "M74 760 C78 664 126 622 196 598 C226 588 250 576 270 562 C276 622 312 690 350 760 Z"
_RIGHT = "M646 760 C642 664 594 622 524 598 C494 588 470 576 450 562 C444 622 408 690 370 760 Z"
_LAPEL_LEFT = (
    "M270 562 C274 622 310 694 350 760 L326 760 C292 728 262 704 238 690 L262 676 L232 650 C240 614 252 586 270 562 Z"
)
_LAPEL_RIGHT = (
    "M450 562 C446 622 410 694 370 760 L394 760 C428 728 458 704 482 690 L458 676 L488 650 C480 614 468 586 450 562 Z"
)


def clothes_svg(look: Look) -> tuple[str, str]:
    """Return body and definitions of the layer below the head."""
    shirt = _round_shirt(look) if look.features.round_neck else _blouse(look) + _necklace(look)
    worn = _neck(look) + shirt + _jacket(look) + _pin(look)
    body = f'<g transform="translate(0 -20)">{worn}</g>'
    defs = (
        BLURS
        + linear("neck", (0, look.skin_shade, 1), (0.5, look.skin, 1), (1, look.skin_light, 1))
        + linear("blouse", (0, look.blouse, 1), (1, look.blouse_shade, 1))
        + linear("coat", (0, look.jacket_light, 1), (0.45, look.jacket, 1), (1, look.jacket_dark, 1), to=(0.35, 1))
        + linear("coat2", (0, look.jacket, 1), (0.5, look.jacket, 1), (1, look.jacket_dark, 1), to=(0.7, 1))
        + linear("lapel", (0, look.jacket_light, 1), (1, look.jacket, 1), to=(0.4, 1))
        + radial(
            "gem", (0, "#ffffff", 0.95), (0.35, look.metal, 1), (1, look.accent, 1), centre=(0.35, 0.3), radius=0.8
        )
        + f'<clipPath id="neckclip"><path d="{_NECK}"/></clipPath>'
        + f'<clipPath id="sheet"><rect width="{UNITS}" height="{UNITS + 40}"/></clipPath>'
    )
    return body, defs


def _neck(look: Look) -> str:
    return (
        path(_NECK, "url(#neck)")
        + '<g clip-path="url(#neckclip)">'
        + path("M290 420 L430 420 L424 508 C400 540 322 540 298 508 Z", look.skin_deep, opacity=0.62, blur=8)
        + path("M376 440 L420 440 L420 600 C400 570 384 520 376 440 Z", look.skin_shade, opacity=0.7, blur=8)
        + ellipse((318, 560), (26, 46), look.skin_light, opacity=0.55, blur=12)
        + stroke("M334 520 C336 556 346 586 357 606", look.skin_shade, 6, opacity=0.45, blur=5)
        + stroke("M392 520 C388 556 376 586 364 606", look.skin_deep, 6, opacity=0.35, blur=5)
        + stroke("M262 590 C296 584 326 592 350 608", look.skin_shade, 5, opacity=0.6, blur=3)
        + stroke("M458 590 C424 584 394 592 370 608", look.skin_shade, 5, opacity=0.7, blur=3)
        + stroke("M268 584 C298 578 326 585 348 600", look.skin_light, 4, opacity=0.7, blur=3)
        + "</g>"
    )


def _blouse(look: Look) -> str:
    return (
        path(
            "M258 574 C280 630 318 672 360 686 C402 672 440 630 462 574 L480 600 L470 650 L250 650 L240 600 Z",
            look.skin_deep,
            opacity=0.3,
            blur=5,
        )
        + path(_BLOUSE, "url(#blouse)")
        + stroke("M262 572 C282 622 318 662 360 676 C402 662 438 622 458 572", look.blouse_shade, 3, opacity=0.9)
        + stroke("M266 580 C286 628 320 667 360 681 C400 667 434 628 454 580", "#ffffff", 3, opacity=0.85)
        + stroke("M330 672 C326 700 330 730 336 760", look.blouse_shade, 8, opacity=0.7, blur=5)
        + stroke("M394 672 C398 700 392 730 386 760", look.blouse_shade, 8, opacity=0.8, blur=5)
        + stroke("M360 684 L360 760", look.blouse_shade, 4, opacity=0.6, blur=3)
    )


def _round_shirt(look: Look) -> str:
    collar = "M284 568 C298 597 327 610 360 610 C393 610 422 597 436 568"
    return (
        path("M276 570 C296 606 326 620 360 620 C394 620 424 606 444 570 L480 640 L240 640 Z", look.skin_deep,
             opacity=0.4, blur=5)
        + path("M266 574 L284 568 C298 597 327 610 360 610 C393 610 422 597 436 568 L454 574 L470 650 L450 760 "
               "L270 760 L250 650 Z", "url(#blouse)")
        + stroke(collar, look.blouse_shade, 7, opacity=0.75)
        + stroke("M279 570 C294 603 325 618 360 618 C395 618 426 603 441 570", look.blouse, 2.2, opacity=0.9)
        + stroke("M322 640 C326 684 322 720 330 760", look.blouse_shade, 9, opacity=0.7, blur=5)
        + stroke("M400 640 C396 684 400 720 390 760", look.blouse_shade, 9, opacity=0.8, blur=5)
    )  # fmt: skip


def _necklace(look: Look) -> str:
    chain = "M292 566 C306 606 330 634 360 640 C390 634 414 606 428 566"
    return (
        stroke("M294 570 C308 610 332 638 360 645 C388 638 412 610 426 570", look.skin_deep, 3, opacity=0.45, blur=1.5)
        + stroke(chain, look.metal, 2.2)
        + stroke(chain, "#fff6dc", 0.9, opacity=0.8)
        + ellipse((361, 652), (8.5, 9.5), look.skin_deep, opacity=0.4, blur=3)
        + ellipse((360, 648), (7.5, 8.5), "url(#gem)")
        + ellipse((357.5, 645), (2, 2), "#ffffff", opacity=0.9)
    )


def _jacket(look: Look) -> str:
    seam = "#000000"
    return (
        path(_LEFT, "url(#coat)")
        + path(_RIGHT, "url(#coat2)")
        + stroke(
            "M96 694 C112 648 150 622 200 606 C228 597 250 586 266 574", look.jacket_light, 9, opacity=0.65, blur=5
        )
        + stroke("M624 694 C608 648 570 622 520 606 C492 597 474 588 458 578", look.wall_light, 4, opacity=0.5, blur=3)
        + stroke("M168 760 C166 728 170 700 184 676", seam, 9, opacity=0.28, blur=5)
        + stroke("M552 760 C554 728 550 700 536 676", seam, 9, opacity=0.34, blur=5)
        + stroke("M206 640 C216 672 216 716 222 760", seam, 12, opacity=0.16, blur=8)
        + path(_LAPEL_LEFT, seam, opacity=0.45, blur=5)
        + path(_LAPEL_RIGHT, seam, opacity=0.5, blur=5)
        + path(_LAPEL_LEFT, "url(#lapel)")
        + path(_LAPEL_RIGHT, "url(#coat2)")
        + stroke("M270 562 C274 622 310 694 350 760", look.jacket_light, 2.4, opacity=0.9)
        + stroke("M450 562 C446 622 410 694 370 760", look.jacket_light, 2, opacity=0.6)
        + stroke("M238 690 L262 676 L232 650", look.jacket_dark, 2.2, opacity=0.8)
        + stroke("M482 690 L458 676 L488 650", look.jacket_dark, 2.2, opacity=0.8)
        + _stitches("M263 574 C268 630 300 696 338 756", look)
        + _stitches("M457 574 C452 630 420 696 382 756", look)
    )


def _stitches(d: str, look: Look) -> str:
    return (
        f'<path d="{d}" fill="none" stroke="{look.jacket_light}" stroke-width="1.1" stroke-dasharray="3.2 3.4" '
        f'opacity="0.6"/>'
    )


def _pin(look: Look) -> str:
    """Draw the house's pin on the lapel: a small arch over a bar."""
    arch = "M452 686 L452 676 C452 669 457 665 462 665 C467 665 472 669 472 676 L472 686 Z"
    return (
        path(
            "M450 690 L450 677 C450 668 456 663 463 663 C470 663 475 668 475 677 L475 690 Z",
            "#000000",
            opacity=0.4,
            blur=1.5,
        )
        + path(arch, look.metal)
        + path("M456 686 L456 677 C456 672 459 669 462 669 C465 669 468 672 468 677 L468 686 Z", look.accent)
        + stroke("M455 673 C457 669 460 667 463 667", "#fff8e6", 1.3, opacity=0.9)
    )
