"""Ports of the store: blobs (bytes by their digest) and recipes (entries by their key)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from app.digest import Digest
from app.store.labels import Labels


@dataclass(frozen=True, slots=True)
class BlobFacts:
    """Facts about a blob that need no reading of it."""

    digest: Digest
    size_bytes: int
    stored_at: datetime


class BlobStore(Protocol):
    """Immutable bytes named by their sha256."""

    async def put_file(self, path: Path, *, limit_bytes: int | None = None) -> BlobFacts:
        """Store a finished file; the original stays.

        Storing the same bytes again succeeds and renews their time.

        Raises:
            BlobTooLargeError: more than `limit_bytes`.
            StoreError: the disk is full or refuses; nothing is half written.
        """
        ...

    async def put_bytes(self, data: bytes) -> BlobFacts:
        """Store bytes, as `put_file` does."""
        ...

    async def ping(self) -> None:
        """Ask whether the store is there, cheaply and without retries of our own.

        Raises:
            StoreError: its folder or bucket is missing, or it does not answer.
        """
        ...

    async def facts(self, digest: Digest) -> BlobFacts | None:
        """Return size and time of a blob, or None."""
        ...

    async def read(self, digest: Digest) -> bytes:
        """Return the whole blob, verified.

        Raises:
            BlobNotFoundError: it is not there.
            BlobCorruptError: its bytes have changed; it is quarantined.
        """
        ...

    def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to but not including `end`, in pieces.

        An `end` past the last byte is allowed.

        Raises, at the first piece:
            BlobNotFoundError: it is not there.
            BlobCorruptError: its bytes have changed; it is quarantined.
        """
        ...

    async def verify(self, digest: Digest) -> bool:
        """Read the blob and compare its digest. Wrong bytes are quarantined and the result is False.

        Raises:
            BlobNotFoundError: it is not there.
        """
        ...

    async def address(self, digest: Digest) -> str | None:
        """Return a URL at which anybody can fetch the blob from the storage itself, or None.

        It is valid for the next half hour at least. The blob need not exist.
        """
        ...

    async def delete(self, digest: Digest) -> None:
        """Delete a blob; deleting one that is not there succeeds."""
        ...

    def scan(self) -> AsyncIterator[BlobFacts]:
        """Yield every blob, in no particular order."""
        ...

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names of the quarantined blobs, each `blob-<digest>-...`."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """Stored result of a recipe: the recipe and the blobs it led to.

    `kind` is `clip` or `speech`; `recipe` the document whose digest is `key`; `labels` says for people what
    it was first made for (`intent`, `locale`, `variant`, `text`, or `generated`); `blobs` maps a role
    (`video`, `poster`, `captions`, `provenance`, `audio`, `timing`) to its digest; `media` holds media facts
    (`duration_s`, `width`, ...).
    """

    key: Digest
    kind: str
    recipe: Mapping[str, Any]
    labels: Labels
    blobs: Mapping[str, Digest]
    media: Mapping[str, Any]
    created_at: datetime


class RecipeIndex(Protocol):
    """Index from recipe key to entry: an action cache.

    It returns an entry only if every blob it names exists.
    """

    async def put(self, entry: Entry) -> None:
        """Store an entry whose blobs are stored. Of two with one key the first stays, if its blobs exist.

        Raises:
            StoreError: a blob it names is missing, the key is not the recipe's digest, or the disk refuses.
        """
        ...

    async def get(self, key: Digest) -> Entry | None:
        """Return the entry, or None when there is none or one of its blobs is gone."""
        ...

    async def add_facts(self, key: Digest, facts: Mapping[str, Any]) -> None:
        """Add media facts to a stored entry, or do nothing if there is none; facts that it has stay as they are.

        Raises:
            StoreError: the disk refuses.
        """
        ...

    async def delete(self, key: Digest) -> None:
        """Delete an entry; its blobs stay until a sweep."""
        ...

    def scan(self) -> AsyncIterator[Entry]:
        """Yield every entry, also those with blobs missing, in no particular order.

        An entry that cannot be read is quarantined and left out.
        """
        ...

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names of the quarantined entries, each `recipe-<key>-...`."""
        ...
