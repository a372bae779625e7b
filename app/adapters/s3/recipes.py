"""Entries as JSON objects of a bucket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from app.adapters.s3.bucket import Bucket, StoredObject
from app.adapters.s3.layout import ENTRY_HEADERS, RECIPES, Quarantine, recipe_name
from app.digest import Digest
from app.errors import DigestError, StoreError
from app.store.entry_json import ENTRY_LIMIT_BYTES, check_key, dump_entry, load_entry
from app.store.ports import BlobStore, Entry

_TRIES = 5
"""To write an entry; each failure means that another process exchanged what is there."""

AT_ONCE = 32
"""Entries read at the same time by a scan: a bucket answers many as fast as one."""


class ObjectRecipeIndex:
    """Entries under `v1/recipes`, written with `If-None-Match` and replaced only over the broken version seen."""

    def __init__(self, bucket: Bucket, blobs: BlobStore) -> None:
        self._bucket = bucket
        self._blobs = blobs
        self._aside = Quarantine(bucket, "recipe")

    async def put(self, entry: Entry) -> None:
        """Write an entry after its blobs; one that is there and whole stays, one that is broken is replaced."""
        check_key(entry)
        data = dump_entry(entry)
        if missing := await self._missing(entry):
            raise StoreError(f"Expected every blob of {entry.key!r} to be stored, {missing} is not; store it first.")
        name = recipe_name(entry.key)
        for _ in range(_TRIES):
            if await self._bucket.create(name, data, ENTRY_HEADERS):
                return
            there = await self._bucket.head(name)
            if await self.get(entry.key) is not None:
                return
            if there and await self._bucket.replace(name, data, ENTRY_HEADERS, tag=there.tag):
                return
        raise StoreError(f"Something keeps writing broken entries to `{name}`; find out what before going on.")

    async def get(self, key: Digest) -> Entry | None:
        """The entry if it can be read and is whole."""
        entry = await self._load(recipe_name(key), key)
        return None if entry is None or await self._missing(entry) else entry

    async def delete(self, key: Digest) -> None:
        """Remove the object."""
        await self._bucket.delete(recipe_name(key))

    async def scan(self) -> AsyncIterator[Entry]:
        """A few at a time; what cannot be read goes to quarantine."""
        waiting: list[Digest] = []
        async for held in self._bucket.scan(RECIPES):
            with suppress(DigestError):
                key = Digest(held.name.rpartition("/")[2].removesuffix(".json"))
                waiting += [key] if held.name == recipe_name(key) else []
            if len(waiting) >= AT_ONCE:
                for entry in await self._load_all(waiting):
                    yield entry
                waiting = []
        for entry in await self._load_all(waiting):
            yield entry

    async def quarantined(self) -> tuple[str, ...]:
        """Names in quarantine."""
        return await self._aside.names()

    async def _missing(self, entry: Entry) -> str:
        """The first role whose blob is not stored, or nothing; all are asked for at once."""
        roles = list(entry.blobs.items())
        found = await asyncio.gather(*(self._blobs.facts(digest) for _, digest in roles))
        return next(
            (f"`{role}` ({digest})" for (role, digest), facts in zip(roles, found, strict=True) if not facts), ""
        )

    async def _load_all(self, keys: list[Digest]) -> list[Entry]:
        found = await asyncio.gather(*(self._load(recipe_name(key), key) for key in keys))
        return [entry for entry in found if entry is not None]

    async def _load(self, name: str, key: Digest) -> Entry | None:
        """An entry, or None; what is not one goes to quarantine unless it was exchanged meanwhile."""
        found = await self._bucket.read(name, limit_bytes=ENTRY_LIMIT_BYTES)
        if found is None:
            return None
        try:
            return load_entry(found[0], key=key)
        except StoreError:
            await self._put_aside(found[1])
            return None

    async def _put_aside(self, held: StoredObject) -> None:
        now = await self._bucket.head(held.name)
        if now is not None and now.tag == held.tag:
            await self._aside.put(held.name)
