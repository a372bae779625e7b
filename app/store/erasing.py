"""Erasing of entries: they go at once, with the blobs that nothing else uses, and do not come back."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.digest import Digest
from app.store.gc import referenced
from app.store.ports import BlobStore, Entry, RecipeIndex
from app.store.renditions import KIND, clip_of

SHARED_ROLES = frozenset({"poster"})
"""Blobs without words, which other clips may have, too: one that is stored again meanwhile stays for `store gc`."""

_SAME_TIME = timedelta(seconds=60)


async def erase_entries(
    blobs: BlobStore,
    recipes: RecipeIndex,
    keys: Collection[Digest],
    *,
    still_gone: Callable[[Digest], Awaitable[bool]],
    thorough: bool = False,
) -> Counter[str]:
    """Delete blobs that only these entries use, then the entries; return how many of each kind, and their bytes.

    A clip takes its renditions along. Kinds are `clip`, `rendition`, `speech`, the roles of their blobs, and `bytes`.
    `still_gone` is asked directly before an entry goes: somebody may want it again since the keys were read.
    `thorough` finds entries, too, of which an earlier run deleted a blob and then failed; it reads every entry.

    Raises:
        StoreError: something is left; a thorough run goes on.
    """
    gone: Counter[str] = Counter()
    there = [await recipes.get(key) is not None for key in sorted(keys)]
    if not any(there) and not thorough:
        return gone
    everything = [entry async for entry in recipes.scan()]
    mine = {key for key in {clip_of(entry) for entry in everything} & frozenset(keys) if await still_gone(key)}
    entries = [entry for entry in everything if clip_of(entry) in mine]
    used = referenced(entry for entry in everything if clip_of(entry) not in mine)
    users = _users(entries)
    done: set[Digest] = set()
    for entry in entries:
        if not await still_gone(clip_of(entry)):
            continue
        for role, digest in entry.blobs.items():
            if digest in used or digest in done or not await _all_gone(users[digest], still_gone):
                continue
            facts = await blobs.facts(digest)
            if facts is None or (role in SHARED_ROLES and facts.stored_at > entry.created_at + _SAME_TIME):
                continue
            await blobs.delete(digest)
            done.add(digest)
            gone[role] += 1
            gone["bytes"] += facts.size_bytes
        await recipes.delete(entry.key)
        gone[entry.kind] += 1
    return gone


def _users(entries: Collection[Entry]) -> dict[Digest, set[Digest]]:
    """Return the clips that use each blob, of those that are to go."""
    users: defaultdict[Digest, set[Digest]] = defaultdict(set)
    for entry in entries:
        for digest in entry.blobs.values():
            users[digest].add(clip_of(entry))
    return users


async def _all_gone(clips: Collection[Digest], still_gone: Callable[[Digest], Awaitable[bool]]) -> bool:
    """Return whether nobody wants one of these again: two films of one erasing may share a blob."""
    return all([await still_gone(clip) for clip in sorted(clips)])


@dataclass(frozen=True, slots=True)
class ErasingRecipes:
    """Recipe index that does not keep what is to be gone: a film of an erased session that is stored late.

    It looks after it has written: whoever erases marks first and deletes then, so one of the two finds the entry.
    `pinned` returns the recipes that the catalog, a release or a draft uses; they stay, whoever asked for them before.
    """

    recipes: RecipeIndex
    blobs: BlobStore
    is_gone: Callable[[Digest], Awaitable[bool]]
    pinned: Callable[[], Awaitable[Collection[Digest]]]

    async def put(self, entry: Entry) -> None:
        """Store the entry; delete it at once if it is to be gone.

        Raises:
            StoreError: from the index.
        """
        await self.recipes.put(entry)
        await self._delete_if_gone(entry)

    async def _delete_if_gone(self, entry: Entry) -> None:
        if not entry.labels.generated and entry.kind != "speech":
            return
        clip = clip_of(entry)
        if await self.is_gone(clip) and clip not in await self.pinned():
            await erase_entries(self.blobs, self.recipes, [clip], still_gone=self.is_gone, thorough=entry.kind == KIND)

    async def get(self, key: Digest) -> Entry | None:
        """Return the entry."""
        return await self.recipes.get(key)

    async def add_facts(self, key: Digest, facts: Mapping[str, Any]) -> None:
        """Add facts to an entry that is there; one that is to be gone stays away."""
        await self.recipes.add_facts(key, facts)
        if await self.is_gone(key) and (entry := await self.recipes.get(key)) is not None:
            await self._delete_if_gone(entry)

    async def delete(self, key: Digest) -> None:
        """Delete an entry."""
        await self.recipes.delete(key)

    def scan(self) -> AsyncIterator[Entry]:
        """Yield every entry."""
        return self.recipes.scan()

    async def quarantined(self) -> tuple[str, ...]:
        """Return the names of quarantined entries."""
        return await self.recipes.quarantined()
