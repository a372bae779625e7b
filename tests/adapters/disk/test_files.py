"""Faults of the real thing: killed, starved, raced; nothing may ever be half there."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.files import Threads
from app.adapters.disk.recipes import DiskRecipeIndex
from app.digest import digest_bytes
from app.errors import StoreError
from app.store.maintenance import verify

WRITER = Path(__file__).with_name("writer.py")
ROOT = Path(__file__).parents[3]


def start(cache: Path, *args: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), str(cache), *map(str, args)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def assert_whole(cache: Path) -> int:
    """Nothing wrong, nothing missing, nothing half written; returns the number of entries."""
    blobs = DiskBlobStore(cache)
    report = await verify(blobs, DiskRecipeIndex(cache, blobs))

    assert report.ok, report
    assert list((cache / "v1" / "tmp").iterdir()) == []
    return report.entries


async def test_killed_writer_leaves_no_entry_without_its_bytes(tmp_path: Path) -> None:
    done = 0
    for rounds in range(6):
        process = start(tmp_path, 100_000)
        for _ in range(done + 1 + rounds * 7):
            assert process.stdout is not None
            process.stdout.readline()
        process.kill()
        process.communicate()
        entries = await assert_whole(tmp_path)
        assert entries > done
        done = entries


@pytest.mark.long
@pytest.mark.parametrize("mode", ["die", "fail"])
async def test_fault_at_every_single_step_leaves_the_store_whole(tmp_path: Path, mode: str) -> None:
    """The first call that touches the disk goes wrong, then the second, until one run gets through."""
    steps = 0
    async for step, code in faults(tmp_path, mode):
        assert code in {"die": {9}, "fail": {1, 3}}[mode]
        await assert_whole(tmp_path / str(step))
        steps = step

    assert steps > 20


async def faults(folder: Path, mode: str) -> AsyncIterator[tuple[int, int]]:
    for step in range(1, 100):
        process = start(folder / str(step), 1, mode, step)
        _, words = process.communicate(timeout=60)
        if process.returncode == 0:
            return
        assert "Traceback" not in words
        yield step, process.returncode


async def test_store_goes_on_after_every_fault(tmp_path: Path) -> None:
    for step in range(1, 40, 3):
        start(tmp_path, 1, "die", step).communicate()

    process = start(tmp_path, 1)
    process.communicate()

    assert process.returncode == 0
    assert await assert_whole(tmp_path) == 1


async def test_full_disk_is_a_store_error_and_leaves_nothing(tmp_path: Path) -> None:
    process = start(tmp_path, 3, "limit", 100_000)
    _, words = process.communicate()

    assert process.returncode == 1
    assert "free space or move the cache" in words
    assert await assert_whole(tmp_path) == 0
    assert [path for path in (tmp_path / "v1").rglob("*") if path.is_file()] == []


async def test_processes_storing_the_same_clips_at_once_agree(tmp_path: Path) -> None:
    processes = [start(tmp_path, 40) for _ in range(3)]
    codes = []
    for process in processes:
        process.communicate()
        codes.append(process.returncode)

    assert codes == [0, 0, 0]
    assert await assert_whole(tmp_path) == 40


async def test_stores_of_one_folder_storing_the_same_bytes_at_once_agree(tmp_path: Path) -> None:
    stores = [DiskBlobStore(tmp_path) for _ in range(4)]
    wanted = [bytes([number]) * 300_000 for number in range(4)]

    await asyncio.gather(*(store.put_bytes(data) for data in wanted for store in stores for _ in range(3)))

    found = {facts.digest async for facts in stores[0].scan()}
    assert found == {digest_bytes(data) for data in wanted}
    assert await stores[0].quarantined() == ()


async def test_event_loop_runs_on_while_the_disk_works(tmp_path: Path) -> None:
    store = DiskBlobStore(tmp_path)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counter = asyncio.create_task(count())
    await store.put_bytes(bytes(30_000_000))
    counter.cancel()

    assert turns > 10


async def test_disk_errors_become_store_errors_with_their_cause() -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied", "/somewhere")

    with pytest.raises(StoreError, match="Permission denied") as caught:
        await Threads().run(refuse)

    assert isinstance(caught.value.__cause__, PermissionError)


def test_one_store_serves_several_event_loops_in_turn(tmp_path: Path) -> None:
    store = DiskBlobStore(tmp_path)

    async def use() -> None:
        await asyncio.gather(*(store.put_bytes(bytes([number])) for number in range(40)))

    asyncio.run(use())
    asyncio.run(use())
