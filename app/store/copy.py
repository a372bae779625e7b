"""Copy of a store into another one.

Only what is missing there is copied, and every byte is checked against its digest on the way.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from app.digest import Digest
from app.errors import BlobCorruptError, BlobNotFoundError, StoreError
from app.store.ports import BlobStore, Entry, RecipeIndex

AT_ONCE = 4
"""Blobs in memory at the same time: enough to fill a connection, too few to fill the memory."""

Progress = Callable[[int, int], None]
"""Progress callback: bytes done, bytes in total."""


@dataclass(frozen=True, slots=True)
class CopyReport:
    """Result of a copy: what was copied and what was there already.

    `broken` names the entries that lack a blob in the source.
    """

    entries: int
    copied_entries: int
    blobs: int
    copied_blobs: int
    copied_bytes: int
    broken: tuple[Digest, ...]

    @property
    def ok(self) -> bool:
        """Return whether the target now has every entry and blob."""
        return not self.broken

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {"ok": self.ok, **asdict(self)}


@dataclass(frozen=True, slots=True)
class CopyEnd:
    """One of the two stores."""

    blobs: BlobStore
    recipes: RecipeIndex


@dataclass(kw_only=True)
class Copying:
    """One run of a copy.

    Started again after an interruption it continues: what is there already is left alone.

    `verify`: also read and compare blobs that are there already, and replace the wrong ones.
    """

    source: CopyEnd
    target: CopyEnd
    verify: bool = False
    progress: Progress = lambda _done, _total: None
    _done: dict[Digest, "asyncio.Task[None]"] = field(default_factory=dict, init=False, repr=False)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE), init=False, repr=False)
    _copied: list[int] = field(default_factory=list, init=False, repr=False)
    _done_bytes: int = field(default=0, init=False)

    async def run(self) -> CopyReport:
        """Copy every whole entry: its blobs first, then the entry.

        Raises:
            StoreError: the other store refuses; what was copied stays.
        """
        entries = [entry async for entry in self.source.recipes.scan()]
        self._sizes = {facts.digest: facts.size_bytes async for facts in self.source.blobs.scan()}
        wanted = {digest for entry in entries for digest in entry.blobs.values()}
        self._total_bytes = sum(self._sizes.get(digest, 0) for digest in wanted)
        outcomes: list[str] = []
        for start in range(0, len(entries), 4 * AT_ONCE):
            batch = entries[start : start + 4 * AT_ONCE]
            outcomes += await asyncio.gather(*(self._entry(entry) for entry in batch))
        return CopyReport(
            entries=len(entries),
            copied_entries=outcomes.count("copied"),
            blobs=len(wanted),
            copied_blobs=len(self._copied),
            copied_bytes=sum(self._copied),
            broken=tuple(entry.key for entry, outcome in zip(entries, outcomes, strict=True) if outcome == "broken"),
        )

    async def _entry(self, entry: Entry) -> str:
        try:
            await asyncio.gather(*(self._blob(digest) for digest in set(entry.blobs.values())))
        except (BlobNotFoundError, BlobCorruptError):
            return "broken"
        if await self.target.recipes.get(entry.key) is not None:
            return "there"
        await self.target.recipes.put(entry)
        return "copied"

    async def _blob(self, digest: Digest) -> None:
        """Copy a blob once, however many entries share it."""
        if digest not in self._done:
            self._done[digest] = asyncio.create_task(self._copy_blob(digest))
        await self._done[digest]

    async def _copy_blob(self, digest: Digest) -> None:
        async with self._places:
            if not await self._is_there(digest):
                data = await self.source.blobs.read(digest)
                facts = await self.target.blobs.put_bytes(data)
                if facts.digest != digest or facts.size_bytes != len(data):
                    raise StoreError(f"Expected {len(data)} bytes named {digest!r} to arrive, got {facts!r}.")
                self._copied.append(len(data))
            self._done_bytes += self._sizes.get(digest, 0)
            self.progress(self._done_bytes, self._total_bytes)

    async def _is_there(self, digest: Digest) -> bool:
        facts = await self.target.blobs.facts(digest)
        if facts is None:
            return False
        if self.verify:
            return await self.target.blobs.verify(digest)
        return facts.size_bytes == self._sizes.get(digest, facts.size_bytes)
