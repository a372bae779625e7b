"""Runs inside a checkout: stores a stand-in for each clip of a catalog, so that a server has every answer.

    python stored_clips.py CATALOG CACHE

Nothing is filmed: sockets carry addresses and captions, not pictures.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.store.ports import Entry

WORDS_A_CAPTION = 8
FACE = {"x": 0.31, "y": 0.18, "width": 0.36, "height": 0.46}
"""Where a film of the drawn presenter has its face."""


async def main(catalog: Path, cache: Path) -> int:
    """Store them; how many there are."""
    blobs = DiskBlobStore(cache)
    recipes = DiskRecipeIndex(cache, blobs)
    clips = await wanted_clips(catalog)
    for clip in clips:
        stored = [await blobs.put_bytes(f"{role} of {clip.key}".encode()) for role in ("video", "poster")]
        await recipes.put(
            Entry(
                key=clip.key,
                kind="clip",
                recipe=clip.recipe.document(),
                labels=clip.labels,
                blobs={"video": stored[0].digest, "poster": stored[1].digest},
                media=_media(clip.text or ""),
                created_at=datetime.now(UTC),
            )
        )
    return len(clips)


def _media(text: str) -> dict[str, Any]:
    """What a film of these words would have: so many words a second, a caption for every few."""
    words = text.split()
    parts = [words[at : at + WORDS_A_CAPTION] for at in range(0, len(words), WORDS_A_CAPTION)]
    captions = [
        {"start_s": round(at * 3.08 + 0.42, 3), "end_s": round(at * 3.08 + 3.44, 3), "text": " ".join(part)}
        for at, part in enumerate(parts)
    ]
    facts = {"width": 320, "height": 320, "fps": 25, "size_bytes": 412345, "media_type": "video/mp4"}
    return {**facts, "duration_s": round(max(5.0, len(words) * 0.385), 3), "captions": captions, "face": FACE}


async def wanted_clips(folder: Path) -> Any:
    """The clips that a catalog needs, whichever names this checkout's modules have."""
    try:
        load_or_raise = _named("adapters.catalog_files.loader").load_or_raise
    except ImportError:
        return await _wanted_of_before(folder)
    providers = _named("runtime.wiring.providers")
    catalog = load_or_raise(folder)
    async with providers.open_renderers(_named("runtime.settings.site").Settings()) as renderers:
        chosen = _named("rendering.plan.providers").providers_of(
            catalog.avatar,
            speech=providers.open_speech(),
            renderers=renderers,
            normaliser=_named("adapters.text_normalisation.normaliser").GrammarNormaliser(),
        )
        return _named("rendering.plan.clips").spoken_clips(catalog, chosen)


async def _wanted_of_before(folder: Path) -> Any:
    """The same by the names of 285606a."""
    registry = _named("runtime.registry")
    catalog = _named("adapters.files.loader").load_or_raise(folder)
    async with registry.open_renderers(_named("runtime.settings").Settings()) as renderers:
        cast = _named("rendering.cast").choose_cast(catalog.avatar, speech=registry.open_speech(), renderers=renderers)
        return _named("rendering.lines").catalog_clips(catalog, cast)


def _named(name: str) -> Any:
    return import_module(f"app.{name}")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))))
