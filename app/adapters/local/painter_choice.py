"""Painter choice for a portrait: the drawing it was made by, or the animated photo."""

from enum import StrEnum
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from app.adapters.local.audio import Picture
from app.adapters.local.faces.checks import PortraitReport, check
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.motion import Pose
from app.adapters.local.mp4 import VideoFormat
from app.adapters.local.photo.painter import PhotoPainter
from app.adapters.local.presenter.compositor import Presenter
from app.adapters.local.presenter.palettes import LOOKS
from app.errors import PortraitError

LOOK_KEY = "Greenroom-Look"
"""Keyword of the PNG's tEXt chunk that names the look of a drawing."""
_MAX_PIXELS = 50_000_000


class Model(StrEnum):
    """Models of the renderer; `auto` takes the drawing where the portrait is one."""

    AUTO = "auto"
    PRESENTER = "presenter"
    PHOTO = "photo"


class Painter(Protocol):
    """Painter of one picture per pose."""

    def frame(self, pose: Pose) -> Picture:
        """Return a BGR picture of the screen's size."""
        ...


def open_painter(portrait: Path, model: Model, screen: VideoFormat, *, models_dir: Path) -> Painter:
    """Return the painter for a portrait.

    Raises:
        PortraitError: it is no picture, not the drawing asked for, or no single front-facing face.
    """
    look = drawn_look(portrait, model)
    if look is not None:
        return Presenter(LOOKS[look], width=screen.width, height=screen.height, sheets_dir=models_dir / "sheets")
    picture = read_picture(portrait)
    report = check(picture, FaceFinder(models_dir))
    refuse_bad(portrait, report)
    if report.mesh is None:
        raise PortraitError(f"Expected a face in `{portrait.name}`, got none.")
    return PhotoPainter(picture, report.mesh, screen)


def drawn_look(portrait: Path, model: Model) -> str | None:
    """Return the look to draw, or None when the portrait is to be animated as a photo.

    Raises:
        PortraitError: the file is no picture, or the presenter was asked for and this is no drawing of it.
    """
    try:
        with Image.open(portrait) as image:
            look = image.info.get(LOOK_KEY)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise PortraitError(f"Expected a picture, got `{portrait.name}` that cannot be read ({error}).") from error
    known = look if isinstance(look, str) and look in LOOKS else None
    if model is Model.PRESENTER and known is None:
        raise PortraitError(
            f"Expected a drawn presenter ({', '.join(LOOKS)}), got `{portrait.name}` without a `{LOOK_KEY}` mark; "
            "use the model `photo`, or draw one with `python -m app.adapters.local.draw_portrait`."
        )
    return None if model is Model.PHOTO else known


def read_picture(portrait: Path) -> Picture:
    """Return the portrait in BGR, turned upright by its EXIF orientation.

    Raises:
        PortraitError: it cannot be decoded, or has more than 50 million pixels.
    """
    with Image.open(portrait) as image:
        if image.width * image.height > _MAX_PIXELS:
            raise PortraitError(
                f"Expected at most 50 million pixels, got {image.width}x{image.height} in `{portrait.name}`."
            )
    picture = cv2.imdecode(np.frombuffer(portrait.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise PortraitError(f"Expected a PNG, JPEG or WebP picture, got `{portrait.name}` that cannot be decoded.")
    return np.asarray(picture, np.uint8)


def inspect_portrait(portrait: Path, *, models_dir: Path) -> PortraitReport:
    """Run all checks on a portrait file, for the linter and for uploads."""
    drawn_look(portrait, Model.AUTO)  # refuses what is no picture
    return check(read_picture(portrait), FaceFinder(models_dir))


def refuse_bad(portrait: Path, report: PortraitReport) -> None:
    """Raise when a required check failed.

    Raises:
        PortraitError: names the failed checks.
    """
    if not report.ok:
        raise PortraitError(
            f"Expected one front-facing face in `{portrait.name}`: {report.summary()}; choose another portrait."
        )
