"""Counting, checking and collecting, held against each store that is shipped."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.store.maintenance import gc, stats, verify
from tests.support.stores import Store, an_entry, stored


async def test_stats_count_everything(store: Store) -> None:
    await stored(store, "hours")
    await stored(store, "voice", kind="speech")
    broken = await stored(store, "lost")
    await store.blobs.delete(broken.blobs["video"])
    await store.blobs.put_bytes(b"loose")

    counted = await stats(store.blobs, store.recipes)

    assert (counted.entries, counted.clips, counted.speeches, counted.broken) == (3, 2, 1, 1)
    assert (counted.blobs, counted.size_bytes) == (3, 15)
    assert (counted.unreferenced_blobs, counted.unreferenced_bytes) == (1, 5)
    assert counted.video_s == 5.0


async def test_verify_reports_all_that_is_wrong(store: Store) -> None:
    whole, wrong, lost, garbled = [await stored(store, name) for name in ("whole", "wrong", "lost", "garbled")]
    store.damage_blob(wrong.blobs["video"], b"wrung")
    await store.blobs.delete(lost.blobs["video"])
    store.damage_entry(garbled.key, b"{")
    steps: list[tuple[int, int]] = []

    report = await verify(store.blobs, store.recipes, progress=lambda done, total: steps.append((done, total)))

    assert not report.ok
    assert report.corrupt == (wrong.blobs["video"],)
    assert {missing.key for missing in report.missing} == {wrong.key, lost.key}
    assert [name.split("-")[0] for name in report.quarantined] == ["blob", "recipe"]
    assert steps[-1] == (17, 17)
    assert await store.recipes.get(whole.key) == whole


async def test_verify_is_content_with_a_whole_store(store: Store) -> None:
    await stored(store, "hours")

    report = await verify(store.blobs, store.recipes)

    assert report.ok
    assert report.document()["ok"] is True


async def test_gc_deletes_what_is_old_and_unpinned(store: Store) -> None:
    pinned, old = await stored(store, "pinned"), await stored(store, "old")
    loose = (await store.blobs.put_bytes(b"loose")).digest
    later = datetime.now(UTC) + timedelta(days=30)

    report = await gc(store.blobs, store.recipes, pinned={pinned.key}, now=later)

    assert report.entries == (old.key,)
    assert set(report.blobs) == {old.blobs["video"], loose}
    assert report.freed_bytes == 8
    assert await store.recipes.get(pinned.key) == pinned
    assert await store.recipes.get(old.key) is None
    assert [facts.digest async for facts in store.blobs.scan()] == [pinned.blobs["video"]]


async def test_gc_dry_run_deletes_nothing_and_says_the_same(store: Store) -> None:
    old = await stored(store, "old")
    later = datetime.now(UTC) + timedelta(days=30)

    said = await gc(store.blobs, store.recipes, pinned=(), now=later, dry_run=True)

    assert await store.recipes.get(old.key) == old
    done = await gc(store.blobs, store.recipes, pinned=(), now=later)
    assert replace(said, dry_run=False) == done


async def test_gc_leaves_young_bytes_alone(store: Store) -> None:
    loose = (await store.blobs.put_bytes(b"about to be named")).digest

    report = await gc(store.blobs, store.recipes, pinned=(), now=datetime.now(UTC), grace=timedelta(hours=1))

    assert report.blobs == ()
    assert await store.blobs.read(loose) == b"about to be named"


async def test_gc_keeps_the_voice_of_a_pinned_clip(store: Store) -> None:
    voice = await stored(store, "voice", kind="speech")
    clip = await stored(store, "clip", speech=voice.key)
    later = datetime.now(UTC) + timedelta(days=30)

    await gc(store.blobs, store.recipes, pinned={clip.key}, now=later)

    assert await store.recipes.get(voice.key) == voice


async def test_gc_keeps_bytes_that_a_pinned_entry_shares(store: Store) -> None:
    pinned = await stored(store, "pinned")
    old = an_entry("old", {"video": pinned.blobs["video"]})
    await store.recipes.put(old)
    later = datetime.now(UTC) + timedelta(days=30)

    report = await gc(store.blobs, store.recipes, pinned={pinned.key}, now=later)

    assert (report.entries, report.blobs) == ((old.key,), ())
    assert await store.recipes.get(pinned.key) == pinned
