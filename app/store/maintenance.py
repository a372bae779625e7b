"""Maintenance of a store through its two ports: count it, verify every byte, delete what nothing uses."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from app.digest import Digest
from app.errors import BlobNotFoundError
from app.store.gc import GRACE, Sweep, plan_sweep, referenced
from app.store.ports import BlobFacts, BlobStore, Entry, RecipeIndex
from app.store.renditions import KIND

Progress = Callable[[int, int], None]
"""Progress callback: bytes checked, bytes in total."""


@dataclass(frozen=True, slots=True)
class StoreStats:
    """Counts of a store. `video_s` adds up the clips; `broken` counts entries with a blob missing."""

    entries: int
    clips: int
    speeches: int
    renditions: int
    broken: int
    video_s: float
    blobs: int
    size_bytes: int
    unreferenced_blobs: int
    unreferenced_bytes: int
    quarantined: int

    def document(self) -> dict[str, Any]:
        """Return the counts as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MissingBlob:
    """Blob that an entry names and the store does not have."""

    key: Digest
    role: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Result of a full check.

    `corrupt` names the blobs found wrong (and quarantined) this time, `missing` the entries that lack a blob,
    `quarantined` all that lies in quarantine, entries too, until a person removes it.
    """

    blobs: int
    size_bytes: int
    entries: int
    corrupt: tuple[Digest, ...]
    missing: tuple[MissingBlob, ...]
    quarantined: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Return whether a person has nothing to do."""
        return not (self.corrupt or self.missing or self.quarantined)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {"ok": self.ok, **asdict(self)}


@dataclass(frozen=True, slots=True)
class GcReport:
    """Result of a garbage collection, or of its dry run."""

    dry_run: bool
    entries: tuple[Digest, ...]
    blobs: tuple[Digest, ...]
    freed_bytes: int
    kept_entries: int
    kept_blobs: int

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)


async def stats(blobs: BlobStore, recipes: RecipeIndex) -> StoreStats:
    """Count entries and blobs without reading a blob."""
    entries, found = await _inventory(blobs, recipes)
    present = {facts.digest for facts in found}
    used = referenced(entries)
    clips = [entry for entry in entries if entry.kind == "clip"]
    unused = [facts for facts in found if facts.digest not in used]
    return StoreStats(
        entries=len(entries),
        clips=len(clips),
        speeches=sum(entry.kind == "speech" for entry in entries),
        renditions=sum(entry.kind == KIND for entry in entries),
        broken=sum(not present.issuperset(entry.blobs.values()) for entry in entries),
        video_s=round(sum(float(entry.media.get("duration_s") or 0) for entry in clips), 3),
        blobs=len(found),
        size_bytes=sum(facts.size_bytes for facts in found),
        unreferenced_blobs=len(unused),
        unreferenced_bytes=sum(facts.size_bytes for facts in unused),
        quarantined=len(await _quarantined(blobs, recipes)),
    )


async def verify(blobs: BlobStore, recipes: RecipeIndex, *, progress: Progress | None = None) -> VerifyReport:
    """Hash every blob again and check that every entry has its blobs. Wrong bytes are quarantined."""
    entries, found = await _inventory(blobs, recipes)
    total = sum(facts.size_bytes for facts in found)
    corrupt: list[Digest] = []
    gone: set[Digest] = set()
    done = 0
    for facts in found:
        try:
            if not await blobs.verify(facts.digest):
                corrupt.append(facts.digest)
        except BlobNotFoundError:
            gone.add(facts.digest)
        done += facts.size_bytes
        if progress is not None:
            progress(done, total)
    present = {facts.digest for facts in found} - gone - set(corrupt)
    return VerifyReport(
        blobs=len(found),
        size_bytes=total,
        entries=len(entries),
        corrupt=tuple(sorted(corrupt)),
        missing=_missing(entries, present),
        quarantined=await _quarantined(blobs, recipes),
    )


async def gc(
    blobs: BlobStore,
    recipes: RecipeIndex,
    *,
    pinned: Collection[Digest],
    now: datetime,
    grace: timedelta = GRACE,
    dry_run: bool = False,
) -> GcReport:
    """Delete entries that are not pinned and older than `grace`, then the blobs that no entry uses.

    Each blob is looked at again right before it is deleted. This makes it safe beside a warm-up: a blob
    stored again, or named by an entry written since the first look, stays.
    """
    entries, found = await _inventory(blobs, recipes)
    sweep = plan_sweep(entries, found, pinned=pinned, now=now, grace=grace)
    gone = sweep.blobs
    if not dry_run:
        for entry in sweep.entries:
            await recipes.delete(entry.key)
        gone = await _delete_blobs(blobs, recipes, sweep, before=now - grace)
    return GcReport(
        dry_run=dry_run,
        entries=tuple(entry.key for entry in sweep.entries),
        blobs=tuple(facts.digest for facts in gone),
        freed_bytes=sum(facts.size_bytes for facts in gone),
        kept_entries=sweep.kept_entries,
        kept_blobs=len(found) - len(gone),
    )


async def _delete_blobs(
    blobs: BlobStore, recipes: RecipeIndex, sweep: Sweep, *, before: datetime
) -> tuple[BlobFacts, ...]:
    used = referenced([entry async for entry in recipes.scan()])
    gone: list[BlobFacts] = []
    for facts in sweep.blobs:
        latest = await blobs.facts(facts.digest)
        if latest is not None and latest.digest not in used and latest.stored_at <= before:
            await blobs.delete(facts.digest)
            gone.append(latest)
    return tuple(gone)


async def _inventory(blobs: BlobStore, recipes: RecipeIndex) -> tuple[list[Entry], list[BlobFacts]]:
    """List entries, then blobs. This order matters: a blob that a listed entry names was stored before it."""
    entries = [entry async for entry in recipes.scan()]
    return entries, [facts async for facts in blobs.scan()]


def _missing(entries: list[Entry], present: set[Digest]) -> tuple[MissingBlob, ...]:
    return tuple(
        MissingBlob(key=entry.key, role=role, digest=digest)
        for entry in sorted(entries, key=lambda entry: entry.key)
        for role, digest in sorted(entry.blobs.items())
        if digest not in present
    )


async def _quarantined(blobs: BlobStore, recipes: RecipeIndex) -> tuple[str, ...]:
    return tuple(sorted([*await blobs.quarantined(), *await recipes.quarantined()]))
