"""FolderState of a catalog's folder: the release that it was made from, and what came meanwhile."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from app.adapters.catalog_files.archive import read_tree, tree_of
from app.adapters.catalog_files.folder_base import read_base
from app.adapters.catalog_files.loader import load_catalog
from app.adapters.catalog_files.merged_yaml import GrainReader, merge_yaml
from app.author_errors import ReleaseNotFoundError
from app.authoring.releases.base import BaseSource, FolderBase, FolderState, Grains, nearest_release
from app.authoring.releases.merge import FileTree, MergedTree, Side, changed_files, merge_trees
from app.catalog.releases import CurrentRelease, PublishedRelease, Releases

GivenBase = int | Literal["current"] | None
"""Base by somebody's word: the number of a release, or whichever is current."""

_OLDER = 10
"""Older releases to which a folder with a base is compared: a git checkout of before has files of theirs."""
_SINCE = 200
"""Newest releases among which a folder's own drafts are looked for."""
_NEWEST = 20
"""Releases to which a folder without a base is compared."""


@dataclass(frozen=True, slots=True)
class ComparedFolder:
    """Folder compared with what is current: its standing, its files as read, and both sides merged."""

    standing: FolderState
    files: FileTree
    merged: MergedTree


async def compared_folder(
    releases: Releases, folder: Path, *, base: GivenBase = None, prefer: Side | None = None
) -> ComparedFolder:
    """Compare a folder with what is current; nothing is written."""
    files = await asyncio.to_thread(read_tree, folder)
    current = await releases.current()
    if current is None:
        return ComparedFolder(FolderState(None, "none", None, 0), files, MergedTree(files, (), ()))
    number, source = await _base(releases, folder, files, current, given=base)
    return await compared_tree(releases, files, current, base=number, source=source, folder=folder, prefer=prefer)


async def compared_tree(  # noqa: PLR0913 - one folder and all that is known of it
    releases: Releases,
    files: FileTree,
    current: CurrentRelease,
    *,
    base: int | None,
    source: BaseSource,
    folder: Path | None = None,
    prefer: Side | None = None,
) -> ComparedFolder:
    """Compare files that were made from `base` with what is current."""
    found = FolderState(
        base=base,
        source=source,
        current=current.release.number,
        step=current.step,
        by=current.by,
        at=current.at,
        message=current.release.note,
    )
    same = ComparedFolder(found, files, MergedTree(files, (), ()))
    if base == current.release.number or await asyncio.to_thread(_is_that, folder, current.release):
        return same
    theirs = await release_files(releases, current.release.number)
    if base is None:
        lost = changed_files(files, theirs)
        return ComparedFolder(replace(found, stale=bool(lost), came=lost), files, MergedTree(files, (), ()))
    before = await release_files(releases, base)
    merged = await asyncio.to_thread(merge_trees, before, theirs, files, merge_yaml, prefer=prefer)
    touched = {one.path for one in merged.taken} | {one.path for one in merged.conflicts}
    came = tuple(one for one in changed_files(before, theirs) if one.path in touched)
    found = replace(found, stale=bool(touched), came=came, conflicts=merged.conflicts)
    return ComparedFolder(found, files, merged)


async def _base(
    releases: Releases, folder: Path, files: FileTree, current: CurrentRelease, *, given: GivenBase
) -> tuple[int | None, BaseSource]:
    """Return the base and how it is known; a note that the folder's files speak against counts less than they."""
    if given is not None:
        release = current.release if given == "current" else await releases.get(given)
        return release.number, "given"
    own = await _own(releases, await asyncio.to_thread(read_base, folder))
    if not own:
        found = await _nearest(releases, files, await releases.list(limit=_NEWEST))
        return found, "none" if found is None else "found"
    older = await releases.list(limit=_OLDER, before=own[-1].number)
    found = await _nearest(releases, files, (*own, *older), remembered=own[0].number)
    if found is None:
        return own[0].number, "remembered"
    return found, "remembered" if found in {one.number for one in own} else "found"


async def _own(releases: Releases, note: FolderBase | None) -> tuple[PublishedRelease, ...]:
    """Return the releases that the folder remembers, the newest first: its base, and its drafts published since.

    Whoever publishes a draft, or the node that does it at its time, cannot write into the folder it was saved from.
    """
    if note is None:
        return ()
    noted = await _noted(releases, note)
    drafts = set(note.drafts)
    newest = await releases.list(limit=_SINCE) if drafts else ()
    after = noted.number if noted else 0
    since = [one for one in newest if one.number > after and one.catalog in drafts]
    return (*since, noted) if noted else tuple(since)


async def _noted(releases: Releases, note: FolderBase) -> PublishedRelease | None:
    """Return the release that the note names; None for one of another site."""
    if note.release < 1:
        return None
    try:
        release = await releases.get(note.release)
    except ReleaseNotFoundError:
        return None
    return release if release.catalog == note.catalog else None


async def _nearest(
    releases: Releases, files: FileTree, among: Iterable[PublishedRelease], *, remembered: int | None = None
) -> int | None:
    reader, grains = GrainReader(), list[tuple[int, Grains]]()
    for release in among:
        tree = await release_files(releases, release.number)
        grains.append((release.number, await asyncio.to_thread(reader.grains, tree)))
        if remembered is not None and tree == files:  # nothing is nearer, and older ones need not be read
            break
    return nearest_release(await asyncio.to_thread(reader.grains, files), grains, remembered=remembered)


async def release_files(releases: Releases, number: int) -> dict[str, bytes]:
    """Return the author's files of a release."""
    data = await releases.pack(number)
    return await asyncio.to_thread(tree_of, data)


def _is_that(folder: Path | None, release: PublishedRelease) -> bool:
    """Return whether a folder makes exactly this release's catalog, however it is written."""
    catalog = load_catalog(folder).catalog if folder else None
    return catalog is not None and catalog.digest == release.catalog
