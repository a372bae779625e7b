"""What is checked before a job is handed over and after its video came back."""

from pathlib import Path

from app.catalog.model import Avatar
from app.digest import digest_bytes
from app.errors import LimitExceededError, PortraitError
from app.rendering.pictures import picture_size
from app.rendering.ports import Capabilities, MediaFacts
from app.store.recipes import ClipRecipe

SHORTER_S = 0.15
"""A video may end this much before its sound: a last word cut off is heard."""

LONGER_S = 1.0
"""A video may go on this long after its sound: longer stares are seen."""

FPS_TOLERANCE = 0.02


def check_portrait(avatar: Avatar, capabilities: Capabilities) -> None:
    """See that the portrait is the one the recipe names, and large enough. Reads the file: call it off the event loop.

    Raises:
        PortraitError: it is gone, has changed since the catalog was loaded, or is too small.
    """
    path = Path(avatar.portrait_path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PortraitError(f"Expected the portrait `{path.name}` to be readable, got {error.strerror!r}.") from error
    if digest_bytes(data) != avatar.portrait_digest:
        raise PortraitError(f"The portrait `{path.name}` has changed since the catalog was loaded; load it again.")
    size, least = picture_size(data), capabilities.min_portrait_px
    if size is not None and min(size) < least:
        got = f"{size[0]}x{size[1]}"
        raise PortraitError(
            f"Renderer `{capabilities.name}` needs at least {least}x{least} pixels, portrait `{path.name}` is {got}."
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


def clip_faults(facts: MediaFacts, recipe: ClipRecipe, *, duration_s: float) -> tuple[str, ...]:
    """What is wrong with a delivered video; `duration_s` is how long its sound, or the idle loop, lasts."""
    faults = []
    if (facts.width, facts.height) != (recipe.width, recipe.height):
        faults.append(f"expected {recipe.width}x{recipe.height}, got {facts.width}x{facts.height}")
    if abs(facts.fps - recipe.fps) > FPS_TOLERANCE * recipe.fps:
        faults.append(f"expected {recipe.fps} frames a second, got {facts.fps:.2f}")
    if not duration_s - SHORTER_S <= facts.duration_s <= duration_s + LONGER_S:
        faults.append(f"expected {duration_s:.2f} s, got {facts.duration_s:.2f} s")
    if recipe.speech is not None and facts.audio_codec is None:
        faults.append("expected sound, got none")
    return tuple(faults)
