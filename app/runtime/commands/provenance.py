"""Provenance of files and of stored clips: their Content Credentials, verified anew at every reading."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.digest import Digest
from app.errors import BlobNotFoundError, CredentialsError, NotFoundError
from app.rendering.media.credentials import CredentialsReader, CredentialsReport
from app.store.ports import BlobStore, Entry, RecipeIndex

SIDECAR = ".c2pa"
"""Ending of a sidecar's name, after the whole name of its file: `talk.webm.c2pa`."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Provenance of one file: its credentials, and what the store wrote down when it was made."""

    name: str
    credentials: CredentialsReport
    recipe_key: Digest | None = None
    intent: str = ""
    locale: str = ""
    document: dict[str, Any] | None = None


async def file_provenance(file: Path, reader: CredentialsReader) -> Provenance:
    """Verify a file, with the sidecar beside it if there is one.

    Raises:
        NotFoundError: there is no such file.
        CredentialsError: it cannot be read.
    """
    manifest = await asyncio.to_thread(_sidecar, file)
    return Provenance(str(file), await reader.read(file, sidecar=manifest))


def _sidecar(file: Path) -> bytes | None:
    if not file.is_file():
        raise NotFoundError(f"Cannot find `{file}`; name a media file, an intent of the catalog, or use --all.")
    sidecar = file.with_name(file.name + SIDECAR)
    return sidecar.read_bytes() if sidecar.is_file() else None


async def stored_provenance(entry: Entry, blobs: BlobStore, reader: CredentialsReader) -> Provenance:
    """Verify a stored clip's video, byte for byte as it is stored.

    Raises:
        CredentialsError: it cannot be read.
        StoreError: the store cannot be read.
    """
    video, origin = entry.blobs["video"], entry.blobs.get("provenance")
    sidecar = await blobs.read(entry.blobs["credentials"]) if "credentials" in entry.blobs else None
    document = json.loads(await blobs.read(origin)) if origin else None
    content = await blobs.read(video)
    with tempfile.TemporaryDirectory(prefix="greenroom-provenance-") as folder:
        file = Path(folder) / _file_name(video, str(entry.media.get("media_type", "video/mp4")))
        await asyncio.to_thread(file.write_bytes, content)
        report = await reader.read(file, sidecar=sidecar)
    labels = entry.labels
    return Provenance(str(video), report, entry.key, labels.intent or "", labels.locale or "", document)


async def clips_provenance(
    recipes: RecipeIndex,
    blobs: BlobStore,
    reader: CredentialsReader,
    *,
    intent: str | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> AsyncIterator[Provenance]:
    """Verify the stored clips, or those of one intent; a clip that cannot be read is a broken one."""
    done = 0
    async for entry in recipes.scan():
        if entry.kind != "clip" or (intent is not None and entry.labels.intent != intent):
            continue
        try:
            yield await stored_provenance(entry, blobs, reader)
        except (CredentialsError, BlobNotFoundError) as error:
            broken = CredentialsReport(found=False, problems=(str(error),))
            yield Provenance(str(entry.blobs["video"]), broken, entry.key, entry.labels.intent or "")
        done += 1
        progress(done)


def _file_name(video: Digest, media_type: str) -> str:
    return f"{video}.{media_type.rpartition('/')[2]}"
