"""Blob store in a bucket: objects named by their digest."""

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
"""Tries to take a name; each failure means that wrong bytes under it were just moved to quarantine."""

_HEAD_BYTES = 16
"""Bytes from which the kind of a file is recognised."""

_Version = tuple[str, int]
"""Tag and size of an object whose bytes were verified."""


class ObjectBlobStore:
    """Immutable objects named by their sha256.

    The first use of a blob in a process reads all of it and compares the digest. Later uses compare the
    server's tag and size with those verified then. Objects that this process wrote count as verified.
    """

    def __init__(self, bucket: Bucket, *, signed_for_s: float | None = None) -> None:
        """Take `signed_for_s`, the validity of signed addresses in seconds; None: no addresses."""
        self._bucket = bucket
        self._signed_for_s = signed_for_s
        self._quarantine = Quarantine(bucket, "blob")
        self._seen: dict[Digest, _Version] = {}

    async def put_file(self, path: Path, *, limit_bytes: int | None = None) -> BlobFacts:
        """Upload a finished file: a short one from memory, a long one in parts."""
        size = await asyncio.to_thread(_size, path)
        if limit_bytes is not None and size > limit_bytes:
            raise BlobTooLargeError(f"Expected at most {limit_bytes} bytes, got {size}; send a smaller file.")
        if size <= ONE_REQUEST_BYTES:
            return await self.put_bytes(await asyncio.to_thread(_content, path))
        digest, head = await asyncio.to_thread(_hashed, path)
        facts = await self._place(digest, path, blob_headers(head))
        if (await asyncio.to_thread(_hashed, path))[0] != digest:
            await self.delete(digest)
            raise StoreError(f"Cannot store `{path.name}`: it changed while it was sent. Finish it first.")
        return facts

    async def put_bytes(self, data: bytes) -> BlobFacts:
        """Upload bytes."""
        return await self._place(digest_bytes(data), data, blob_headers(data))

    async def ping(self) -> None:
        """List a prefix that holds nothing: a bucket that is missing, or refuses, answers with an error."""
        await self._bucket.ping()

    async def facts(self, digest: Digest) -> BlobFacts | None:
        """Return size and time from the server, without reading."""
        stored_object = await self._bucket.head(blob_name(digest))
        return None if stored_object is None else _facts(digest, stored_object)

    async def read(self, digest: Digest) -> bytes:
        """Return the whole blob, hashed in any case."""
        return (await self._read(digest))[0]

    async def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield pieces of a blob, all of one version."""
        if start < 0:
            raise StoreError(f"Expected a start of 0 or more, got {start!r}; count from the beginning.")
        stored_object = await self._check(digest)
        stop = stored_object.size_bytes if end is None else min(end, stored_object.size_bytes)
        if start < stop:
            async for piece in self._bucket.stream(stored_object, start=start, end=stop):
                yield piece

    async def verify(self, digest: Digest) -> bool:
        """Read all of it again, verified before or not."""
        try:
            await self._read(digest)
        except BlobCorruptError:
            return False
        return True

    async def delete(self, digest: Digest) -> None:
        """Delete the object."""
        self._seen.pop(digest, None)
        await self._bucket.delete(blob_name(digest))

    async def scan(self) -> AsyncIterator[BlobFacts]:
        """Yield every object that is named by a digest in its own folder.

        Others are not ours and left out.
        """
        async for stored_object in self._bucket.scan(BLOBS):
            with suppress(DigestError):
                digest = Digest(stored_object.name.rpartition("/")[2])
                if stored_object.name == blob_name(digest):
                    yield _facts(digest, stored_object)

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names in quarantine."""
        return await self._quarantine.names()

    async def address(self, digest: Digest) -> str | None:
        """Return a signed address at the bucket."""
        name = blob_name(digest)
        return None if self._signed_for_s is None else await self._bucket.sign(name, expires_s=self._signed_for_s)

    async def _place(self, digest: Digest, data: bytes | Path, headers: Headers) -> BlobFacts:
        """Take the name, or verify its bytes and renew their time for the entry that will name them."""
        name = blob_name(digest)
        for _ in range(_TRIES):
            placed = await self._bucket.create(name, data, headers)
            with suppress(BlobNotFoundError, BlobCorruptError):
                if not placed:
                    await self._check(digest)
                    await self._bucket.replace(name, data, headers)
                stored_object = await self._held(digest)
                self._seen[digest] = _seen(stored_object)
                return _facts(digest, stored_object)
        raise StoreError(f"Cannot store `{name}`: something keeps writing wrong bytes to it. Find out what.")

    async def _check(self, digest: Digest) -> StoredObject:
        """Return the blob's object once its bytes are verified."""
        stored_object = await self._held(digest)
        return stored_object if self._seen.get(digest) == _seen(stored_object) else (await self._read(digest))[1]

    async def _held(self, digest: Digest) -> StoredObject:
        stored_object = await self._bucket.head(blob_name(digest))
        if stored_object is None:
            raise _not_found(digest)
        return stored_object

    async def _read(self, digest: Digest) -> tuple[bytes, StoredObject]:
        self._seen.pop(digest, None)
        found = await self._bucket.read(blob_name(digest))
        if found is None:
            raise _not_found(digest)
        data, stored_object = found
        actual = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        if actual == digest:
            self._seen[digest] = _seen(stored_object)
            return data, stored_object
        await self._move_to_quarantine(stored_object)
        raise BlobCorruptError(f"Expected bytes with the digest {digest!r}, got {actual!r}; they are in quarantine.")

    async def _move_to_quarantine(self, stored_object: StoredObject) -> None:
        """Move wrong bytes to quarantine unless another process has just replaced them."""
        now = await self._bucket.head(stored_object.name)
        if now is not None and _seen(now) == _seen(stored_object):
            await self._quarantine.put(stored_object.name)


def _facts(digest: Digest, stored_object: StoredObject) -> BlobFacts:
    return BlobFacts(digest=Digest(digest), size_bytes=stored_object.size_bytes, stored_at=stored_object.stored_at)


def _seen(stored_object: StoredObject) -> _Version:
    return stored_object.tag, stored_object.size_bytes


def _not_found(digest: Digest) -> BlobNotFoundError:
    return BlobNotFoundError(
        f"Cannot find blob {digest!r} in the store; `greenroom store verify` lists what is missing."
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise StoreError(f"Cannot read the file to store: {error}.") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"Cannot read the file to store: {error}.") from error


def _hashed(path: Path) -> tuple[Digest, bytes]:
    """Return the digest of a file and its first bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            file.seek(0)
            return Digest(hashlib.file_digest(file, "sha256").hexdigest()), head
    except OSError as error:
        raise StoreError(f"Cannot read the file to store: {error}.") from error
