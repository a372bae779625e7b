"""Recipe index on disk: entries as JSON files of a folder."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.files import Threads, open_layout, settle, stage, sync_folder
from app.digest import Digest
from app.errors import DigestError, StoreError
from app.store.entry_json import check_key, dump_entry, load_entry, with_facts
from app.store.ports import BlobStore, Entry


class DiskRecipeIndex:
    """Entries under `<cache>/v1/recipes`, readable with any editor; an edited one counts as damaged.

    Raises:
        StoreError: the cache is not a folder, or cannot be written.
    """

    def __init__(self, cache: Path, blobs: BlobStore) -> None:
        self._layout = open_layout(cache)
        self._blobs = blobs
        self._threads = Threads()

    async def put(self, entry: Entry) -> None:
        """Write an entry after its blobs. A complete one that is there stays; a broken one is replaced."""
        check_key(entry)
        data = dump_entry(entry)
        if missing := await self._missing(entry):
            raise StoreError(
                f"Expected every blob of {entry.key!r} to be stored, got none for {missing}; store it first."
            )
        if await self.get(entry.key) is not None or await self._threads.run(self._add, entry.key, data):
            return
        if await self.get(entry.key) is None:
            await self._threads.run(self._replace, entry.key, data)

    async def get(self, key: Digest) -> Entry | None:
        """Return the entry if it is readable and its blobs exist; beside blobs on this disk in one step of a thread."""
        if isinstance(self._blobs, DiskBlobStore):
            return await self._threads.run(self._whole, self._layout.recipe(key), self._blobs)
        entry = await self._threads.run(self._load, self._layout.recipe(key))
        return None if entry is None or await self._missing(entry) else entry

    async def add_facts(self, key: Digest, facts: Mapping[str, Any]) -> None:
        """Write the file anew, in one step; of two at once the later one stays. One that is deleted stays away."""
        if (entry := await self.get(key)) is not None:
            await self._threads.run(self._replace, key, dump_entry(with_facts(entry, facts)), only_if_there=True)

    async def delete(self, key: Digest) -> None:
        """Delete the file."""
        await self._threads.run(self._unlink, self._layout.recipe(key))

    async def scan(self) -> AsyncIterator[Entry]:
        """Yield entries folder by folder; unreadable ones go to quarantine."""
        for folder in await self._threads.run(_listing, self._layout.recipes, "*"):
            for entry in await self._threads.run(self._load_all, folder):
                yield entry

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names in quarantine."""
        return await self._threads.run(self._layout.aside, "recipe")

    async def _missing(self, entry: Entry) -> str:
        """Return the first role whose blob is not stored, or an empty text."""
        for role, digest in entry.blobs.items():
            if await self._blobs.facts(digest) is None:
                return f"`{role}` ({digest})"
        return ""

    def _add(self, key: Digest, data: bytes) -> bool:
        staged = stage(self._layout, [data])
        try:
            return settle(staged, self._layout.recipe(key))
        finally:
            staged.unlink(missing_ok=True)

    def _unlink(self, path: Path) -> None:
        if path.parent.is_dir():
            with _alone_in(path.parent):
                path.unlink(missing_ok=True)

    def _replace(self, key: Digest, data: bytes, *, only_if_there: bool = False) -> None:
        target = self._layout.recipe(key)
        staged = stage(self._layout, [data])
        try:
            with _alone_in(target.parent):
                if only_if_there and not target.exists():
                    return
                staged.replace(target)
        finally:
            staged.unlink(missing_ok=True)
        sync_folder(target.parent)

    def _load(self, path: Path) -> Entry | None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return load_entry(data, key=Digest(path.stem))
        except StoreError:
            with suppress(FileNotFoundError):
                if path.read_bytes() == data:
                    self._layout.put_aside(path, prefix="recipe")
            return None

    def _whole(self, path: Path, blobs: DiskBlobStore) -> Entry | None:
        entry = self._load(path)
        return entry if entry is not None and all(map(blobs.has, entry.blobs.values())) else None

    def _load_all(self, folder: Path) -> list[Entry]:
        entries: list[Entry] = []
        for path in _listing(folder, "*.json"):
            with suppress(DigestError):
                key = Digest(path.stem)
                entry = self._load(path) if key.startswith(folder.name) else None
                entries += [] if entry is None else [entry]
        return entries


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other deletions and replacements of a folder out, in every process, where its file system has locks."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # network mounts may refuse to lock a folder
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _listing(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.is_dir() else []
