import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.files import open_layout
from app.adapters.disk.layout import Layout
from app.errors import StoreError

NOBODY = 65_534


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_missing_folder_is_created(tmp_path: Path) -> None:
    DiskBlobStore(tmp_path / "deep" / "cache")

    made = {str(path.relative_to(tmp_path / "deep" / "cache")) for path in (tmp_path / "deep").rglob("*")} - {"."}
    assert made == {"v1", "v1/blobs", "v1/blobs/sha256", "v1/recipes", "v1/tmp", "v1/quarantine"}


def test_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")

    with pytest.raises(StoreError, match="got a file"):
        open_layout(tmp_path / "cache")
    with pytest.raises(StoreError, match="got a file"):
        open_layout(tmp_path / "cache" / "below")


@pytest.mark.parametrize("made", [True, False])
def test_read_only_folder_is_refused(tmp_path: Path, *, made: bool) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    if made:
        open_layout(cache)
    for folder in [cache, *cache.rglob("*")]:
        folder.chmod(0o555)

    with pytest.raises(StoreError, match="make it writable"):
        as_nobody(cache)


def as_nobody(cache: Path) -> None:
    """Open without root's right to write everywhere; the real id stays, so the way back is open."""
    if os.geteuid() != 0:
        open_layout(cache)
        return
    for folder in list(cache.parents)[:3]:
        folder.chmod(0o755)
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        open_layout(cache)
    finally:
        os.seteuid(0)
        os.setegid(0)


def test_opening_sweeps_what_a_dead_writer_left(tmp_path: Path) -> None:
    layout = open_layout(tmp_path)
    mine = layout.new_tmp()
    dead = mine.with_name(mine.name.replace(f"-{os.getpid()}-", f"-{dead_pid()}-"))
    for path in (mine, dead):
        path.write_bytes(b"half")

    open_layout(tmp_path)

    assert list(layout.tmp.iterdir()) == [mine]


def test_opening_leaves_writers_of_another_machine_alone_for_a_day(tmp_path: Path) -> None:
    layout = open_layout(tmp_path)
    young, old = (layout.tmp / f"00000000-{dead_pid()}-{digits * 16}" for digits in "ab")
    for path in (young, old):
        path.write_bytes(b"half")
    yesterday = time.time() - 24 * 3600 - 1
    os.utime(old, (yesterday, yesterday))

    open_layout(tmp_path)

    assert list(layout.tmp.iterdir()) == [young]


def test_relative_cache_does_not_move_with_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    layout = open_layout(Path("cache"))
    monkeypatch.chdir("/")

    assert layout == Layout(tmp_path / "cache" / "v1")
