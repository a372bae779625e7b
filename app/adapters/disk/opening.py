"""Opening the cache folder: make it what it has to be, and sweep what dead writers left."""

import os
import time
from contextlib import suppress
from pathlib import Path

from app.adapters.disk.files import sync_folder
from app.adapters.disk.layout import Layout, writer_of
from app.errors import StoreError

STALE_TMP_S = 24 * 3600.0
"""A half-written file this old has no writer left, whatever its name says: no clip takes a day to copy."""


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
        raise StoreError(f"Expected a folder for the cache at `{cache}`, got a file; name another place.") from error
    except OSError as error:
        raise StoreError(f"The cache at `{cache}` cannot be opened ({error}); make it writable.") from error
    return layout


def sweep_tmp(layout: Layout) -> None:
    """Remove half-written files of writers that are dead, and those older than a day."""
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
