"""Archive of a catalog's folder: the same bytes for the same files, packed and unpacked."""

import io
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from itertools import chain
from pathlib import Path, PurePosixPath

from app.adapters.catalog_files.tree import inside
from app.errors import CatalogError

MOST_BYTES = 64 << 20
"""Largest release in bytes, unpacked: it goes through the database and to every node."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""First time that a zip archive can hold: a file's time is no part of a catalog."""

UNPACKING = (
    *(zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, ValueError),
    *(zlib.error, lzma.LZMAError),  # a damaged stream says so in its own words
)
"""What reading an archive of a stranger may raise."""


def pack(root: Path, kept: Mapping[str, bytes] | None = None) -> bytes:
    """Pack every file of the folder that is not hidden, and what else a release keeps, by name.

    Raises:
        CatalogError: all together are too large.
        OSError: a file cannot be read.
    """
    archive, size_bytes = io.BytesIO(), 0
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        found = ((path.relative_to(root).as_posix(), path.read_bytes()) for path in _files(root))
        for file, content in chain(found, sorted((kept or {}).items())):
            size_bytes += len(content)
            if size_bytes > MOST_BYTES:
                raise CatalogError(
                    f"Expected at most {MOST_BYTES >> 20} MB in the catalog's folder, got more; move what it does not "
                    "use somewhere else, or make portraits and recordings smaller."
                )
            name = zipfile.ZipInfo(file, _LONG_AGO)
            name.compress_type, name.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(name, content)
    return archive.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Write the files into `folder`, which afterwards exists whole or not at all.

    Raises:
        CatalogError: the bytes are no such archive.
        OSError: a file cannot be written.
    """
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise CatalogError(f"Expected a release of at most {MOST_BYTES >> 20} MB, got an archive of more.")
            for entry in entries:
                target = draft / _safe(entry)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(packed.read(entry))
    except UNPACKING as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise CatalogError(f"Expected a release's archive, got other bytes: {error}.") from error
    if folder.exists():
        shutil.rmtree(draft, ignore_errors=True)
    else:
        draft.rename(folder)


def read_tree(root: Path) -> dict[str, bytes]:
    """Return the files of a folder that a release would hold, by name; hidden ones are none of them.

    Raises:
        OSError: one cannot be read.
    """
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in _files(root)}


def tree_of(data: bytes) -> dict[str, bytes]:
    """Return the author's files of an archive: without the packs that the release keeps.

    Raises:
        CatalogError: the bytes are no such archive.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            files = {_safe(entry).as_posix(): packed.read(entry) for entry in packed.infolist()}
    except UNPACKING as error:
        raise CatalogError(f"Expected a release's archive, got other bytes: {error}.") from error
    return {name: content for name, content in files.items() if not name.startswith(".")}


def write_tree(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a new folder, which afterwards exists whole or not at all.

    Raises:
        OSError: a file cannot be written.
    """
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    for name, content in files.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).write_bytes(content)
    draft.rename(folder)


def _files(root: Path) -> list[Path]:
    found = (path for path in root.rglob("*") if path.is_file() and inside(root, path))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts))


def _safe(entry: zipfile.ZipInfo) -> PurePosixPath:
    name = PurePosixPath(entry.filename)
    if name.is_absolute() or ".." in name.parts or not name.parts or entry.file_size > MOST_BYTES:
        raise CatalogError(f"Expected files inside the release's folder, got {entry.filename[:80]!r}.")
    return name
