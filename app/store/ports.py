"""What the store needs from the world: a place for bytes and a place for recipes."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from app.digest import Digest
from app.store.labels import Labels


@dataclass(frozen=True, slots=True)
class BlobFacts:
    """What the store knows of a blob without reading it."""

    digest: Digest
    size_bytes: int
    stored_at: datetime


class BlobStore(Protocol):
    """Immutable bytes named by their sha256."""

    async def put_file(self, path: Path, *, limit_bytes: int | None = None) -> BlobFacts:
        """Take a finished file in (the original stays); storing the same bytes again is success and makes them young.

        Raises:
            BlobTooLargeError: more than `limit_bytes`.
            StoreError: the disk is full or refuses; nothing is half written.
        """
        ...

    async def put_bytes(self, data: bytes) -> BlobFacts:
        """Take bytes in, as `put_file` does."""
        ...

    async def facts(self, digest: Digest) -> BlobFacts | None:
        """Size and time of a blob, or None."""
        ...

    async def read(self, digest: Digest) -> bytes:
        """The whole blob, verified.

        Raises:
            BlobNotFoundError: it is not there.
            BlobCorruptError: its bytes have changed; it is quarantined.
        """
        ...

    def stream(self, digest: Digest, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to but not including `end`, in pieces; what lies past the end is not there.

        Raises, at the first piece:
            BlobNotFoundError: it is not there.
            BlobCorruptError: its bytes have changed; it is quarantined.
        """
        ...

    async def verify(self, digest: Digest) -> bool:
        """Read the blob and compare its digest; wrong bytes are quarantined and False comes back.

        Raises:
            BlobNotFoundError: it is not there.
        """
        ...

    async def address(self, digest: Digest) -> str | None:
        """Where anybody can fetch the blob from the storage itself, for the next half hour at least; None if nowhere.

        The blob need not be there.
        """
        ...

    async def delete(self, digest: Digest) -> None:
        """Remove a blob; removing one that is not there is success."""
        ...

    def scan(self) -> AsyncIterator[BlobFacts]:
        """Every blob, in no particular order."""
        ...

    async def quarantined(self) -> tuple[str, ...]:
        """Names of the blobs put aside because their bytes were wrong, each `blob-<digest>-...`."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """What was asked and what it led to.

    `kind` is `clip` or `speech`; `recipe` the document whose digest is `key`; `labels` says for people what it was
    first made for (`intent`, `locale`, `variant`, `text`, or `generated`); `blobs` maps a role (`video`, `poster`,
    `captions`, `provenance`, `audio`, `timing`) to its digest; `media` holds media facts (`duration_s`, `width`, ...).
    """

    key: Digest
    kind: str
    recipe: Mapping[str, Any]
    labels: Labels
    blobs: Mapping[str, Digest]
    media: Mapping[str, Any]
    created_at: datetime


class RecipeIndex(Protocol):
    """Recipe key to entry: an action cache. An entry is only given out if every blob it names exists."""

    async def put(self, entry: Entry) -> None:
        """Write an entry; its blobs must be stored already. Of two with one key the first stays, if it is whole.

        Raises:
            StoreError: a blob it names is missing, the key is not the recipe's digest, or the disk refuses.
        """
        ...

    async def get(self, key: Digest) -> Entry | None:
        """The entry, or None when there is none or one of its blobs is gone."""
        ...

    async def delete(self, key: Digest) -> None:
        """Forget an entry; its blobs stay until a sweep."""
        ...

    def scan(self) -> AsyncIterator[Entry]:
        """Every entry, whole or not, in no particular order; one that cannot be read is put aside and left out."""
        ...

    async def quarantined(self) -> tuple[str, ...]:
        """Names of the entries put aside because they could not be read, each `recipe-<key>-...`."""
        ...
