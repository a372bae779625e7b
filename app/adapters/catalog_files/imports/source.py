"""Sources of an import: one file, a folder or a zip archive, read within limits; nothing is ever unpacked to disk.

Hidden files, foreign files and archives inside an archive are passed over and counted. What claims more than
the limits, or unpacks to more, is refused whole.
"""

import io
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from app.adapters.catalog_files.archive import UNPACKING
from app.catalog.imports.gathered import Left
from app.errors import CatalogError

MAX_FILE_BYTES = 32 << 20
MAX_TOTAL_BYTES = 64 << 20
MAX_FILES = 5_000
"""Most files that are read; a Dialogflow agent of 2,000 intents has as many."""
MAX_ENTRIES = 100_000
"""Most names that are looked at."""
MAX_DEPTH = 12
MAX_RATIO = 200
"""Largest ratio of a file to its packed size; JSON packs 5 to 40 times, text of one letter 1,000 times."""

ENDINGS = frozenset(
    [
        ".json",
        ".jsonl",
        ".ndjson",
        ".yml",
        ".yaml",
        ".csv",
        ".tsv",
        ".tab",
        ".txt",
        ".xlsx",
        ".xlsm",
        ".html",
        ".htm",
        ".xhtml",
        ".lu",
        ".qna",
        ".zip",
    ]
)
_OLD = {
    ".xls": "save it as .xlsx or .csv first",
    ".ods": "save it as .xlsx or .csv first",
    ".numbers": "save it as .xlsx or .csv first",
    ".pdf": "copy its questions into a table first",
    ".docx": "copy its questions into a table first",
}
_NOT_ENTERED = frozenset({"node_modules", "__pycache__", "__macosx", "venv", "env", "site-packages"})


@dataclass(slots=True)
class Source:
    """Files of an export by their name inside it, and what was passed over."""

    label: str
    files: dict[str, bytes] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    single: bool = False
    """Whether it is one file that an author named."""


def read_source(path: Path) -> Source:
    """Read a file, a folder or an archive.

    Raises:
        CatalogError: it is not there, of no known kind, or over a limit.
    """
    try:
        if path.is_dir():
            return _from_folder(path)
        if not path.is_file():
            raise CatalogError(f"Expected a file or a folder to import, got `{path}`, which is not there.")
        content = _read(path)
    except OSError as error:
        raise CatalogError(f"Cannot read `{path}`: {error.strerror or error}. Check its permissions.") from error
    ending = path.suffix.lower()
    if ending == ".zip" or (ending not in ENDINGS and zipfile.is_zipfile(io.BytesIO(content))):
        return _from_archive(path.name, content)
    if ending not in ENDINGS:
        hint = _OLD.get(ending, "give one of " + ", ".join(sorted(ENDINGS)) + ", or a folder")
        raise CatalogError(f"Expected an export that Greenroom reads, got `{path.name}`; {hint}.")
    return Source(path.name, {path.name: content}, single=True)


