"""Copying between stores of every kind: complete, resumable, never trusting a byte."""

from pathlib import Path

import pytest

from app.digest import Digest
from app.errors import StoreError
from app.store.copy import CopyEnd, Copying
from app.store.ports import BlobFacts
from tests.support.stores import Store, an_entry, in_memory, on_disk, stored


def place(store: Store) -> CopyEnd:
    return CopyEnd(store.blobs, store.recipes)


def copying(source: Store, target: Store, **how: object) -> Copying:
    return Copying(source=place(source), target=place(target), **how)  # type: ignore[arg-type]


async def some(store: Store) -> None:
    for name in ("hours", "tickets", "dogs"):
        await stored(store, name)
    shared = (await store.blobs.put_bytes(b"hours")).digest
    await store.recipes.put(an_entry("again", {"video": shared}))


async def everything(store: Store) -> dict[Digest, object]:
    return {entry.key: entry async for entry in store.recipes.scan()}


@pytest.mark.parametrize("way", ["from", "to"])
async def test_copy_holds_the_same_and_a_second_run_copies_nothing(store: Store, tmp_path: Path, way: str) -> None:
    other = on_disk(tmp_path / "other")
    source, target = (store, other) if way == "from" else (other, store)
    await some(source)
    seen: list[tuple[int, int]] = []

    first = await copying(source, target, progress=lambda done, total: seen.append((done, total))).run()
    second = await copying(source, target).run()

    assert (first.entries, first.copied_entries, first.blobs, first.copied_blobs) == (4, 4, 3, 3)
    assert first.copied_bytes == len(b"hours" + b"tickets" + b"dogs") == seen[-1][0] == seen[-1][1]
    assert (second.copied_entries, second.copied_blobs, second.ok) == (0, 0, True)
    assert await everything(target) == await everything(source)
    assert all([await target.recipes.get(key) is not None for key in await everything(source)])


async def test_what_is_not_whole_is_left_out_and_told(tmp_path: Path) -> None:
    source, target = on_disk(tmp_path), in_memory(tmp_path)
    await some(source)
    wrong, lost = await stored(source, "wrong"), await stored(source, "lost")
    source.damage_blob(wrong.blobs["video"], b"wrung")
    await source.blobs.delete(lost.blobs["video"])

    report = await copying(source, target).run()

    assert not report.ok
    assert set(report.broken) == {wrong.key, lost.key}
    assert report.copied_entries == 4
    assert await target.blobs.facts(wrong.blobs["video"]) is None


class BreakingLine:
    """A store's line that breaks after so many blobs."""

    def __init__(self, store: Store, *, after: int) -> None:
        self._store, self._left = store, after

    def __getattr__(self, name: str) -> object:
        return getattr(self._store.blobs, name)

    async def put_bytes(self, data: bytes) -> BlobFacts:
        self._left -= 1
        if self._left < 0:
            raise StoreError("The line broke.")
        return await self._store.blobs.put_bytes(data)


async def test_interrupted_copy_goes_on_where_it_stopped(tmp_path: Path) -> None:
    source, target = on_disk(tmp_path), in_memory(tmp_path)
    await some(source)
    broken_line = CopyEnd(BreakingLine(target, after=2), target.recipes)  # type: ignore[arg-type]

    with pytest.raises(StoreError):
        await Copying(source=place(source), target=broken_line).run()
    before = len([facts async for facts in target.blobs.scan()])
    report = await copying(source, target).run()

    assert before == 2
    assert (report.copied_blobs, report.ok) == (1, True)
    assert await everything(target) == await everything(source)


async def test_wrong_bytes_at_the_other_end_are_mended_when_asked(store: Store, tmp_path: Path) -> None:
    source = on_disk(tmp_path / "other")
    entry = await stored(source, "hours")
    await copying(source, store).run()
    store.damage_blob(entry.blobs["video"], b"houys")

    careless = await copying(source, store).run()
    careful = await copying(source, store, verify=True).run()

    assert (careless.copied_blobs, careful.copied_blobs) == (0, 1)
    assert await store.blobs.read(entry.blobs["video"]) == b"hours"
