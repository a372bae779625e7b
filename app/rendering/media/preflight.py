"""Preflight: checks of portrait and length against a renderer's limits, before anything is paid."""

import struct
from pathlib import Path

from app.catalog.model import Avatar
from app.digest import digest_bytes
from app.errors import LimitExceededError, PortraitError
from app.rendering.ports import Capabilities, PortraitMaker

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG in pixels; None for anything else."""
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data)
    return None


def picture_kind(data: bytes) -> str | None:
    """Return `png`, `jpeg` or `webp`; None for anything else."""
    if data.startswith(_PNG):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 if marker in _BARE_MARKERS else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def portrait_bytes(avatar: Avatar, made: PortraitMaker) -> bytes:
    """Return the avatar's portrait as it leaves. Blocking: reads the file.

    Raises:
        PortraitError: it is missing, has changed since the catalog was loaded, or cannot be decoded.
    """
    path = Path(avatar.portrait_path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PortraitError(
            f"Cannot read the portrait `{path.name}`: {error.strerror}. Check the file and its permissions."
        ) from error
    if digest_bytes(data) != avatar.portrait_digest:
        raise PortraitError(f"The portrait `{path.name}` has changed since the catalog was loaded; load it again.")
    return made(data, avatar.background)


def check_portrait(avatar: Avatar, capabilities: Capabilities, made: PortraitMaker) -> None:
    """Check that the portrait is the recipe's, and that the renderer accepts it as it leaves. Blocking: reads the file.

    Raises:
        PortraitError: it is missing, has changed, or has a size, a shape or a format that is not accepted.
    """
    name, data = Path(avatar.portrait_path).name, portrait_bytes(avatar, made)
    _check_form(name, data, capabilities)
    check_size(name, data, capabilities)


def check_size(name: str, data: bytes, capabilities: Capabilities) -> None:
    """Check the sides of a picture, and their ratio; a picture whose size cannot be read passes.

    Raises:
        PortraitError: they are not accepted.
    """
    size = picture_size(data)
    if size is None:
        return
    who, got = f"Renderer `{capabilities.name}`", f"portrait `{name}` is {size[0]}x{size[1]}"
    least, most, ratio = capabilities.min_portrait_px, capabilities.max_portrait_px, capabilities.portrait_ratio
    if min(size) < least:
        raise PortraitError(f"{who} needs at least {least}x{least} pixels, {got}.")
    if most is not None and max(size) > most:
        raise PortraitError(f"{who} takes at most {most} pixels a side, {got}; make it smaller.")
    if ratio is not None and not ratio[0] <= size[0] / size[1] <= ratio[1]:
        raise PortraitError(
            f"{who} takes a width of {ratio[0]:g} to {ratio[1]:g} times the height, {got}; cut it to size."
        )


def _check_form(name: str, data: bytes, capabilities: Capabilities) -> None:
    formats, most = capabilities.image_formats, capabilities.max_image_bytes
    kind = picture_kind(data)
    if formats and kind not in formats:
        got = kind or "none of these"
        raise PortraitError(
            f"Renderer `{capabilities.name}` takes {', '.join(formats)}, portrait `{name}` is {got}; convert it."
        )
    if most is not None and len(data) > most:
        raise PortraitError(
            f"Renderer `{capabilities.name}` takes {most} bytes, portrait `{name}` has {len(data)}; shrink it."
        )


def check_limits(duration_s: float, capabilities: Capabilities, *, silent: bool) -> None:
    """Check that the renderer accepts a clip of this length, and one without sound.

    Raises:
        LimitExceededError: it does not.
    """
    if silent and not capabilities.silent_idle:
        raise LimitExceededError(f"Renderer `{capabilities.name}` films nothing without sound; use another for idle.")
    if duration_s > capabilities.max_duration_s:
        raise LimitExceededError(
            f"Renderer `{capabilities.name}` takes up to {capabilities.max_duration_s:.0f} s, these words last "
            f"{duration_s:.1f} s; shorten them."
        )
