"""Content digests: bytes and JSON documents named by their own sha256."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Self

import rfc8785

from app.errors import DigestError

_HEX = re.compile(r"[0-9a-f]{64}\Z")


class Digest(str):
    """Sha256 in 64 lower-case hexadecimal digits.

    Raises:
        DigestError: the text is anything else.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text."""
        if not _HEX.match(text):
            raise DigestError(f"Expected a sha256 of 64 lower-case hexadecimal digits, got {text[:80]!r}.")
        return super().__new__(cls, text)


def digest_bytes(data: bytes) -> Digest:
    """Return the digest of these bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def digest_json(document: Mapping[str, Any]) -> Digest:
    """Return the digest of a document's canonical JSON (RFC 8785). Key order does not matter."""
    return digest_bytes(canonical_json(document))


def canonical_json(document: Mapping[str, Any]) -> bytes:
    """Return the one byte form of a JSON document (RFC 8785).

    Numbers are IEEE doubles, so money goes in as text.
    """
    encoded: bytes = rfc8785.dumps(dict(document))
    return encoded
