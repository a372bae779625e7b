"""Face box of a clip: where the speaker's face is, so that a player never crops it; measured once a clip."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from app.digest import Digest
from app.store.ports import BlobStore, Entry, RecipeIndex

_log = logging.getLogger(__name__)

FACE = "face"
"""Name of the media fact: a document of the box, or None where a face was looked for and not found."""


@dataclass(frozen=True, slots=True)
class FaceBox:
    """Box from forehead to chin, over all frames looked at; shares of the picture, 0 to 1 from its top left."""

    x: float
    y: float
    width: float
    height: float

    def document(self) -> dict[str, float]:
        """Return the box as JSON, to a hundredth of a percent."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def face_of(media: Mapping[str, Any]) -> FaceBox | None:
    """Return the face box of media facts; None if there is none, or nobody has looked."""
    box = media.get(FACE)
    return FaceBox(**box) if box else None


def face_facts(box: FaceBox | None) -> dict[str, Any]:
    """Return the media fact of a box that was found; none at all where it is to be looked for later."""
    return {FACE: box.document()} if box else {}


def around(boxes: Iterable[FaceBox | None]) -> FaceBox | None:
    """Return the box around all boxes; None if one is not known."""
    found = list(boxes)
    known = [box for box in found if box is not None]
    if not known or len(known) < len(found):
        return None
    left, top = min(box.x for box in known), min(box.y for box in known)
    right, bottom = max(box.x + box.width for box in known), max(box.y + box.height for box in known)
    return FaceBox(left, top, right - left, bottom - top)


class FaceReader(Protocol):
    """Port of the face finder: reads a picture, off the event loop."""

    async def read(self, picture: bytes) -> FaceBox | None:
        """Return the box of the largest face of a JPEG or PNG picture, None where there is none.

        Raises:
            MediaError: it is no picture.
        """
        ...


@dataclass(frozen=True)
class FaceBoxes:
    """Face boxes of clips that were filmed before clips had one: measured on the poster, once, and kept with the clip.

    A poster shows the pose in which clips begin. One clip is measured at a time.
    """

    reader: FaceReader
    blobs: BlobStore
    recipes: RecipeIndex
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _begun: set[Digest] = field(default_factory=set, init=False, repr=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False, repr=False)

    def later(self, entry: Entry) -> None:
        """Begin to measure a clip, unless that is known or under way; nobody waits for it."""
        if FACE in entry.media or entry.key in self._begun:
            return
        self._begun.add(entry.key)
        task = asyncio.create_task(self._measure(entry), name=f"face {entry.key}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def done(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """End what was begun, at the end of the server."""
        for task in self._tasks:
            task.cancel()
        await self.done()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.warning("face.not_measured", extra={"task": task.get_name(), "reason": str(error)})

    async def _measure(self, entry: Entry) -> None:
        """Measure and keep; a clip that cannot be read or kept is tried again when the server starts anew."""
        async with self._turn:
            poster = entry.blobs.get("poster")
            if poster is None:
                return
            box = await self.reader.read(await self.blobs.read(poster))
            await self.recipes.add_facts(entry.key, {FACE: box.document() if box else None})
