"""Blob store on disk: files of a folder, named by their digest."""

import hashlib
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from app.adapters.disk.files import Threads, open_layout, settle, stage, sync_folder
from app.digest import Digest
from app.errors import BlobCorruptError, BlobNotFoundError, BlobTooLargeError, DigestError, StoreError
from app.store.ports import BlobFacts

CHUNK_BYTES = 1 << 18
"""Size of a streamed piece.

Small enough to start playing, large enough that the change of thread costs little.
"""

_TRIES = 3
"""Tries to take a name; each failure means that wrong bytes under it were just moved to quarantine."""

_Fingerprint = tuple[int, int, int]
"""Inode, size and change time of a file whose bytes were verified."""


class DiskBlobStore:
    """Immutable files named by their sha256 under `<cache>/v1/blobs`.

    The first use of a blob in a process reads all of it and compares the digest. Later uses compare size,
    inode and time with those verified then, and read again only after a change.

    Raises:
        StoreError: the cache is not a folder, or cannot be written.
    """

    def __init__(self, cache: Path) -> None:
        self._layout = open_layout(cache)
        self._threads = Threads()
        self._verified: dict[Digest, _Fingerprint] = {}

    async def put_file(self, path: Path, *, limit_bytes: int | None = None) -> BlobFacts:
        """Copy a finished file, also from another file system."""
        return await self._threads.run(self._put_file, path, limit_bytes)

    async def put_bytes(self, data: bytes) -> BlobFacts:
        """Store bytes."""
        return await self._threads.run(self._put, [data], None)

    async def ping(self) -> None:
        """Look whether the folder is there."""
        if not await self._threads.run(self._layout.blobs.is_dir):
            raise StoreError(f"Cannot find the folder `{self._layout.blobs}`; mount it again, or start anew.")

    async def facts(self, digest: Digest) -> BlobFacts | None:
        """Return size and time from the folder, without reading."""
        return await self._threads.run(self._facts, digest)

    def has(self, digest: Digest) -> bool:
        """Return whether the file is there. Blocking: for a caller that is in a thread already."""
        return self._facts(digest) is not None

    async def read(self, digest: Digest) -> bytes:
        """Return the whole blob, hashed in any case."""
        return await self._threads.run(self._read, digest)

    async def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield pieces of a blob. The file is opened once, so deleting the blob does not cut a stream off."""
        file = await self._threads.run(self._open, digest, start)
        try:
            left = None if end is None else max(end - start, 0)
            while piece := await self._threads.run(file.read, _piece_bytes(left)):
                left = None if left is None else left - len(piece)
                yield piece
        finally:
            file.close()

    async def verify(self, digest: Digest) -> bool:
        """Read all of it again, verified before or not."""
        self._verified.pop(digest, None)
        try:
            await self._threads.run(self._check, digest)
        except BlobCorruptError:
            return False
        return True

    async def address(self, digest: Digest) -> str | None:
        """Return None: no other process serves this disk."""
        Digest(digest)
        return None

    async def delete(self, digest: Digest) -> None:
        """Delete the file."""
        self._verified.pop(digest, None)
        await self._threads.run(self._layout.blob(digest).unlink, missing_ok=True)

    async def scan(self) -> AsyncIterator[BlobFacts]:
        """Yield blobs folder by folder.

        A file that is not named by a digest in its own folder is not ours and left out.
        """
        for folder in await self._threads.run(_folders, self._layout.blobs):
            for facts in await self._threads.run(self._list, folder):
                yield facts

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names in quarantine."""
        return await self._threads.run(self._layout.aside, "blob")

    def _put_file(self, path: Path, limit_bytes: int | None) -> BlobFacts:
        with path.open("rb") as file:
            return self._put(iter(lambda: file.read(CHUNK_BYTES), b""), limit_bytes)

    def _put(self, chunks: Iterable[bytes], limit_bytes: int | None) -> BlobFacts:
        hashed = _HashedChunks(chunks, limit_bytes)
        staged = stage(self._layout, hashed)
        try:
            self._place(staged, hashed.digest)
        finally:
            staged.unlink(missing_ok=True)
        facts = self._facts(hashed.digest)
        if facts is None:
            raise StoreError(f"Cannot store the blob {hashed.digest!r}: it was deleted meanwhile. Store it again.")
        return facts

    def _place(self, staged: Path, digest: Digest) -> None:
        target = self._layout.blob(digest)
        for _ in range(_TRIES):
            if settle(staged, target):
                self._verified[digest] = _fingerprint(target.stat())
                return
            with suppress(BlobNotFoundError, BlobCorruptError, FileNotFoundError):
                self._refresh(self._check(digest), digest)
                return
        raise StoreError(f"Cannot store `{target}`: something keeps writing wrong bytes to it. Find out what.")

    def _refresh(self, path: Path, digest: Digest) -> None:
        """Renew a blob's time, so that a sweep leaves it for the entry that is about to name it."""
        with suppress(PermissionError):
            os.utime(path)
        self._verified[digest] = _fingerprint(path.stat())
        sync_folder(path.parent)

    def _check(self, digest: Digest) -> Path:
        """Return the blob's path once its bytes are verified."""
        path = self._layout.blob(digest)
        try:
            with path.open("rb") as file:
                fingerprint = _fingerprint(os.fstat(file.fileno()))
                if self._verified.get(digest) == fingerprint:
                    return path
                actual = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise _not_found(digest) from error
        self._compare(digest, actual, fingerprint)
        return path

    def _read(self, digest: Digest) -> bytes:
        try:
            with self._layout.blob(digest).open("rb") as file:
                fingerprint = _fingerprint(os.fstat(file.fileno()))
                data = file.read()
        except FileNotFoundError as error:
            raise _not_found(digest) from error
        self._compare(digest, hashlib.sha256(data).hexdigest(), fingerprint)
        return data

    def _compare(self, digest: Digest, actual: str, fingerprint: _Fingerprint) -> None:
        """Record verified bytes.

        Move wrong ones to quarantine unless another process has just replaced them.
        """
        if actual == digest:
            self._verified[digest] = fingerprint
            return
        self._verified.pop(digest, None)
        path = self._layout.blob(digest)
        with suppress(FileNotFoundError):
            if _fingerprint(path.stat()) == fingerprint:
                self._layout.put_aside(path, prefix="blob")
        raise BlobCorruptError(f"Expected bytes with the digest {digest!r}, got {actual!r}; they are in quarantine.")

    def _open(self, digest: Digest, start: int) -> BinaryIO:
        if start < 0:
            raise StoreError(f"Expected a start of 0 or more, got {start!r}; count from the beginning.")
        path = self._check(digest)
        try:
            file = path.open("rb")
        except FileNotFoundError as error:
            raise _not_found(digest) from error
        file.seek(start)
        return file

    def _facts(self, digest: Digest) -> BlobFacts | None:
        try:
            status = self._layout.blob(digest).stat()
        except FileNotFoundError:
            return None
        stored_at = datetime.fromtimestamp(status.st_mtime, UTC)
        return BlobFacts(digest=Digest(digest), size_bytes=status.st_size, stored_at=stored_at)

    def _list(self, folder: Path) -> list[BlobFacts]:
        found: list[BlobFacts] = []
        for path in _children(folder):
            with suppress(DigestError):
                facts = self._facts(Digest(path.name)) if path.name.startswith(folder.name) else None
                found += [] if facts is None else [facts]
        return found


class _HashedChunks:
    """Chunks passed through, hashed and counted against a limit."""

    def __init__(self, chunks: Iterable[bytes], limit_bytes: int | None) -> None:
        self._chunks = chunks
        self._limit_bytes = limit_bytes
        self._sha = hashlib.sha256()

    @property
    def digest(self) -> Digest:
        """Return the digest of the chunks so far."""
        return Digest(self._sha.hexdigest())

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._chunks:
            size += len(chunk)
            if self._limit_bytes is not None and size > self._limit_bytes:
                raise BlobTooLargeError(f"Expected at most {self._limit_bytes} bytes, got more; send a smaller file.")
            self._sha.update(chunk)
            yield chunk


def _piece_bytes(left: int | None) -> int:
    return CHUNK_BYTES if left is None else min(CHUNK_BYTES, left)


def _fingerprint(status: os.stat_result) -> _Fingerprint:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _not_found(digest: Digest) -> BlobNotFoundError:
    return BlobNotFoundError(
        f"Cannot find blob {digest!r} in the store; `greenroom store verify` lists what is missing."
    )


def _folders(root: Path) -> list[Path]:
    return [path for path in _children(root) if path.is_dir()]


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
