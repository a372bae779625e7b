"""Garbage collection (mark and sweep): finds what nothing uses any more, and purges withdrawn portraits."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from app.digest import Digest
from app.store.ports import BlobFacts, BlobStore, Entry, RecipeIndex
from app.store.renditions import KIND

GRACE = timedelta(days=7)
"""Grace period for unused entries and blobs.

Longer than any render, so that no blob is deleted before its entry is written.
"""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Result of the mark phase: what is to be deleted, oldest first, and how much stays."""

    entries: tuple[Entry, ...]
    blobs: tuple[BlobFacts, ...]
    kept_entries: int
    kept_blobs: int

    @property
    def freed_bytes(self) -> int:
        """Return the size of the blobs to be deleted."""
        return sum(facts.size_bytes for facts in self.blobs)


def plan_sweep(
    entries: Iterable[Entry],
    blobs: Iterable[BlobFacts],
    *,
    pinned: Collection[Digest],
    now: datetime,
    grace: timedelta = GRACE,
) -> Sweep:
    """Find the entries that are neither pinned nor within `grace`, and the blobs that no other entry names.

    `pinned` holds recipe keys: the catalog's, every release's, the live sessions'. An entry that stays keeps
    the speech that it was rendered with, so that a new portrait does not pay for the voice again, and its renditions.
    """
    all_entries, all_blobs = list(entries), list(blobs)
    kept = _kept(all_entries, pinned=frozenset(pinned), since=now - grace)
    marked = referenced(entry for entry in all_entries if entry.key in kept)
    deleted = [entry for entry in all_entries if entry.key not in kept]
    unused = [facts for facts in all_blobs if facts.digest not in marked and facts.stored_at <= now - grace]
    return Sweep(
        entries=tuple(sorted(deleted, key=lambda entry: (entry.created_at, entry.key))),
        blobs=tuple(sorted(unused, key=lambda facts: (facts.stored_at, facts.digest))),
        kept_entries=len(all_entries) - len(deleted),
        kept_blobs=len(all_blobs) - len(unused),
    )


def referenced(entries: Iterable[Entry]) -> frozenset[Digest]:
    """Return every blob that these entries name."""
    return frozenset(digest for entry in entries for digest in entry.blobs.values())


def _kept(entries: list[Entry], *, pinned: frozenset[Digest], since: datetime) -> frozenset[str]:
    kept = [entry for entry in entries if entry.key in pinned or entry.created_at > since]
    speech = {str(entry.recipe.get("speech")) for entry in kept}
    clips = frozenset(entry.key for entry in kept) | pinned
    smaller = {entry.key for entry in entries if entry.kind == KIND and entry.recipe.get("clip") in clips}
    return clips | speech | smaller


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """Result of a purge, or of its dry run: the clips, the speech that only they used, and their blobs."""

    dry_run: bool
    entries: tuple[Digest, ...]
    blobs: tuple[Digest, ...]
    freed_bytes: int

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)


async def purge(
    blobs: BlobStore, recipes: RecipeIndex, *, withdrawn: Collection[str], dry_run: bool = False
) -> PurgeReport:
    """Delete what shows a portrait whose digest is in `withdrawn`, pinned or not, young or not.

    Entries are deleted first, then the blobs that no remaining entry names.
    """
    if not withdrawn:
        return PurgeReport(dry_run, (), (), 0)
    shown_entries, others = _split([entry async for entry in recipes.scan()], withdrawn)
    if not dry_run:
        for entry in shown_entries:
            await recipes.delete(entry.key)
        others = [entry async for entry in recipes.scan()]
    candidates = [await blobs.facts(digest) for digest in sorted(referenced(shown_entries) - referenced(others))]
    gone = [facts for facts in candidates if facts is not None]
    if not dry_run:
        for facts in gone:
            await blobs.delete(facts.digest)
    return PurgeReport(
        dry_run=dry_run,
        entries=tuple(sorted(entry.key for entry in shown_entries)),
        blobs=tuple(facts.digest for facts in gone),
        freed_bytes=sum(facts.size_bytes for facts in gone),
    )


def _split(entries: list[Entry], withdrawn: Collection[str]) -> tuple[list[Entry], list[Entry]]:
    """Split the entries into those to be deleted and the others."""
    shown = {entry.key for entry in entries if entry.recipe.get("portrait") in withdrawn}
    speech = {str(entry.recipe.get("speech")) for entry in entries if entry.key in shown}
    speech -= {str(entry.recipe.get("speech")) for entry in entries if entry.key not in shown}
    deleted = [entry for entry in entries if entry.key in shown | speech]
    return deleted, [entry for entry in entries if entry.key not in shown | speech]
