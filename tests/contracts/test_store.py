"""What every store promises, held against each one that is shipped."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.digest import Digest, digest_bytes
from app.errors import BlobCorruptError, BlobNotFoundError, BlobTooLargeError, DigestError, StoreError
from tests.support.stores import Store, an_entry, stored

NOWHERE = digest_bytes(b"never stored")
SIZES = [0, 1, 65_535, 65_536, 65_537, 262_144, 700_001]


async def streamed(store: Store, digest: Digest, **bounds: Any) -> bytes:
    return b"".join([piece async for piece in store.blobs.stream(digest, **bounds)])


@pytest.mark.parametrize("size", SIZES)
async def test_bytes_come_back_as_they_were(store: Store, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)

    facts = await store.blobs.put_bytes(data)

    assert facts.digest == digest_bytes(data)
    assert facts.size_bytes == size
    assert await store.blobs.read(facts.digest) == data
    assert await streamed(store, facts.digest) == data
    assert await store.blobs.facts(facts.digest) == facts


async def test_file_is_copied_and_stays(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(b"film" * 100_000)

    facts = await store.blobs.put_file(source, limit_bytes=400_000)

    assert source.read_bytes() == await store.blobs.read(facts.digest)


async def test_file_over_the_limit_is_refused_and_leaves_nothing(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(b"film" * 100_000)

    with pytest.raises(BlobTooLargeError):
        await store.blobs.put_file(source, limit_bytes=399_999)

    assert [facts async for facts in store.blobs.scan()] == []


async def test_missing_file_is_a_store_error(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        await store.blobs.put_file(tmp_path / "nothing.mp4")


async def test_same_bytes_twice_are_one_blob_and_younger(store: Store) -> None:
    first = await store.blobs.put_bytes(b"same")
    second = await store.blobs.put_bytes(b"same")

    assert second.digest == first.digest
    assert second.stored_at >= first.stored_at
    assert [facts.digest async for facts in store.blobs.scan()] == [first.digest]


async def test_concurrent_puts_of_the_same_bytes_all_succeed(store: Store) -> None:
    data = b"wanted by ten visitors" * 20_000

    facts = await asyncio.gather(*(store.blobs.put_bytes(data) for _ in range(10)))

    assert {one.digest for one in facts} == {digest_bytes(data)}
    assert await store.blobs.read(digest_bytes(data)) == data
    assert await store.blobs.quarantined() == ()


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 0), (0, 1), (5, 5), (9, 3), (1, 262_145), (262_144, 300_000), (299_999, None), (300_000, 400_000)],
)
async def test_range_is_what_a_slice_gives(store: Store, start: int, end: int | None) -> None:
    data = bytes(index % 251 for index in range(300_000))
    digest = (await store.blobs.put_bytes(data)).digest

    assert await streamed(store, digest, start=start, end=end) == data[start:end]


async def test_negative_start_is_refused(store: Store) -> None:
    digest = (await store.blobs.put_bytes(b"abc")).digest

    with pytest.raises(StoreError):
        await streamed(store, digest, start=-1)


async def test_unknown_blob_is_not_found(store: Store) -> None:
    assert await store.blobs.facts(NOWHERE) is None
    await store.blobs.delete(NOWHERE)
    with pytest.raises(BlobNotFoundError):
        await store.blobs.read(NOWHERE)
    with pytest.raises(BlobNotFoundError):
        await streamed(store, NOWHERE)
    with pytest.raises(BlobNotFoundError):
        await store.blobs.verify(NOWHERE)


async def test_deleted_blob_is_gone(store: Store) -> None:
    digest = (await store.blobs.put_bytes(b"abc")).digest

    await store.blobs.delete(digest)

    assert await store.blobs.facts(digest) is None


@pytest.mark.parametrize("wrong", [b"", b"longer than it was", b"abd"])
async def test_wrong_bytes_are_never_served_and_kept_aside(store: Store, wrong: bytes) -> None:
    digest = (await store.blobs.put_bytes(b"abc")).digest
    store.damage_blob(digest, wrong)

    with pytest.raises(BlobCorruptError):
        await store.blobs.read(digest)

    assert await store.blobs.facts(digest) is None
    (aside,) = await store.blobs.quarantined()
    assert aside.startswith(f"blob-{digest}-")
    with pytest.raises(BlobNotFoundError):
        await streamed(store, digest)


async def test_wrong_bytes_are_not_streamed(store: Store) -> None:
    digest = (await store.blobs.put_bytes(b"abc")).digest
    store.damage_blob(digest, b"abd")

    with pytest.raises(BlobCorruptError):
        await streamed(store, digest)


async def test_verifying_finds_wrong_bytes(store: Store) -> None:
    good = (await store.blobs.put_bytes(b"good")).digest
    bad = (await store.blobs.put_bytes(b"bad")).digest
    store.damage_blob(bad, b"bax")

    assert await store.blobs.verify(good)
    assert not await store.blobs.verify(bad)


@pytest.mark.parametrize("wrong", [b"ab", b"abd"])
async def test_storing_again_heals_wrong_bytes(store: Store, wrong: bytes) -> None:
    digest = (await store.blobs.put_bytes(b"abc")).digest
    store.damage_blob(digest, wrong)

    await store.blobs.put_bytes(b"abc")

    assert await store.blobs.read(digest) == b"abc"
    assert len(await store.blobs.quarantined()) == 1


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 64 + "\n", "/" * 64, "a" * 62 + "/.."]
)
async def test_names_that_are_no_digest_are_refused(store: Store, name: Any) -> None:
    with pytest.raises(DigestError):
        await store.blobs.read(name)
    with pytest.raises(DigestError):
        await store.blobs.facts(name)
    with pytest.raises(DigestError):
        await store.blobs.delete(name)
    with pytest.raises(DigestError):
        await streamed(store, name)
    with pytest.raises(DigestError):
        await store.recipes.get(name)
    with pytest.raises(DigestError):
        await store.recipes.delete(name)


async def test_entry_comes_back_as_it_was(store: Store) -> None:
    entry = await stored(store, "hours")

    assert await store.recipes.get(entry.key) == entry
    assert [found async for found in store.recipes.scan()] == [entry]


async def test_entry_needs_its_blobs(store: Store) -> None:
    entry = an_entry("hours", {"video": NOWHERE})

    with pytest.raises(StoreError, match="store it first"):
        await store.recipes.put(entry)

    assert await store.recipes.get(entry.key) is None


async def test_entry_needs_its_own_key(store: Store) -> None:
    digest = (await store.blobs.put_bytes(b"film")).digest
    entry = replace(an_entry("hours", {"video": digest}), key=NOWHERE)

    with pytest.raises(StoreError, match="key"):
        await store.recipes.put(entry)


async def test_entry_needs_a_time_zone(store: Store) -> None:
    entry = replace(await stored(store, "hours"), created_at=datetime(2026, 3, 1))  # noqa: DTZ001 - the fault tested

    with pytest.raises(StoreError, match="time zone"):
        await store.recipes.put(entry)


async def test_first_entry_of_a_key_stays(store: Store) -> None:
    first = await stored(store, "hours")
    other = (await store.blobs.put_bytes(b"filmed again")).digest

    await store.recipes.put(replace(first, blobs={"video": other}))

    assert await store.recipes.get(first.key) == first


async def test_facts_are_added_to_an_entry_and_known_ones_stay(store: Store) -> None:
    entry = await stored(store, "hours")

    await store.recipes.add_facts(entry.key, {"face": [0.25, 0.25, 0.5, 0.5], "duration_s": -1.0})
    await store.recipes.add_facts(NOWHERE, {"face": []})

    media = {"face": [0.25, 0.25, 0.5, 0.5], **entry.media}
    assert await store.recipes.get(entry.key) == replace(entry, media=media)
    assert await store.recipes.get(NOWHERE) is None


async def test_entry_without_its_bytes_is_not_given_out(store: Store) -> None:
    entry = await stored(store, "hours")

    await store.blobs.delete(entry.blobs["video"])

    assert await store.recipes.get(entry.key) is None
    assert [found.key async for found in store.recipes.scan()] == [entry.key]


async def test_entry_that_lost_its_bytes_is_replaced(store: Store) -> None:
    entry = await stored(store, "hours")
    await store.blobs.delete(entry.blobs["video"])
    again = replace(entry, blobs={"video": (await store.blobs.put_bytes(b"filmed again")).digest})

    await store.recipes.put(again)

    assert await store.recipes.get(entry.key) == again


@pytest.mark.parametrize("wrong", [b"", b"{", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b"0" * 2_000_000])
async def test_garbled_entry_is_absent_and_kept_aside(store: Store, wrong: bytes) -> None:
    entry = await stored(store, "hours")
    store.damage_entry(entry.key, wrong)

    assert await store.recipes.get(entry.key) is None

    (aside,) = await store.recipes.quarantined()
    assert aside.startswith(f"recipe-{entry.key}")
    await store.recipes.put(entry)
    assert await store.recipes.get(entry.key) == entry


async def test_scan_leaves_garbled_entries_out(store: Store) -> None:
    entry, broken = await stored(store, "hours"), await stored(store, "tickets")
    store.damage_entry(broken.key, b"{")

    assert [found.key async for found in store.recipes.scan()] == [entry.key]


async def test_deleted_entry_is_gone_and_its_bytes_stay(store: Store) -> None:
    entry = await stored(store, "hours")

    await store.recipes.delete(entry.key)
    await store.recipes.delete(entry.key)

    assert await store.recipes.get(entry.key) is None
    assert await store.blobs.read(entry.blobs["video"]) == b"hours"
