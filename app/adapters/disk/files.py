"""File writes of the store, and the threads that carry them out.

A file is written under a temporary name, made durable, given its final name only if that is free, and then
the folder is made durable. A crash at any point leaves the final name either absent or complete.
"""

import asyncio
import errno
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from app.adapters.disk.layout import Layout, writer_of
from app.errors import StoreError
from app.store.disk_errors import disk_error

READ_ONLY = 0o444
"""Mode of stored files, which never change."""

THREADS = 8
"""Reads and writes at once in one store: enough to keep a disk busy, too few to starve the machine."""

_NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})
"""Errors of file systems without hard links (FAT, some network mounts)."""

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """Thread pool for blocking work, so that the event loop never waits for a disk."""

    def __init__(self, limit: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(limit, thread_name_prefix="store")

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work in a thread.

        Raises:
            StoreError: the disk refused; StoreFullError: it is full.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *args, **kwargs))
        except OSError as error:
            raise disk_error(error) from error


def stage(layout: Layout, chunks: Iterable[bytes]) -> Path:
    """Write the chunks to a durable, read-only file in `tmp`; after a failure nothing of it remains."""
    layout.tmp.mkdir(parents=True, exist_ok=True)
    path = layout.new_tmp()
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fchmod(file.fileno(), READ_ONLY)
            os.fsync(file.fileno())
    except BaseException:  # also when stopped: no half file stays
        path.unlink(missing_ok=True)
        raise
    return path


def settle(staged: Path, target: Path) -> bool:
    """Give a staged file its final name durably; return False, and do nothing, when the name is taken.

    The staged name may still exist afterwards: the caller unlinks it.
    """
    make_folder(target.parent)
    if not _claim(staged, target):
        return False
    sync_folder(target.parent)
    return True


def make_folder(folder: Path) -> None:
    """Create one of the 256 folders durably.

    Another writer may have created it but not yet synced its parent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _claim(staged: Path, target: Path) -> bool:
    try:
        target.hardlink_to(staged)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        return _rename(staged, target)
    return True


def _rename(staged: Path, target: Path) -> bool:
    """Rename as the second best way.

    A writer that takes the name between the two calls is replaced by a complete file.
    """
    if target.exists():
        return False
    staged.rename(target)
    return True


STALE_TMP_S = 24 * 3600.0
"""Age from which a half-written file has no writer left, whatever its name: no clip takes a day to copy."""


def open_layout(cache: Path) -> Layout:
    """Open the cache folder, creating what is missing, and sweep `tmp`.

    Raises:
        StoreError: the path is not a folder, or cannot be written.
    """
    layout = Layout(cache.absolute() / "v1")
    try:
        _create(layout)
        sweep_tmp(layout)
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"Expected a folder for the cache at `{cache}`, got a file; name another folder.") from error
    except OSError as error:
        raise StoreError(f"Cannot open the cache at `{cache}` ({error}); make it writable.") from error
    return layout


def sweep_tmp(layout: Layout) -> None:
    """Delete half-written files of dead writers, and those older than a day."""
    for path in layout.tmp.iterdir():
        with suppress(FileNotFoundError):
            if _writer_is_dead(path.name) or time.time() - path.lstat().st_mtime > STALE_TMP_S:
                path.unlink()


def _create(layout: Layout) -> None:
    folders = (layout.blobs, layout.recipes, layout.tmp, layout.quarantine)
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(f"no right to write in `{folder.name}`")
    for folder in (layout.blobs.parent, layout.root, layout.root.parent):
        sync_folder(folder)


def _writer_is_dead(name: str) -> bool:
    pid = writer_of(name)
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
