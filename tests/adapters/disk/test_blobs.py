"""What is true of blobs on a disk only; what is true of every store is in `tests/contracts/test_store.py`."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.disk.blobs import DiskBlobStore
from app.digest import Digest, digest_bytes
from app.errors import BlobCorruptError, BlobTooLargeError, StoreError


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def file_of(cache: Path, digest: Digest) -> Path:
    return cache / "v1" / "blobs" / "sha256" / digest[:2] / digest


def overwrite(path: Path, data: bytes, *, keep_time: bool = False) -> None:
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.chmod(0o644)
    path.write_bytes(data)
    if keep_time:
        os.utime(path, ns=times)


async def streamed(store: DiskBlobStore, digest: Digest) -> bytes:
    return b"".join([piece async for piece in store.stream(digest)])


async def test_blob_is_a_read_only_file_under_its_digest(cache: Path) -> None:
    facts = await DiskBlobStore(cache).put_bytes(b"film")

    path = file_of(cache, facts.digest)
    assert path.read_bytes() == b"film"
    assert path.stat().st_mode & 0o777 == 0o444
    assert path.stat().st_nlink == 1
    assert list((cache / "v1" / "tmp").iterdir()) == []


async def test_first_use_in_a_process_reads_every_byte(cache: Path) -> None:
    digest = (await DiskBlobStore(cache).put_bytes(b"film")).digest
    overwrite(file_of(cache, digest), b"film"[::-1], keep_time=True)

    with pytest.raises(BlobCorruptError, match="quarantine"):
        await streamed(DiskBlobStore(cache), digest)

    assert not file_of(cache, digest).exists()


@pytest.mark.parametrize("wrong", [b"short", b"x" * 100])
async def test_later_uses_notice_another_size(cache: Path, wrong: bytes) -> None:
    store = DiskBlobStore(cache)
    digest = (await store.put_bytes(b"film" * 10)).digest
    await streamed(store, digest)
    overwrite(file_of(cache, digest), wrong, keep_time=True)

    with pytest.raises(BlobCorruptError):
        await streamed(store, digest)


async def test_later_uses_do_not_read_again(cache: Path) -> None:
    """The price of speed, said aloud: same size, same time, same inode is taken for the same bytes until a `verify`."""
    store = DiskBlobStore(cache)
    digest = (await store.put_bytes(b"film")).digest
    overwrite(file_of(cache, digest), b"mlif", keep_time=True)

    assert await streamed(store, digest) == b"mlif"
    assert not await store.verify(digest)


async def test_quarantine_keeps_the_wrong_bytes(cache: Path) -> None:
    store = DiskBlobStore(cache)
    digest = (await store.put_bytes(b"film")).digest
    overwrite(file_of(cache, digest), b"wrong")

    await store.put_bytes(b"film")

    (aside,) = (cache / "v1" / "quarantine").iterdir()
    assert aside.read_bytes() == b"wrong"
    assert aside.name in await store.quarantined()
    assert file_of(cache, digest).read_bytes() == b"film"


async def test_storing_again_makes_young(cache: Path) -> None:
    store = DiskBlobStore(cache)
    digest = (await store.put_bytes(b"film")).digest
    os.utime(file_of(cache, digest), (0, 0))

    facts = await store.put_bytes(b"film")

    assert (datetime.now(UTC) - facts.stored_at).total_seconds() < 60


async def test_stream_outlives_deletion(cache: Path) -> None:
    store = DiskBlobStore(cache)
    data = bytes(1_000_000)
    digest = (await store.put_bytes(data)).digest
    stream = store.stream(digest)
    first = await anext(stream)

    await store.delete(digest)

    assert first + b"".join([piece async for piece in stream]) == data


@pytest.mark.filterwarnings("error")
async def test_abandoned_stream_closes_its_file(cache: Path) -> None:
    store = DiskBlobStore(cache)
    digest = (await store.put_bytes(bytes(1_000_000))).digest
    before = open_files()

    for _ in range(20):
        stream = store.stream(digest)
        await anext(stream)
        await stream.aclose()

    assert open_files() == before


async def test_refused_file_leaves_nothing_in_tmp(cache: Path, tmp_path: Path) -> None:
    store = DiskBlobStore(cache)
    (tmp_path / "clip.mp4").write_bytes(bytes(1_000_000))

    with pytest.raises(BlobTooLargeError):
        await store.put_file(tmp_path / "clip.mp4", limit_bytes=999_999)

    assert list((cache / "v1" / "tmp").iterdir()) == []


async def test_foreign_files_are_not_blobs(cache: Path) -> None:
    store = DiskBlobStore(cache)
    digest = (await store.put_bytes(b"film")).digest
    folder = file_of(cache, digest).parent
    (folder / "notes.txt").write_text("mine")
    (folder / digest_bytes(b"in the wrong folder")).write_text("x")
    (folder.parent / ".DS_Store").write_text("x")

    found = [facts.digest async for facts in store.scan()]

    assert found == [digest]


async def test_cache_deleted_while_in_use_is_built_again(cache: Path) -> None:
    store = DiskBlobStore(cache)
    await store.put_bytes(b"film")
    (cache / "v1").rename(cache / "gone")

    digest = (await store.put_bytes(b"film")).digest

    assert await store.read(digest) == b"film"


async def test_file_system_without_hard_links_will_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    store = DiskBlobStore(cache)

    await asyncio.gather(*(store.put_bytes(b"film") for _ in range(8)))

    assert await store.read(digest_bytes(b"film")) == b"film"
    assert list((cache / "v1" / "tmp").iterdir()) == []


async def test_every_write_is_durable_before_its_name_and_the_name_before_success(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    store = DiskBlobStore(cache)
    for name in ("fchmod", "fsync", "link", "unlink"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, _n=name, _r=real, **k: (calls.append(_n), _r(*a, **k))[1])

    await store.put_bytes(b"film")

    assert calls == ["fchmod", "fsync", "fsync", "link", "fsync", "unlink"]


async def test_unwritable_blob_folder_is_a_store_error(cache: Path) -> None:
    store = DiskBlobStore(cache)
    digest = digest_bytes(b"film")
    file_of(cache, digest).parent.write_text("a file where a folder should be")

    with pytest.raises(StoreError):
        await store.put_bytes(b"film")

    assert list((cache / "v1" / "tmp").iterdir()) == []
