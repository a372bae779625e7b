"""Small renditions of stored clips: made when a clip is filmed, and for those of before without an order."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from app.catalog.model import Avatar
from app.digest import Digest, digest_json
from app.errors import GreenroomError, MediaError
from app.rendering.media.credentials import SOURCE_TYPE, CredentialsSigner, ProvenanceClaim, ai_note
from app.rendering.ports import MediaTools
from app.store.ports import BlobStore, Entry, RecipeIndex
from app.store.renditions import KIND, RenditionRecipe, may_be_smaller, small_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RenditionMaker:
    """Maker of small renditions. It never orders anything: what it needs is the stored video."""

    blobs: BlobStore
    recipes: RecipeIndex
    media_tools: MediaTools
    credentials: CredentialsSigner
    clock: Callable[[], datetime]
    scratch: Path
    refused: set[Digest] = field(default_factory=set)
    """Videos that cannot be decoded for one, added here; they are not tried again while this process runs."""

    async def lacks(self, clip: Entry) -> bool:
        """Return whether a clip could have a small rendition and has none."""
        return self._is_possible(clip) and await self.recipes.get(small_of(clip).key) is None

    def _is_possible(self, clip: Entry) -> bool:
        return may_be_smaller(clip) and clip.blobs["video"] not in self.refused

    async def add(self, clip: Entry, avatar: Avatar) -> bool:
        """Make a clip's small rendition if it lacks one; return whether it has one now.

        A rendition that cannot be made costs nobody the clip: it is logged, and tried by a later run.
        """
        if not self._is_possible(clip):
            return False
        recipe = small_of(clip)
        if await self.recipes.get(recipe.key) is not None:
            return True
        folder = self.scratch / f"rendition-{uuid4().hex}"
        try:
            await asyncio.to_thread(folder.mkdir, parents=True)
            await self._make(clip, recipe, avatar, folder)
        except (GreenroomError, OSError) as error:
            if isinstance(error, MediaError):
                self.refused.add(recipe.video)
            _log.warning("rendition.not_made", extra={"clip": clip.key, "reason": str(error)})
            return False
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return True

    async def _make(self, clip: Entry, recipe: RenditionRecipe, avatar: Avatar, folder: Path) -> None:
        whole, small = folder / "whole.mp4", folder / "small.mp4"
        await asyncio.to_thread(whole.write_bytes, await self.blobs.read(recipe.video))
        await self.media_tools.shrink(whole, small, side=recipe.side)
        facts = await self.media_tools.probe(small)
        await self.media_tools.mark(small, source_type=SOURCE_TYPE, note=ai_note(avatar))
        signature = await self.credentials.sign(small, _claim(clip, avatar), parent=whole)
        blobs = {"video": (await self.blobs.put_file(small)).digest}
        if signature.sidecar is not None:
            blobs["credentials"] = (await self.blobs.put_bytes(signature.sidecar)).digest
        media = {**asdict(facts), "size_bytes": (await asyncio.to_thread(small.stat)).st_size}
        entry = Entry(recipe.key, KIND, recipe.document(), clip.labels, blobs, media, self.clock())
        await self.recipes.put(entry)


def _claim(clip: Entry, avatar: Avatar) -> ProvenanceClaim:
    made, consent = clip.recipe, avatar.consent
    return ProvenanceClaim(
        title=ai_note(avatar),
        renderer=str(made.get("renderer", "")),
        renderer_version=str(made.get("renderer_version", "")),
        model=made.get("model"),
        recipe_key=str(clip.key),
        portrait=str(made.get("portrait", "")),
        consent=digest_json(consent.model_dump(mode="json")) if consent else "",
    )
