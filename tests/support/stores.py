"""Every store that is shipped, with a way to break what it holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.adapters.s3.blobs import ObjectBlobStore
from app.adapters.s3.bucket import open_bucket
from app.adapters.s3.layout import blob_name, recipe_name
from app.adapters.s3.recipes import ObjectRecipeIndex
from app.digest import Digest, digest_json
from app.store.labels import Labels
from app.store.memory import MemoryBlobStore, MemoryRecipeIndex
from app.store.ports import BlobStore, Entry, RecipeIndex
from tests.support.object_storage import ObjectStorage

WRITTEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Store:
    """One implementation and a way to break what it holds."""

    blobs: BlobStore
    recipes: RecipeIndex
    damage_blob: Callable[[Digest, bytes], None]
    damage_entry: Callable[[Digest, bytes], None]


def on_disk(folder: Path) -> Store:
    blobs = DiskBlobStore(folder)

    def overwrite(path: Path, data: bytes) -> None:
        path.chmod(0o644)
        path.write_bytes(data)

    return Store(
        blobs=blobs,
        recipes=DiskRecipeIndex(folder, blobs),
        damage_blob=lambda digest, data: overwrite(folder / "v1/blobs/sha256" / digest[:2] / digest, data),
        damage_entry=lambda key, data: overwrite(folder / "v1/recipes" / key[:2] / f"{key}.json", data),
    )


def in_memory(_: Path) -> Store:
    blobs = MemoryBlobStore()
    recipes = MemoryRecipeIndex(blobs)
    return Store(blobs=blobs, recipes=recipes, damage_blob=blobs.damage, damage_entry=recipes.damage)


def in_object_storage(storage: ObjectStorage) -> Store:
    bucket = open_bucket(storage.empty_place(), storage.access)
    blobs = ObjectBlobStore(bucket)
    return Store(
        blobs=blobs,
        recipes=ObjectRecipeIndex(bucket, blobs),
        damage_blob=lambda digest, data: bucket.store.put(blob_name(digest), data) and None,
        damage_entry=lambda key, data: bucket.store.put(recipe_name(key), data) and None,
    )


def an_entry(name: str, blobs: dict[str, Digest], *, kind: str = "clip", **recipe: Any) -> Entry:
    document = {"kind": kind, "name": name, **recipe}
    return Entry(
        key=digest_json(document),
        kind=kind,
        recipe=document,
        labels=Labels.from_json({"intent": name, "text": "Grüß Gott, “Mira”"}),
        blobs=blobs,
        media={"duration_s": 2.5, "width": 720},
        created_at=WRITTEN,
    )


async def stored(store: Store, name: str, **recipe: Any) -> Entry:
    facts = await store.blobs.put_bytes(name.encode())
    entry = an_entry(name, {"video": facts.digest}, **recipe)
    await store.recipes.put(entry)
    return entry
