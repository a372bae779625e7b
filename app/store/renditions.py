"""Renditions: a clip once more in fewer pixels and bytes, for slow lines and small stages.

A rendition has a recipe of its own, so a clip's key and entry stay as they are, with one or without; a lost one is
encoded again for nothing. It names its clip, and goes with it: in a sweep, and when a face is withdrawn.
"""

from dataclasses import dataclass
from typing import Any

from app.digest import Digest, digest_json
from app.store.ports import Entry

SMALL_SIDE = 360
"""Pixels of a small rendition's short side."""

_VERSION = 1
"""Of the encoding: another one makes another rendition."""

KIND = "rendition"


@dataclass(frozen=True, slots=True)
class RenditionRecipe:
    """Recipe of a rendition: of which clip's video, how large."""

    clip: Digest
    video: Digest
    portrait: str
    side: int = SMALL_SIDE

    def document(self) -> dict[str, Any]:
        """Return the JSON document whose digest is the key. The portrait is named for its withdrawal."""
        return {
            "kind": KIND,
            "version": _VERSION,
            "clip": self.clip,
            "video": self.video,
            "portrait": self.portrait,
            "side": self.side,
        }

    @property
    def key(self) -> Digest:
        """Return the digest of the document."""
        return digest_json(self.document())


def small_of(clip: Entry) -> RenditionRecipe:
    """Return the recipe of a stored clip's small rendition."""
    return RenditionRecipe(clip.key, clip.blobs["video"], str(clip.recipe.get("portrait", "")))


def clip_of(entry: Entry) -> Digest:
    """Return the recipe key of the clip that an entry is a rendition of; of any other entry its own key."""
    return Digest(str(entry.recipe["clip"])) if entry.kind == KIND else entry.key


def may_be_smaller(clip: Entry) -> bool:
    """Return whether a stored clip is so much larger that a small rendition is worth its bytes."""
    sides = [int(clip.media.get(name) or 0) for name in ("width", "height")]
    return clip.kind == "clip" and "video" in clip.blobs and min(sides) > SMALL_SIDE
