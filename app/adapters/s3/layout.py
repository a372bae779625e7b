"""Layout of a bucket: the same names as in a folder, so that any copying tool moves one to the other."""

import secrets
from dataclasses import dataclass

from app.adapters.s3.bucket import Bucket, Headers
from app.digest import Digest

BLOBS, RECIPES, QUARANTINE = "v1/blobs/sha256", "v1/recipes", "v1/quarantine"


def blob_name(digest: Digest) -> str:
    """Return the object name of these bytes.

    Raises:
        DigestError: the name is not a digest.
    """
    name = Digest(digest)
    return f"{BLOBS}/{name[:2]}/{name}"


def recipe_name(key: Digest) -> str:
    """Return the object name of this entry.

    Raises:
        DigestError: the name is not a digest.
    """
    name = Digest(key)
    return f"{RECIPES}/{name[:2]}/{name}.json"


ENTRY_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-cache"}
"""Headers of an entry, which may be replaced when its bytes are lost."""


def blob_headers(data: bytes) -> Headers:
    """Return the headers of a blob: its kind, recognised by its first bytes, and that it never changes."""
    kinds = (kind for start, at, kind in _MAGIC if data[at : at + len(start)] == start)
    kind = next(kinds, "application/octet-stream")
    return {"Content-Type": kind, "Cache-Control": "public, max-age=31536000, immutable"}


_MAGIC = (
    (b"ftyp", 4, "video/mp4"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"WEBVTT", 0, "text/vtt; charset=utf-8"),
    (b"RIFF", 0, "audio/wav"),
    (b"{", 0, "application/json"),
)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Quarantine for objects with wrong bytes, until a person deletes them."""

    bucket: Bucket
    prefix: str

    async def put(self, name: str) -> None:
        """Move an object to quarantine; a missing one is ignored."""
        stem = name.rpartition("/")[2]
        await self.bucket.move(name, f"{QUARANTINE}/{self.prefix}-{stem}-{secrets.token_hex(4)}")

    async def names(self) -> tuple[str, ...]:
        """Return the names in quarantine."""
        found = [stored_object.name.rpartition("/")[2] async for stored_object in self.bucket.scan(QUARANTINE)]
        return tuple(sorted(name for name in found if name.startswith(f"{self.prefix}-")))
