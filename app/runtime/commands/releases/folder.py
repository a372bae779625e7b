"""Folder of a catalog and the release that it was made from: its base, what came meanwhile, the merge of both."""

import asyncio
from dataclasses import replace
from pathlib import Path

from app.adapters.catalog_files.archive import tree_of, write_tree
from app.adapters.catalog_files.folder_base import read_base, write_base
from app.audit import Act
from app.author_errors import ReleaseConflictError, ReleaseRequestError
from app.authoring.releases.base import FolderBase, FolderState, stale_folder
from app.authoring.releases.drafts import Draft
from app.authoring.releases.merge import FileTree, Side
from app.catalog.releases import PublishedRelease
from app.runtime.commands.releases.publishing import Publishing
from app.runtime.wiring.folder_standing import ComparedFolder, GivenBase, compared_folder, release_files


async def standing(publishing: Publishing, folder: Path | None = None, *, base: GivenBase = None) -> FolderState:
    """Return how a folder stands: what it was made from, and what came meanwhile.

    Raises:
        ReleaseNotFoundError: no release has the given number.
    """
    return (await compared_folder(publishing.releases, folder or publishing.folder, base=base)).standing


async def merge_folder(
    publishing: Publishing, folder: Path | None = None, *, by: str, base: GivenBase = None, prefer: Side | None = None
) -> tuple[FolderState, tuple[str, ...]]:
    """Bring what came meanwhile into the folder; return its new standing and the files that were written.

    Raises:
        ReleaseStaleError: something collides and nobody said which side wins; nothing is written.
        ReleaseConflictError: a file was changed while it was merged.
    """
    place = folder or publishing.folder
    compared = await compared_folder(publishing.releases, place, base=base, prefer=prefer)
    found = compared.standing
    if found.stale and (found.base is None or found.conflicts):
        raise stale_folder(found)
    await asyncio.to_thread(_write, place, compared)
    if found.current is not None:
        await remember(place, await publishing.releases.get(found.current))
    names = tuple(one.path for one in compared.merged.taken)
    if names:
        details: dict[str, str | int] = {"base": found.base or 0, "files": len(names)}
        await publishing.audit.append(Act(publishing.now(), by, "release.merged", f"release {found.current}", details))
    return replace(found, base=found.current, source="remembered", stale=False, came=(), conflicts=()), names


async def checkout(publishing: Publishing, number: int, folder: Path) -> PublishedRelease:
    """Write a release's files into a new or empty folder, which remembers it.

    Raises:
        ReleaseNotFoundError: there is no such release.
        ReleaseRequestError: the folder holds something already.
    """
    release = await publishing.releases.get(number)
    files = await release_files(publishing.releases, number)
    await asyncio.to_thread(_write_new, files, folder)
    await remember(folder, release)
    return release


async def checkout_draft(publishing: Publishing, name: str, folder: Path) -> Draft:
    """Write a draft's files into a new or empty folder, which remembers it and the release that it was made from.

    Raises:
        DraftNotFoundError: there is no such draft.
        ReleaseRequestError: the folder holds something already.
    """
    draft = await publishing.drafts.get(name)
    content = await publishing.drafts.content(name)
    files = await asyncio.to_thread(tree_of, content.pack)
    await asyncio.to_thread(_write_new, files, folder)
    await remember_draft(publishing, folder, draft)
    return draft


async def remember(folder: Path, release: PublishedRelease) -> None:
    """Note in a folder that it was made from this release; its drafts stay noted, because they may be published yet."""
    before = await asyncio.to_thread(read_base, folder)
    note = FolderBase(release.number, release.catalog, before.drafts if before else ())
    await asyncio.to_thread(write_base, folder, note)


async def remember_draft(publishing: Publishing, folder: Path, draft: Draft) -> None:
    """Note in a folder that this draft has its files: once it is a release, it is the folder's own."""
    note = await asyncio.to_thread(read_base, folder)
    if note is None:
        release = await publishing.releases.get(draft.base) if draft.base else None
        note = FolderBase(draft.base, release.catalog if release else draft.catalog)
    await asyncio.to_thread(write_base, folder, note.drafted(draft.catalog))


def _write(folder: Path, compared: ComparedFolder) -> None:
    """Write the files that the merge changed.

    Raises:
        ReleaseConflictError: one is no longer as it was read.
    """
    taken = compared.merged.taken
    for one in taken:
        path = folder / one.path
        if (path.read_bytes() if path.is_file() else None) != compared.files.get(one.path):
            raise ReleaseConflictError(f"Expected `{one.path}` as it was read, got another one; merge again.")
    for one in taken:
        path = folder / one.path
        content = compared.merged.files.get(one.path)
        if content is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.draft")
        draft.write_bytes(content)
        draft.replace(path)


def _write_new(files: FileTree, folder: Path) -> None:
    if folder.exists():
        if not folder.is_dir() or any(folder.iterdir()):
            raise ReleaseRequestError(f"Expected a new or empty folder, got `{folder}`; name another one.")
        folder.rmdir()
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_tree(files, folder)
