"""Concatenation: joins the pieces of a long line into the clip that is played."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.catalog.model import Avatar
from app.digest import Digest
from app.errors import MediaError
from app.rendering.media.captions import TimedCaption, captions_document, web_vtt
from app.rendering.media.credentials import SOURCE_TYPE, FileSignature, ai_note, claim_of
from app.rendering.media.face_box import around, face_facts, face_of
from app.rendering.media.pipeline import Pipeline
from app.rendering.plan.clips import WantedClip
from app.rendering.ports import MediaFacts
from app.store.ports import Entry

_TOLERANCE_S = 0.25


@dataclass(frozen=True, slots=True)
class ClipConcat:
    """Joins stored pieces; costs only time, and may be repeated."""

    pipeline: Pipeline

    async def join(self, wanted: WantedClip, avatar: Avatar, pieces: Sequence[Entry]) -> Entry:
        """Join the pieces, store the whole and return its entry.

        Raises:
            MediaError: a piece cannot be decoded, or the whole is not as long as its pieces.
        """
        folder = self.pipeline.folder(f"join-{wanted.key[:16]}")
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        try:
            return await self._join(wanted, avatar, pieces, folder)
        finally:
            await self.pipeline.clear(folder.name)

    async def _join(self, wanted: WantedClip, avatar: Avatar, pieces: Sequence[Entry], folder: Path) -> Entry:
        pipeline, whole = self.pipeline, folder / "video.mp4"
        videos = [await self._fetched(piece, folder / f"{number}.mp4") for number, piece in enumerate(pieces)]
        await pipeline.media_tools.join(videos, whole)
        facts = await pipeline.media_tools.probe(whole)
        expected_s = sum(float(piece.media["duration_s"]) for piece in pieces)
        if abs(facts.duration_s - expected_s) > _TOLERANCE_S:
            raise MediaError(f"Expected {expected_s:.2f} s of joined pieces, got {facts.duration_s:.2f} s.")
        await pipeline.media_tools.mark(whole, source_type=SOURCE_TYPE, note=ai_note(avatar))
        signature = await pipeline.credentials.sign(whole, claim_of(wanted, avatar))
        captions = joined_captions(pieces)
        entry = Entry(
            key=wanted.key,
            kind="clip",
            recipe=wanted.recipe.document(),
            labels=wanted.labels,
            blobs=await self._blobs(wanted, pieces, whole, captions, signature),
            media=_media(facts, whole, captions) | face_facts(around(face_of(piece.media) for piece in pieces)),
            created_at=pipeline.clock(),
        )
        await pipeline.recipes.put(entry)
        await pipeline.renditions.add(entry, avatar)
        return await pipeline.recipes.get(entry.key) or entry

    async def _fetched(self, piece: Entry, path: Path) -> Path:
        content = await self.pipeline.blobs.read(piece.blobs["video"])
        await asyncio.to_thread(path.write_bytes, content)
        return path

    async def _blobs(
        self,
        wanted: WantedClip,
        pieces: Sequence[Entry],
        whole: Path,
        captions: Sequence[TimedCaption],
        signature: FileSignature,
    ) -> dict[str, Digest]:
        blobs = self.pipeline.blobs
        video = await blobs.put_file(whole)
        stored = {"video": video.digest, "poster": pieces[0].blobs["poster"]}
        if signature.sidecar is not None:
            stored["credentials"] = (await blobs.put_bytes(signature.sidecar)).digest
        if captions:
            stored["captions"] = (await blobs.put_bytes(web_vtt(captions).encode())).digest
        origin = {
            "schema": 1,
            "digital_source_type": SOURCE_TYPE,
            "video": video.digest,
            "recipe_key": wanted.key,
            "recipe": wanted.recipe.document(),
            "credentials": {"signer": signature.signer, "development": signature.development},
            "pieces": [{"recipe_key": piece.key, "provenance": piece.blobs.get("provenance")} for piece in pieces],
            "made_at": self.pipeline.clock().isoformat(),
        }
        document = json.dumps(origin, indent=1, ensure_ascii=False)
        return {**stored, "provenance": (await blobs.put_bytes(document.encode())).digest}


def joined_captions(pieces: Sequence[Entry]) -> tuple[TimedCaption, ...]:
    """Return the captions of all pieces, each moved by the length of the pieces before it."""
    found, before_s = [], 0.0
    for piece in pieces:
        for row in piece.media.get("captions", ()):
            caption = TimedCaption(**row)
            start_s, end_s = round(caption.start_s + before_s, 3), round(caption.end_s + before_s, 3)
            found.append(replace(caption, start_s=start_s, end_s=end_s))
        before_s += float(piece.media["duration_s"])
    return tuple(found)


def _media(facts: MediaFacts, whole: Path, captions: Sequence[TimedCaption]) -> dict[str, Any]:
    return {**asdict(facts), "size_bytes": whole.stat().st_size, "captions": captions_document(captions)}
