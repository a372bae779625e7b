"""Recipe index in a bucket: entries as JSON objects."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

from app.adapters.s3.bucket import Bucket, StoredObject
from app.adapters.s3.layout import ENTRY_HEADERS, RECIPES, Quarantine, recipe_name
from app.digest import Digest
from app.errors import DigestError, StoreError
from app.store.entry_json import ENTRY_LIMIT_BYTES, check_key, dump_entry, load_entry, with_facts
from app.store.ports import BlobStore, Entry

_TRIES = 5
"""Tries to write an entry; each failure means that another process replaced the object."""

AT_ONCE = 32
"""Entries read at the same time by a scan: a bucket answers many as fast as one."""


class ObjectRecipeIndex:
    """Entries under `v1/recipes`.

    They are written with `If-None-Match` and replaced only over the broken version seen.
    """

    def __init__(self, bucket: Bucket, blobs: BlobStore) -> None:
        self._bucket = bucket
        self._blobs = blobs
        self._quarantine = Quarantine(bucket, "recipe")

    async def put(self, entry: Entry) -> None:
        """Write an entry after its blobs. A complete one that is there stays; a broken one is replaced."""
        check_key(entry)
        data = dump_entry(entry)
        if missing := await self._missing(entry):
            raise StoreError(
                f"Expected every blob of {entry.key!r} to be stored, got none for {missing}; store it first."
            )
        name = recipe_name(entry.key)
        for _ in range(_TRIES):
            if await self._bucket.create(name, data, ENTRY_HEADERS):
                return
            existing = await self._bucket.head(name)
            if await self.get(entry.key) is not None:
                return
            if existing and await self._bucket.replace(name, data, ENTRY_HEADERS, tag=existing.tag):
                return
        raise StoreError(f"Cannot store `{name}`: something keeps writing broken entries to it. Find out what.")

    async def get(self, key: Digest) -> Entry | None:
        """Return the entry if it is readable and its blobs exist."""
        entry = await self._load(recipe_name(key), key)
        return None if entry is None or await self._missing(entry) else entry

    async def add_facts(self, key: Digest, facts: Mapping[str, Any]) -> None:
        """Write the object anew, over the version that was read."""
        name = recipe_name(key)
        for _ in range(_TRIES):
            existing = await self._bucket.head(name)
            entry = await self.get(key) if existing else None
            if entry is None or existing is None:
                return
            data = dump_entry(with_facts(entry, facts))
            if await self._bucket.replace(name, data, ENTRY_HEADERS, tag=existing.tag):
                return

    async def delete(self, key: Digest) -> None:
        """Delete the object."""
        await self._bucket.delete(recipe_name(key))

    async def scan(self) -> AsyncIterator[Entry]:
        """Yield entries, read a few at a time; unreadable ones go to quarantine."""
        batch: list[Digest] = []
        async for stored_object in self._bucket.scan(RECIPES):
            with suppress(DigestError):
                key = Digest(stored_object.name.rpartition("/")[2].removesuffix(".json"))
                batch += [key] if stored_object.name == recipe_name(key) else []
            if len(batch) >= AT_ONCE:
                for entry in await self._load_all(batch):
                    yield entry
                batch = []
        for entry in await self._load_all(batch):
            yield entry

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names in quarantine."""
        return await self._quarantine.names()

    async def _missing(self, entry: Entry) -> str:
        """Return the first role whose blob is not stored, or an empty text; all are looked up at once."""
        roles = list(entry.blobs.items())
        found = await asyncio.gather(*(self._blobs.facts(digest) for _, digest in roles))
        return next(
            (f"`{role}` ({digest})" for (role, digest), facts in zip(roles, found, strict=True) if not facts), ""
        )

    async def _load_all(self, keys: list[Digest]) -> list[Entry]:
        found = await asyncio.gather(*(self._load(recipe_name(key), key) for key in keys))
        return [entry for entry in found if entry is not None]

    async def _load(self, name: str, key: Digest) -> Entry | None:
        """Return an entry, or None; an unreadable one goes to quarantine unless it was replaced meanwhile."""
        found = await self._bucket.read(name, limit_bytes=ENTRY_LIMIT_BYTES)
        if found is None:
            return None
        try:
            return load_entry(found[0], key=key)
        except StoreError:
            await self._move_to_quarantine(found[1])
            return None

    async def _move_to_quarantine(self, stored_object: StoredObject) -> None:
        now = await self._bucket.head(stored_object.name)
        if now is not None and now.tag == stored_object.tag:
            await self._quarantine.put(stored_object.name)
