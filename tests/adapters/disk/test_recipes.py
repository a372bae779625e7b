"""What is true of entries on a disk only; what is true of every store is in `tests/contracts/test_store.py`."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.digest import Digest, digest_json
from app.store.labels import Labels
from app.store.ports import Entry


async def an_entry(blobs: DiskBlobStore) -> Entry:
    recipe = {"kind": "clip", "model": "drawn"}
    return Entry(
        key=digest_json(recipe),
        kind="clip",
        recipe=recipe,
        labels=Labels.from_json({"text": "Grüß Gott"}),
        blobs={"video": (await blobs.put_bytes(b"film")).digest},
        media={},
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


async def test_entry_is_a_readable_file_under_its_key(tmp_path: Path) -> None:
    blobs = DiskBlobStore(tmp_path)
    entry = await an_entry(blobs)

    await DiskRecipeIndex(tmp_path, blobs).put(entry)

    path = tmp_path / "v1" / "recipes" / entry.key[:2] / f"{entry.key}.json"
    assert "Grüß Gott" in path.read_text("utf-8")
    assert json.loads(path.read_text("utf-8"))["recipe"] == entry.recipe
    assert path.stat().st_mode & 0o777 == 0o444
    assert list((tmp_path / "v1" / "tmp").iterdir()) == []


async def test_first_of_two_processes_stays(tmp_path: Path) -> None:
    """Two indexes know nothing of each other, as two processes would."""
    blobs = DiskBlobStore(tmp_path)
    entry = await an_entry(blobs)
    rivals = [replace(entry, labels=Labels.from_json({"rival": number})) for number in range(8)]

    await asyncio.gather(*(DiskRecipeIndex(tmp_path, blobs).put(rival) for rival in rivals))

    kept = await DiskRecipeIndex(tmp_path, blobs).get(entry.key)
    assert kept in rivals
    assert [found async for found in DiskRecipeIndex(tmp_path, blobs).scan()] == [kept]


async def test_an_entry_that_is_deleted_while_facts_are_added_does_not_come_back(tmp_path: Path) -> None:
    blobs = DiskBlobStore(tmp_path)
    entry = await an_entry(blobs)
    other = DiskRecipeIndex(tmp_path, blobs)

    class Meanwhile(DiskRecipeIndex):
        async def get(self, key: Digest) -> Entry | None:
            found = await super().get(key)
            await other.delete(key)
            return found

    await other.put(entry)
    await Meanwhile(tmp_path, blobs).add_facts(entry.key, {"face": [0, 0, 1, 1]})

    assert await other.get(entry.key) is None


async def test_foreign_files_are_not_entries(tmp_path: Path) -> None:
    blobs = DiskBlobStore(tmp_path)
    index = DiskRecipeIndex(tmp_path, blobs)
    (tmp_path / "v1" / "recipes" / "ab").mkdir()
    (tmp_path / "v1" / "recipes" / "ab" / "notes.json").write_text("{}")
    (tmp_path / "v1" / "recipes" / ".DS_Store").write_text("x")

    assert [entry async for entry in index.scan()] == []
    assert await index.quarantined() == ()
