"""Blobs as objects of a bucket."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from app.adapters.s3.bucket import ONE_REQUEST_BYTES, Bucket, Headers, StoredObject
from app.adapters.s3.layout import BLOBS, Quarantine, blob_headers, blob_name
from app.digest import Digest, digest_bytes
from app.errors import BlobCorruptError, BlobNotFoundError, BlobTooLargeError, DigestError, StoreError
from app.store.ports import BlobFacts

_TRIES = 3
"""To take a name; each failure means that wrong bytes under it were just put aside."""

_HEAD_BYTES = 16
"""Enough to tell what kind of file it is."""

_Seen = tuple[str, int]
"""Tag and size of an object whose bytes were found right."""


class ObjectBlobStore:
    """Immutable objects named by their sha256.

    The first use of a blob in a process reads all of it and compares the digest; later uses compare the server's tag
    and size with what was found then. What this process wrote, it knows.
    """

    def __init__(self, bucket: Bucket, *, signed_for_s: float | None = None) -> None:
        """`signed_for_s`: how long addresses are good; None gives none out."""
        self._bucket = bucket
        self._signed_for_s = signed_for_s
        self._aside = Quarantine(bucket, "blob")
        self._seen: dict[Digest, _Seen] = {}

    async def put_file(self, path: Path, *, limit_bytes: int | None = None) -> BlobFacts:
        """Send a finished file: a short one from memory, a long one in parts."""
        size = await asyncio.to_thread(_size, path)
        if limit_bytes is not None and size > limit_bytes:
            raise BlobTooLargeError(f"Expected at most {limit_bytes} bytes, got {size}; send a smaller file.")
        if size <= ONE_REQUEST_BYTES:
            return await self.put_bytes(await asyncio.to_thread(_content, path))
        digest, head = await asyncio.to_thread(_hashed, path)
        facts = await self._place(digest, path, blob_headers(head))
        if (await asyncio.to_thread(_hashed, path))[0] != digest:
            await self.delete(digest)
            raise StoreError(f"Expected `{path.name}` to be finished, got another content while it was sent.")
        return facts

    async def put_bytes(self, data: bytes) -> BlobFacts:
        """Send bytes."""
        return await self._place(digest_bytes(data), data, blob_headers(data))

    async def facts(self, digest: Digest) -> BlobFacts | None:
        """Size and time from the server, without reading."""
        held = await self._bucket.head(blob_name(digest))
        return None if held is None else _facts(digest, held)

    async def read(self, digest: Digest) -> bytes:
        """The whole blob, hashed on the way whatever was seen before."""
        return (await self._read(digest))[0]

    async def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Pieces of a blob, all of one version."""
        if start < 0:
            raise StoreError(f"Expected a start of 0 or more, got {start!r}; count from the beginning.")
        held = await self._check(digest)
        stop = held.size_bytes if end is None else min(end, held.size_bytes)
        if start < stop:
            async for piece in self._bucket.stream(held, start=start, end=stop):
                yield piece

    async def verify(self, digest: Digest) -> bool:
        """Read all of it again, whatever was seen before."""
        try:
            await self._read(digest)
        except BlobCorruptError:
            return False
        return True

    async def delete(self, digest: Digest) -> None:
        """Remove the object."""
        self._seen.pop(digest, None)
        await self._bucket.delete(blob_name(digest))

    async def scan(self) -> AsyncIterator[BlobFacts]:
        """Every object that is named by a digest in its own folder; others are not ours and left out."""
        async for held in self._bucket.scan(BLOBS):
            with suppress(DigestError):
                digest = Digest(held.name.rpartition("/")[2])
                if held.name == blob_name(digest):
                    yield _facts(digest, held)

    async def quarantined(self) -> tuple[str, ...]:
        """Names in quarantine."""
        return await self._aside.names()

    async def address(self, digest: Digest) -> str | None:
        """A signed address at the bucket."""
        name = blob_name(digest)
        return None if self._signed_for_s is None else await self._bucket.sign(name, expires_s=self._signed_for_s)

    async def _place(self, digest: Digest, data: bytes | Path, headers: Headers) -> BlobFacts:
        """Take the name, or see that it holds these bytes and make them young, for the entry that will name them."""
        name = blob_name(digest)
        for _ in range(_TRIES):
            placed = await self._bucket.create(name, data, headers)
            with suppress(BlobNotFoundError, BlobCorruptError):
                if not placed:
                    await self._check(digest)
                    await self._bucket.replace(name, data, headers)
                held = await self._held(digest)
                self._seen[digest] = _seen(held)
                return _facts(digest, held)
        raise StoreError(f"Something keeps writing wrong bytes to `{name}`; find out what before going on.")

    async def _check(self, digest: Digest) -> StoredObject:
        """The blob's object once its bytes are known to be right."""
        held = await self._held(digest)
        return held if self._seen.get(digest) == _seen(held) else (await self._read(digest))[1]

    async def _held(self, digest: Digest) -> StoredObject:
        held = await self._bucket.head(blob_name(digest))
        if held is None:
            raise _not_found(digest)
        return held

    async def _read(self, digest: Digest) -> tuple[bytes, StoredObject]:
        self._seen.pop(digest, None)
        found = await self._bucket.read(blob_name(digest))
        if found is None:
            raise _not_found(digest)
        data, held = found
        actual = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        if actual == digest:
            self._seen[digest] = _seen(held)
            return data, held
        await self._put_aside(held)
        raise BlobCorruptError(f"Expected bytes with the digest {digest!r}, got {actual!r}; they are in quarantine.")

    async def _put_aside(self, held: StoredObject) -> None:
        """Move wrong bytes away unless another process has just exchanged them for right ones."""
        now = await self._bucket.head(held.name)
        if now is not None and _seen(now) == _seen(held):
            await self._aside.put(held.name)


def _facts(digest: Digest, held: StoredObject) -> BlobFacts:
    return BlobFacts(digest=Digest(digest), size_bytes=held.size_bytes, stored_at=held.stored_at)


def _seen(held: StoredObject) -> _Seen:
    return held.tag, held.size_bytes


def _not_found(digest: Digest) -> BlobNotFoundError:
    return BlobNotFoundError(f"The store has no blob {digest!r}; `greenroom store verify` lists what is missing.")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise StoreError(f"Expected a readable file, got {error}.") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"Expected a readable file, got {error}.") from error


def _hashed(path: Path) -> tuple[Digest, bytes]:
    """The digest of a file and how it begins."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            file.seek(0)
            return Digest(hashlib.file_digest(file, "sha256").hexdigest()), head
    except OSError as error:
        raise StoreError(f"Expected a readable file, got {error}.") from error
