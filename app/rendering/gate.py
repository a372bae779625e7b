"""What is checked before a job is handed over; `gate_rules` judges what came back."""

from pathlib import Path

from app.catalog.model import Avatar
from app.digest import digest_bytes
from app.errors import LimitExceededError, PortraitError
from app.rendering.pictures import picture_kind, picture_size
from app.rendering.ports import Capabilities


def check_portrait(avatar: Avatar, capabilities: Capabilities) -> None:
    """See that the portrait is the one the recipe names, and one the renderer takes. Reads the file: not on the loop.

    Raises:
        PortraitError: it is gone, has changed since the catalog was loaded, is too small, too large, or another format.
    """
    path = Path(avatar.portrait_path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PortraitError(f"Expected the portrait `{path.name}` to be readable, got {error.strerror!r}.") from error
    if digest_bytes(data) != avatar.portrait_digest:
        raise PortraitError(f"The portrait `{path.name}` has changed since the catalog was loaded; load it again.")
    _check_form(path.name, data, capabilities)
    size, least = picture_size(data), capabilities.min_portrait_px
    if size is not None and min(size) < least:
        got = f"{size[0]}x{size[1]}"
        raise PortraitError(
            f"Renderer `{capabilities.name}` needs at least {least}x{least} pixels, portrait `{path.name}` is {got}."
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
    """See that the renderer takes a clip of this length, or without sound.

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