def packed_within_limits(name: str, content: bytes) -> zipfile.ZipFile:
    """Open an archive after a look at what it claims.

    Raises:
        CatalogError: it is none, or claims more than the limits.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise CatalogError(f"Expected a zip archive, got other bytes in `{name}`; export it again.") from error
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _over(name, f"{MAX_ENTRIES} files", f"{len(entries)}")
    if any(one.flag_bits & 1 for one in entries):
        raise CatalogError(f"Expected an archive without a password, got `{name}` with one; unpack it first.")
    for one in entries:
        if one.file_size > MAX_FILE_BYTES:
            raise _over(name, f"{MAX_FILE_BYTES >> 20} MB a file", f"{one.file_size >> 20} MB in one")
        if one.file_size > 1 << 20 and one.file_size > MAX_RATIO * max(1, one.compress_size):
            raise _over(name, f"{MAX_RATIO} times its packed size", "more, as archives made to do harm have it")
    total = sum(one.file_size for one in entries)
    if total > MAX_TOTAL_BYTES:
        raise _over(name, f"{MAX_TOTAL_BYTES >> 20} MB in all", f"{total >> 20} MB")
    return archive


def _over(name: str, limit: str, got: str) -> CatalogError:
    return CatalogError(f"Expected at most {limit} in `{name}`, got {got}; import its parts one by one.")


_UNPACKING = (*UNPACKING, OSError)


def _from_archive(name: str, content: bytes) -> Source:
    source, passed = Source(name), _Passed()
    total = 0
    with packed_within_limits(name, content) as archive:
        for entry in archive.infolist():
            inside = entry.filename.replace("\\", "/")
            if entry.is_dir() or not passed.wanted(PurePosixPath(inside), inside_archive=True):
                continue
            try:
                with archive.open(entry) as stream:
                    data = stream.read(MAX_FILE_BYTES + 1)
            except _UNPACKING as error:
                source.left.append(Left(inside, "the file", f"it cannot be unpacked: {error}"))
                continue
            total += len(data)
            if len(data) > MAX_FILE_BYTES or total > MAX_TOTAL_BYTES or len(source.files) >= MAX_FILES:
                raise _over(name, f"{MAX_FILES} files and {MAX_TOTAL_BYTES >> 20} MB", "more")
            source.files[inside] = data
    source.left += passed.left()
    return source


def _from_folder(root: Path) -> Source:
    source, passed = Source(root.name or str(root)), _Passed()
    total = 0
    for path in _walk(root, 0, passed):
        inside = path.relative_to(root).as_posix()
        if not passed.wanted(PurePosixPath(inside)):
            continue
        size = path.stat().st_size
        total += min(size, MAX_FILE_BYTES)
        if size > MAX_FILE_BYTES:
            source.left.append(Left(inside, "the file", f"over {MAX_FILE_BYTES >> 20} MB"))
            continue
        if total > MAX_TOTAL_BYTES or len(source.files) >= MAX_FILES:
            raise _over(source.label, f"{MAX_FILES} files and {MAX_TOTAL_BYTES >> 20} MB", "more")
        source.files[inside] = _read(path)
    source.left += passed.left()
    return source


def _walk(folder: Path, depth: int, passed: "_Passed") -> Iterator[Path]:
    """Yield regular files below a folder, in order; links are not followed."""
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda one: one.name)
    for entry in listed:
        passed.looked_at(folder)
        if entry.is_symlink():
            passed.count("links")
        elif entry.is_dir():
            if entry.name.startswith(".") or entry.name.lower() in _NOT_ENTERED:
                passed.count("hidden or foreign folders")
            elif depth >= MAX_DEPTH:
                passed.count(f"folders more than {MAX_DEPTH} deep")
            else:
                yield from _walk(Path(entry.path), depth + 1, passed)
        elif entry.is_file():
            yield Path(entry.path)


class _Passed:
    """Count of what was passed over, by kind."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._seen = 0

    def looked_at(self, folder: Path) -> None:
        self._seen += 1
        if self._seen > MAX_ENTRIES:
            raise _over(folder.name, f"{MAX_ENTRIES} files", "more")

    def count(self, kind: str) -> None:
        self._counts[kind] += 1

    def wanted(self, inside: PurePosixPath, *, inside_archive: bool = False) -> bool:
        ending = inside.suffix.lower()
        if any(part.startswith(".") or part.lower() in _NOT_ENTERED for part in inside.parts):
            self.count("hidden or foreign files")
        elif inside_archive and (len(inside.parts) > MAX_DEPTH or ".." in inside.parts or inside.is_absolute()):
            self.count("files with a path that leaves the archive, or is too deep")
        elif ending == ".zip":
            self.count("archives inside; import each by itself")
        elif ending not in ENDINGS:
            self.count(f"files ending in `{ending}`" if ending and len(ending) < 12 else "files of no known kind")
        else:
            return True
        return False

    def left(self) -> list[Left]:
        return [Left("", f"{kind}: {count}", "passed over") for kind, count in self._counts.items()]


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        content = stream.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise _over(path.name, f"{MAX_FILE_BYTES >> 20} MB", "more")
    return content
