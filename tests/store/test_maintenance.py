"""What only shows when something happens between two looks; the rest is in `tests/contracts/test_store.py`."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

from app.digest import digest_json
from app.store.labels import Labels
from app.store.maintenance import gc, stats, verify
from app.store.memory import MemoryBlobStore, MemoryRecipeIndex
from app.store.ports import BlobFacts, Entry

OLD = datetime(2026, 1, 1, tzinfo=UTC)
NOW = OLD + timedelta(days=30)


class BusyBlobStore(MemoryBlobStore):
    """A store in which something else is stored right after the first look at it."""

    def __init__(self, meanwhile: Callable[["BusyBlobStore"], Awaitable[object]]) -> None:
        super().__init__(clock=lambda: self.now)
        self.now = OLD
        self._meanwhile = meanwhile

    async def scan(self) -> AsyncIterator[BlobFacts]:
        async for facts in super().scan():
            yield facts
        self.now = NOW
        await self._meanwhile(self)


def an_entry(blob: BlobFacts) -> Entry:
    recipe = {"kind": "clip"}
    return Entry(
        key=digest_json(recipe),
        kind="clip",
        recipe=recipe,
        labels=Labels(),
        blobs={"video": blob.digest},
        media={"duration_s": 1.5},
        created_at=NOW,
    )


async def test_bytes_stored_again_during_a_collection_stay() -> None:
    blobs = BusyBlobStore(lambda store: store.put_bytes(b"film"))
    await blobs.put_bytes(b"film")

    report = await gc(blobs, MemoryRecipeIndex(blobs), pinned=(), now=NOW)

    assert report.blobs == ()
    assert (report.kept_blobs, report.freed_bytes) == (1, 0)


async def test_bytes_named_by_a_new_entry_during_a_collection_stay() -> None:
    blobs = BusyBlobStore(lambda _: recipes.put(entry))
    recipes = MemoryRecipeIndex(blobs)
    entry = an_entry(await blobs.put_bytes(b"film"))

    report = await gc(blobs, recipes, pinned=(), now=NOW)

    assert report.blobs == ()
    assert await recipes.get(entry.key) == entry


async def test_bytes_deleted_during_a_check_are_missing_not_an_error() -> None:
    blobs = BusyBlobStore(lambda store: store.delete(entry.blobs["video"]))
    recipes = MemoryRecipeIndex(blobs)
    entry = an_entry(await blobs.put_bytes(b"film"))
    await recipes.put(entry)

    report = await verify(blobs, recipes)

    assert report.corrupt == ()
    assert [missing.digest for missing in report.missing] == [entry.blobs["video"]]


async def test_reports_are_json() -> None:
    blobs = MemoryBlobStore()
    recipes = MemoryRecipeIndex(blobs)
    entry = an_entry(await blobs.put_bytes(b"film"))
    await recipes.put(entry)
    await blobs.delete(entry.blobs["video"])

    reports = [await stats(blobs, recipes), await verify(blobs, recipes), await gc(blobs, recipes, pinned=(), now=NOW)]

    written = json.loads(json.dumps([report.document() for report in reports]))
    assert written[0]["broken"] == 1
    assert written[1]["missing"] == [{"key": entry.key, "role": "video", "digest": entry.blobs["video"]}]
    assert written[2]["dry_run"] is False
