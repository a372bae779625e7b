"""Letting go of every clip of a face, whatever refers to it: for a person who does not want to be shown any more."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from app.digest import Digest
from app.store.ports import BlobStore, Entry, RecipeIndex
from app.store.sweep import referenced


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
