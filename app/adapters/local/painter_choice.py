"""Painter choice for a portrait: the drawing it was made by, or the animated photo."""

from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from app.adapters.local.audio import Picture
from app.adapters.local.faces.checks import PortraitReport, check
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.facts import Model
from app.adapters.local.kept_looks import MarkedPictureError
from app.adapters.local.motion import REST, Pose
from app.adapters.local.order import VideoFormat
from app.adapters.local.photo.painter import PhotoPainter
from app.adapters.local.portraits import outgoing_portrait
from app.adapters.local.presenter.compositor import Presenter
from app.adapters.local.presenter.palettes import LOOKS
from app.adapters.media_guard.guard import GUARD
from app.adapters.media_guard.limits import PICTURES
from app.errors import MediaError, PortraitError

LOOK_KEY = "Greenroom-Look"
"""Keyword of the PNG's tEXt chunk that names the look of a drawing."""
_MAX_PIXELS = 50_000_000
_SMALL_PX = 48
_MOST_APART = 30.0
"""Mean difference of levels (of 255) up to which a picture is the drawing. The sample's own is 12 apart, a photo 71."""


class Painter(Protocol):
    """Painter of one picture per pose."""

    def frame(self, pose: Pose) -> Picture:
        """Return a BGR picture of the screen's size."""
        ...


def open_painter(
    portrait: Path, model: Model, screen: VideoFormat, *, models_dir: Path, background: str | None = None
) -> Painter:
    """Return the painter for a portrait; a transparent one is composed on `background` (#rrggbb).

    Raises:
        PortraitError: it is no picture, not the drawing asked for, or no single front-facing face.
    """
    sheets = models_dir / "sheets"
    look = drawn_look(portrait, model, sheets_dir=sheets)
    if look is not None:
        return Presenter(LOOKS[look], width=screen.width, height=screen.height, sheets_dir=sheets)
    picture = read_picture(portrait, background)
    report = check(picture, FaceFinder(models_dir))
    refuse_bad(portrait, report)
    if report.mesh is None:
        raise PortraitError(f"Expected a face in `{portrait.name}`, got none.")
    return PhotoPainter(picture, report.mesh, screen)


def drawn_look(portrait: Path, model: Model, *, sheets_dir: Path | None = None) -> str | None:
    """Return the look to draw, or None when the portrait is to be animated as a photo.

    The drawing that the picture is compared with keeps its layers in `sheets_dir`, if there is one.

    Raises:
        PortraitError: the file is no picture, the presenter was asked for and this is no drawing of it, or it is
            marked as a drawing and shows something else.
    """
    try:
        stat = portrait.stat()
        _judge(portrait, stat.st_mtime_ns, stat.st_size)
        with Image.open(portrait, formats=PICTURES) as image:
            look = image.info.get(LOOK_KEY)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, MediaError) as error:
        raise PortraitError(f"Expected a picture, got `{portrait.name}` that cannot be read ({error}).") from error
    known = look if isinstance(look, str) and look in LOOKS else None
    if model is Model.PRESENTER and known is None:
        raise PortraitError(
            f"Expected a drawn presenter ({', '.join(LOOKS)}), got `{portrait.name}` without a `{LOOK_KEY}` mark; "
            "use the model `photo`, or draw one with `python -m app.adapters.local.draw_portrait`."
        )
    if model is Model.PHOTO or known is None:
        return None
    if not _shows(portrait.read_bytes(), known, sheets_dir):
        raise MarkedPictureError(
            f"Expected the drawing `{known}`, which `{LOOK_KEY}` in `{portrait.name}` names, got another one. Save the "
            "picture without its PNG texts, or as JPEG: clips would show the drawing."
        )
    return known


@lru_cache(maxsize=16)
def _judge(portrait: Path, modified_ns: int, size_bytes: int) -> None:  # noqa: ARG001 - the cache's key
    """Have the child look at a file as it is now: once, since a plan asks about the same portrait for every provider.

    Raises:
        MediaError: it is not to be decoded.
    """
    GUARD.facts("picture", portrait)


@lru_cache(maxsize=2)
def _shows(content: bytes, look: str, sheets_dir: Path | None) -> bool:
    """Return whether a picture is about the drawing of a look: small, so that another version or scale passes."""
    drawn = Presenter(LOOKS[look], width=_SMALL_PX, height=_SMALL_PX, sheets_dir=sheets_dir).frame(REST)
    picture = _decoded(content)
    if picture is None:
        return False
    seen = cv2.resize(picture, (_SMALL_PX, _SMALL_PX), interpolation=cv2.INTER_AREA)
    return float(np.abs(seen.astype(np.int16) - drawn).mean()) <= _MOST_APART


def read_picture(portrait: Path, background: str | None = None) -> Picture:
    """Return the portrait in BGR as it is filmed and uploaded: upright, and opaque on `background`.

    Raises:
        PortraitError: it cannot be decoded, or has more than 50 million pixels.
    """
    with Image.open(portrait, formats=PICTURES) as image:
        if image.width * image.height > _MAX_PIXELS:
            raise PortraitError(
                f"Expected at most 50 million pixels, got {image.width}x{image.height} in `{portrait.name}`."
            )
    picture = _decoded(outgoing_portrait(portrait.read_bytes(), background))
    if picture is None:
        raise PortraitError(f"Expected a PNG, JPEG or WebP picture, got `{portrait.name}` that cannot be decoded.")
    return picture


def _decoded(content: bytes) -> Picture | None:
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(picture, np.uint8)


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
