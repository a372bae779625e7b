"""Cache of unpacked releases on this computer: a release that nobody has served for a day is deleted."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import structlog

from app.runtime.settings.site import Settings
from app.runtime.wiring.current_catalog import release_cache_of, touch

log = structlog.get_logger()

EVERY_S = 600.0
KEPT_S = 86400.0
"""Time for which an untouched folder stays: other sites and commands on this computer may be using it."""

_GOING = ".going"


async def keep_release_cache(
    settings: Settings,
    served: Callable[[], Collection[str]],
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
) -> NoReturn:
    """Tidy at once, then every ten minutes, for ever.

    `served` names the releases that this process may use.
    """
    while True:
        try:
            gone = await asyncio.to_thread(tidy_release_cache, release_cache_of(settings), served(), now=now())
        except OSError as error:
            log.warning("releases.not_swept", error=str(error)[:200])
        else:
            if gone:
                log.info("releases.swept", releases=gone)
        await sleep(EVERY_S)


def tidy_release_cache(release_cache: Path, served: Collection[str], *, now: datetime) -> tuple[str, ...]:
    """Mark the served releases as used, delete those unused for a day, and return the names of these."""
    for label in served:
        touch(release_cache / label, now=now)
    gone = sorted(path.name for path in _children(release_cache) if path.name not in served and _is_old(path, now))
    for name in gone:
        _remove(release_cache / name)
    return tuple(gone)


def _children(release_cache: Path) -> list[Path]:
    return list(release_cache.iterdir()) if release_cache.is_dir() else []


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return now.timestamp() - path.stat().st_mtime > KEPT_S
    except FileNotFoundError:
        return False


def _remove(folder: Path) -> None:
    """Rename a folder, then delete it, so that nobody finds half of it."""
    going = folder if folder.name.endswith(_GOING) else folder.with_name(f".{folder.name}{_GOING}")
    with suppress(FileNotFoundError):
        if going != folder:
            folder.rename(going)
        shutil.rmtree(going)
