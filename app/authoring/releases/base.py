"""Base of a catalog's folder: the release that it was made from, remembered or found by its files."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.author_errors import ReleaseStaleError
from app.authoring.releases.merge import ChangedFile, MergeConflict
from app.digest import Digest

BaseSource = Literal["remembered", "given", "found", "none"]
"""How the base is known: the folder's own note, somebody's word, the likeness of its files, or not at all."""

_DRAFTS = 20
"""Drafts that a folder remembers."""

_SHOWN = 12
"""Files that a message names."""


@dataclass(frozen=True, slots=True)
class FolderBase:
    """Note of a folder about the release that it was made from (0: none); the digest tells one of another site.

    `drafts` are the catalogs of the drafts that were saved from it, the newest first: a release of one of them is
    the folder's own, whoever published it and when.
    """

    release: int
    catalog: Digest
    drafts: tuple[Digest, ...] = ()

    def drafted(self, catalog: Digest) -> "FolderBase":
        """Return the note after this catalog was saved as a draft."""
        others = (one for one in self.drafts if one != catalog)
        return replace(self, drafts=(catalog, *others)[:_DRAFTS])


@dataclass(frozen=True, slots=True)
class FolderState:
    """FolderState of a folder against what is current.

    `came` are the files that are other in the current release than in the base, and that the folder lacks as they
    are there; `conflicts` are the places that the folder changed, too. `step` is the newest change of the current
    release: whoever publishes says that it was seen. Without a release, `current` is None.
    """

    base: int | None
    source: BaseSource
    current: int | None
    step: int
    stale: bool = False
    came: tuple[ChangedFile, ...] = ()
    conflicts: tuple[MergeConflict, ...] = ()
    by: str = ""
    at: datetime | None = None
    message: str = ""
    """Message of the current release."""


Grains = frozenset[tuple[str, ...]]
"""Smallest parts of a folder's files that one person changes at a time: a value, a phrase, a line of a document."""


def nearest_release(
    folder: Grains, releases: Iterable[tuple[int, Grains]], *, remembered: int | None = None
) -> int | None:
    """Return the release from which the folder differs least; None if it shares less than half of each.

    Of several, it is the remembered one, else the oldest: what came after that is then asked about, not lost.
    """
    scored = [
        (len(folder ^ grains), number != remembered, number)
        for number, grains in releases
        if 2 * len(folder & grains) >= len(grains)
    ]
    return min(scored)[2] if scored else None


def stale_folder(found: FolderState) -> ReleaseStaleError:
    """Return the error for a folder that would take back what others published."""
    details = [{"field": one.path, "message": f"{one.kind} meanwhile"} for one in found.came]
    details += [
        {"field": f"{one.path}: {one.key}".removesuffix(": "), "message": _collision(one)} for one in found.conflicts
    ]
    return ReleaseStaleError(_sentence(found), standing=found, details=tuple(details))


def _sentence(found: FolderState) -> str:
    files = [one.path for one in found.came][:_SHOWN]
    more = len(found.came) - len(files)
    listed = ", ".join(files) + (f" and {more} more" if more > 0 else "")
    if found.base is None:
        return (
            f"Expected a folder made from a release, got one that is like none of them: release {found.current} would "
            f"be replaced ({listed}). Check that release out and bring your changes there, or say `--base current`."
        )
    way = (
        f"{len(found.conflicts)} places collide: settle them with `--merge --prefer mine` or `theirs`, or in the files."
        if found.conflicts
        else "Nothing collides: `--merge` brings both together."
    )
    return (
        f"Release {found.current} came meanwhile (by {found.by}): the folder was made from release {found.base}, and "
        f"these files changed: {listed}. {way}"
    )


def _collision(one: MergeConflict) -> str:
    theirs, mine = (_short(text) for text in (one.theirs, one.mine))
    return f"published: {theirs}; here: {mine}"


def _short(text: str | None) -> str:
    if text is None:
        return "(not there)"
    flat = " ".join(text.split())
    return flat if len(flat) <= 200 else f"{flat[:199]}…"
