"""Mark and sweep: what nothing uses any more, decided without touching anything."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from app.digest import Digest
from app.store.ports import BlobFacts, BlobStore, Entry, RecipeIndex

GRACE = timedelta(days=7)
"""How long something unused is kept: longer than any render, so that no blob goes before its entry comes."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What would be deleted, oldest first, and how much stays."""

    entries: tuple[Entry, ...]
    blobs: tuple[BlobFacts, ...]
    kept_entries: int
    kept_blobs: int

    @property
    def freed_bytes(self) -> int:
        """The size of the blobs that would go."""
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

    `pinned` holds recipe keys: the catalog's, every release's, the live sessions'. An entry that stays keeps the speech
    it was filmed with, so that a new portrait does not pay for the voice again.
    """
    everything, found = list(entries), list(blobs)
    kept = _kept(everything, pinned=frozenset(pinned), since=now - grace)
    marked = referenced(entry for entry in everything if entry.key in kept)
    going = [entry for entry in everything if entry.key not in kept]
    loose = [facts for facts in found if facts.digest not in marked and facts.stored_at <= now - grace]
    return Sweep(
        entries=tuple(sorted(going, key=lambda entry: (entry.created_at, entry.key))),
        blobs=tuple(sorted(loose, key=lambda facts: (facts.stored_at, facts.digest))),
        kept_entries=len(everything) - len(going),
        kept_blobs=len(found) - len(loose),
    )


def referenced(entries: Iterable[Entry]) -> frozenset[Digest]:
    """Every blob that these entries name."""
    return frozenset(digest for entry in entries for digest in entry.blobs.values())


def _kept(entries: list[Entry], *, pinned: frozenset[Digest], since: datetime) -> frozenset[str]:
    staying = [entry for entry in entries if entry.key in pinned or entry.created_at > since]
    speech = {str(entry.recipe.get("speech")) for entry in staying}
    return frozenset(entry.key for entry in staying) | pinned | speech


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What was deleted, or with `dry_run` would be: clips, the speech that only they were filmed with, their blobs."""

    dry_run: bool
    entries: tuple[Digest, ...]
    blobs: tuple[Digest, ...]
    freed_bytes: int

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return asdict(self)


async def purge(
    blobs: BlobStore, recipes: RecipeIndex, *, withdrawn: Collection[str], dry_run: bool = False
) -> PurgeReport:
    """Delete what shows a portrait whose digest is among `withdrawn`; neither pins nor youth keep it.

    Entries first, then the blobs that no entry names that is there by then.
    """
    if not withdrawn:
        return PurgeReport(dry_run, (), (), 0)
    barred, others = _parted([entry async for entry in recipes.scan()], withdrawn)
    if not dry_run:
        for entry in barred:
            await recipes.delete(entry.key)
        others = [entry async for entry in recipes.scan()]
    found = [await blobs.facts(digest) for digest in sorted(referenced(barred) - referenced(others))]
    gone = [facts for facts in found if facts is not None]
    if not dry_run:
        for facts in gone:
            await blobs.delete(facts.digest)
    return PurgeReport(
        dry_run=dry_run,
        entries=tuple(sorted(entry.key for entry in barred)),
        blobs=tuple(facts.digest for facts in gone),
        freed_bytes=sum(facts.size_bytes for facts in gone),
    )


def _parted(entries: list[Entry], withdrawn: Collection[str]) -> tuple[list[Entry], list[Entry]]:
    """Those that go, and the others."""
    shown = {entry.key for entry in entries if entry.recipe.get("portrait") in withdrawn}
    speech = {str(entry.recipe.get("speech")) for entry in entries if entry.key in shown}
    speech -= {str(entry.recipe.get("speech")) for entry in entries if entry.key not in shown}
    going = [entry for entry in entries if entry.key in shown | speech]
    return going, [entry for entry in entries if entry.key not in shown | speech]
