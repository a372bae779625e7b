"""JSON form of an entry: one document, the same on every kind of store."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.digest import Digest, digest_json
from app.errors import StoreError
from app.store.labels import Labels
from app.store.ports import Entry

ENTRY_LIMIT_BYTES = 1 << 20
"""Largest entry that is read. A real one has about 2 kB; anything near this is not one of ours."""

_FIELDS = frozenset({"key", "kind", "recipe", "labels", "blobs", "media", "created_at", "checksum"})


def check_key(entry: Entry) -> None:
    """Check that the key is the recipe's digest.

    Raises:
        StoreError: it is not, or the recipe is not JSON.
    """
    if (digest := _digest(entry.recipe)) != entry.key:
        raise StoreError(f"Expected the key {digest!r} for this recipe, got {entry.key!r}; use the recipe's digest.")


def dump_entry(entry: Entry) -> bytes:
    """Serialise an entry, with a checksum over all of it.

    Raises:
        StoreError: a field is not JSON, the time has no zone, or the document is too large.
    """
    if entry.created_at.tzinfo is None:
        raise StoreError(f"Expected `created_at` with a time zone, got {entry.created_at!r}; use UTC.")
    document = {
        "key": entry.key,
        "kind": entry.kind,
        "recipe": dict(entry.recipe),
        "labels": entry.labels.to_json(),
        "blobs": dict(entry.blobs),
        "media": dict(entry.media),
        "created_at": entry.created_at.isoformat(),
    }
    sealed = {**document, "checksum": _digest(document)}
    data = json.dumps(sealed, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"
    if len(data) > ENTRY_LIMIT_BYTES:
        raise StoreError(f"Expected an entry of up to {ENTRY_LIMIT_BYTES} bytes, got {len(data)}; shorten its labels.")
    return data


def with_facts(entry: Entry, facts: Mapping[str, Any]) -> Entry:
    """Return the entry with these media facts, where it has none of the name."""
    return replace(entry, media={**facts, **entry.media})


def load_entry(data: bytes, *, key: Digest) -> Entry:
    """Parse an entry and check that nothing in it has changed.

    Raises:
        StoreError: it is truncated, garbled, or belongs to another key.
    """
    document = _parse(data)
    checksum = document.pop("checksum")
    ours = document["key"] == key == _digest(document["recipe"]) and isinstance(document["labels"], dict)
    if _digest(document) != checksum or not ours:
        raise StoreError(f"Cannot use the entry of recipe {key!r}: it is not what was written. Make the clip again.")
    return Entry(
        key=key,
        kind=document["kind"],
        recipe=document["recipe"],
        labels=Labels.from_json(document["labels"]),
        blobs={role: Digest(digest) for role, digest in document["blobs"].items()},
        media=document["media"],
        created_at=datetime.fromisoformat(document["created_at"]),
    )


def _parse(data: bytes) -> dict[str, Any]:
    if len(data) > ENTRY_LIMIT_BYTES:
        raise StoreError(f"Expected an entry of at most {ENTRY_LIMIT_BYTES} bytes, got {len(data)}.")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"Expected an entry in JSON, got {data[:40]!r}: {error}.") from error
    if not isinstance(document, dict) or document.keys() != _FIELDS:
        raise StoreError(f"Expected an entry with the fields {sorted(_FIELDS)}, got {data[:40]!r}.")
    return document


def _digest(document: Mapping[str, Any]) -> Digest:
    try:
        return digest_json(document)
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"Expected a JSON document, got {str(document)[:80]!r}: {error}.") from error
