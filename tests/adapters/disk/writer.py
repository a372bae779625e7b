"""A process that stores clips until it is stopped; the tests kill it, starve it or let several run at once.

`writer.py CACHE COUNT [die|fail N | limit BYTES]`: with `die N` it ends without a trace at its Nth call that changes
the disk, with `fail N` that call answers "no space left", with `limit` files may not grow beyond BYTES.
Exit: 0 all stored and no fault met, 1 a store error, 3 all stored although the fault was met.
"""

import asyncio
import errno
import os
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.digest import digest_json
from app.errors import StoreError
from app.store.labels import Labels
from app.store.ports import Entry

CALLS = ("open", "mkdir", "fchmod", "fsync", "link", "rename", "replace", "unlink", "utime")


async def store_clips(cache: Path, count: int) -> None:
    blobs = DiskBlobStore(cache)
    recipes = DiskRecipeIndex(cache, blobs)
    for number in range(count):
        await store_clip(blobs, recipes, number)
        print(number, flush=True)  # noqa: T201 - tells the test how far it came


async def store_clip(blobs: DiskBlobStore, recipes: DiskRecipeIndex, number: int) -> None:
    video = await blobs.put_bytes(number.to_bytes(4, "big") * 50_000)
    poster = await blobs.put_bytes(b"poster %d" % number)
    recipe = {"kind": "clip", "number": number}
    await recipes.put(
        Entry(
            key=digest_json(recipe),
            kind="clip",
            recipe=recipe,
            labels=Labels(),
            blobs={"video": video.digest, "poster": poster.digest},
            media={},
            created_at=datetime(2026, 3, 1, tzinfo=UTC),
        )
    )


def arm(mode: str, at: int) -> Callable[[], bool]:
    """Count every call that changes the disk, let the one numbered `at` go wrong, and tell whether it came to that."""
    left = at

    def wrap(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0 and mode == "die":
                os._exit(9)
            if left == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(*args, **kwargs)

        return counted

    for name in CALLS:
        setattr(os, name, wrap(getattr(os, name)))
    return lambda: left <= 0


def main(cache: str, count: str, mode: str = "", at: str = "0") -> int:
    met: Callable[[], bool] = bool
    if mode == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(at), int(at)))
    elif mode:
        met = arm(mode, int(at))
    try:
        asyncio.run(store_clips(Path(cache), int(count)))
    except StoreError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the test reads it
        return 1
    return 3 if met() else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
