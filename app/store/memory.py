"""In-memory store, for tests and for trying things without a disk."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.digest import Digest, digest_bytes
from app.errors import BlobCorruptError, BlobNotFoundError, BlobTooLargeError, StoreError
from app.store.entry_json import check_key, dump_entry, load_entry, with_facts
from app.store.ports import BlobFacts, BlobStore, Entry

PIECE_BYTES = 1 << 16
"""Size of a streamed piece."""

Clock = Callable[[], datetime]


class MemoryBlobStore:
    """Blob store in a dictionary; `capacity_bytes` makes it fail as a full disk does."""

    def __init__(self, *, clock: Clock = lambda: datetime.now(UTC), capacity_bytes: int | None = None) -> None:
        self._clock = clock
        self._capacity_bytes = capacity_bytes
        self._blobs: dict[Digest, tuple[bytes, datetime]] = {}
        self._quarantine: list[str] = []

    async def put_file(self, path: Path, *, limit_bytes: int | None = None) -> BlobFacts:
        """Read a file and store its bytes."""
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise StoreError(f"Cannot read the file to store: {error}.") from error
        if limit_bytes is not None and len(data) > limit_bytes:
            raise BlobTooLargeError(f"Expected at most {limit_bytes} bytes, got {len(data)}; send a smaller file.")
        return self._put(data)

    async def put_bytes(self, data: bytes) -> BlobFacts:
        """Store the bytes."""
        return self._put(data)

    async def ping(self) -> None:
        """Return: memory is always there."""

    async def facts(self, digest: Digest) -> BlobFacts | None:
        """Return size and time."""
        if (found := self._blobs.get(Digest(digest))) is None:
            return None
        data, stored_at = found
        return BlobFacts(digest=Digest(digest), size_bytes=len(data), stored_at=stored_at)

    async def read(self, digest: Digest) -> bytes:
        """Return the bytes after hashing them."""
        return self._checked(digest)

    async def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes in pieces."""
        if start < 0:
            raise StoreError(f"Expected a start of 0 or more, got {start!r}; count from the beginning.")
        data = self._checked(digest)
        stop = len(data) if end is None else min(end, len(data))
        for position in range(start, stop, PIECE_BYTES):
            yield data[position : min(position + PIECE_BYTES, stop)]

    async def verify(self, digest: Digest) -> bool:
        """Hash the bytes and compare."""
        try:
            self._checked(digest)
        except BlobCorruptError:
            return False
        return True

    async def address(self, digest: Digest) -> str | None:
        """Return None: no other process reads this memory."""
        Digest(digest)
        return None

    async def delete(self, digest: Digest) -> None:
        """Delete the bytes."""
        self._blobs.pop(Digest(digest), None)

    async def scan(self) -> AsyncIterator[BlobFacts]:
        """Yield every blob."""
        for digest in list(self._blobs):
            if (facts := await self.facts(digest)) is not None:
                yield facts

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names of what was quarantined."""
        return tuple(self._quarantine)

    def damage(self, digest: Digest, data: bytes) -> None:
        """Replace the bytes behind a digest, as a failing disk would."""
        self._blobs[digest] = (data, self._blobs[digest][1])

    def _put(self, data: bytes) -> BlobFacts:
        digest = digest_bytes(data)
        others = sum(len(other) for name, (other, _) in self._blobs.items() if name != digest)
        if self._capacity_bytes is not None and others + len(data) > self._capacity_bytes:
            raise StoreError(f"Cannot store the blob: the store is full at {self._capacity_bytes} bytes; free space.")
        stored_at = self._clock()
        if digest in self._blobs and self._blobs[digest][0] != data:
            self._move_to_quarantine(digest)
        self._blobs[digest] = (data, stored_at)
        return BlobFacts(digest=digest, size_bytes=len(data), stored_at=stored_at)

    def _checked(self, digest: Digest) -> bytes:
        if (found := self._blobs.get(Digest(digest))) is None:
            raise BlobNotFoundError(f"Cannot find blob {digest!r} in the store; store it first.")
        if (actual := digest_bytes(found[0])) != digest:
            self._move_to_quarantine(digest)
            raise BlobCorruptError(
                f"Expected bytes with the digest {digest!r}, got {actual!r}; they are in quarantine."
            )
        return found[0]

    def _move_to_quarantine(self, digest: Digest) -> None:
        del self._blobs[digest]
        self._quarantine.append(f"blob-{digest}-{len(self._quarantine)}")


class MemoryRecipeIndex:
    """Recipe index in a dictionary, in the form in which other stores write entries."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._entries: dict[Digest, bytes] = {}
        self._quarantine: list[str] = []

    async def put(self, entry: Entry) -> None:
        """Store an entry whose blobs are stored."""
        check_key(entry)
        data = dump_entry(entry)
        if not await self._has_blobs(entry):
            raise StoreError(f"Expected every blob of {entry.key!r} to be stored, got one that is not; store it first.")
        if await self.get(entry.key) is None:
            self._entries[entry.key] = data

    async def get(self, key: Digest) -> Entry | None:
        """Return the entry if all its blobs exist."""
        entry = self._load(Digest(key))
        return entry if entry is not None and await self._has_blobs(entry) else None

    async def add_facts(self, key: Digest, facts: Mapping[str, Any]) -> None:
        """Write the entry anew with more facts."""
        if (entry := await self.get(key)) is not None:
            self._entries[entry.key] = dump_entry(with_facts(entry, facts))

    async def delete(self, key: Digest) -> None:
        """Delete the entry."""
        self._entries.pop(Digest(key), None)

    async def scan(self) -> AsyncIterator[Entry]:
        """Yield every entry."""
        for key in list(self._entries):
            if (entry := self._load(key)) is not None:
                yield entry

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names of what was quarantined."""
        return tuple(self._quarantine)

    def damage(self, key: Digest, data: bytes) -> None:
        """Replace the written form of an entry, as a failing disk would."""
        self._entries[key] = data

    async def _has_blobs(self, entry: Entry) -> bool:
        return all([await self._blobs.facts(digest) is not None for digest in entry.blobs.values()])

    def _load(self, key: Digest) -> Entry | None:
        if (data := self._entries.get(key)) is None:
            return None
        try:
            return load_entry(data, key=key)
        except StoreError:
            del self._entries[key]
            self._quarantine.append(f"recipe-{key}-{len(self._quarantine)}")
            return None
