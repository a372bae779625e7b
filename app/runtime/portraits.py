"""Whether the avatar's portrait can be filmed, by each of its renderers: asked before anything is priced."""

from pathlib import Path

from app.adapters.local.painters import Model, drawn_look, inspect_portrait, refuse_bad
from app.catalog.model import Avatar
from app.errors import PortraitError
from app.rendering.cast import Cast
from app.rendering.gate import check_portrait
from app.runtime.settings import Settings


def unusable_portrait(settings: Settings, avatar: Avatar, cast: Cast) -> dict[str, str]:
    """What is wrong with the portrait, by the renderer's name; one that is left out films it. Blocking.

    Where the gate leaves faces out (drawn figures), only the local renderer asks for one.
    """
    faceless = _faceless(settings, Path(avatar.portrait_path))
    found: dict[str, str] = {}
    for one in cast.chain:
        facts = one.renderer.capabilities
        needs_face = settings.quality_gate == "full" or facts.name == "local"
        try:
            if "image" in facts.visuals:
                check_portrait(avatar, facts)
        except PortraitError as error:
            found[facts.name] = str(error)
        else:
            if faceless and needs_face:
                found[facts.name] = faceless
    return found


def _faceless(settings: Settings, portrait: Path) -> str:
    """Why no face in it can be animated; empty when one can, and for a drawing of ours."""
    try:
        if drawn_look(portrait, Model.AUTO) is None:
            refuse_bad(portrait, inspect_portrait(portrait, models_dir=settings.models_dir.expanduser()))
    except (PortraitError, OSError) as error:
        return str(error)
    return ""
