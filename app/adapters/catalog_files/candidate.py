"""Candidate of a catalog: a copy beside the folder, written and loaded first, moved into place whole or not at all."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from app.adapters.catalog_files.tree import inside
from app.catalog.model import STARTERS_FOLDER
from app.errors import CatalogError

_DEEPEST = 4
"""Folders below the root that can hold something a catalog names."""


class Candidate:
    """Candidate for `target`: `root` has its files and those written here; `land` moves the new ones over.

    A context manager: what was not landed is gone afterwards.
    """

    def __init__(self, target: Path) -> None:
        self.target = target.resolve()
        self.fresh = not self.target.exists() or not any(self.target.iterdir())
        self._written: dict[str, bytes | None] = {}
        """Names written here, with what they replace; None for nothing."""

    def __enter__(self) -> Self:
        """Link the target's files into a folder beside it."""
        parent = self.target.parent
        parent.mkdir(parents=True, exist_ok=True)
        self._place = Path(tempfile.mkdtemp(prefix=f".{self.target.name}-", dir=parent))
        self.root = self._place / "catalog"
        self.root.mkdir()
        if not self.fresh:
            _link(self.target, self.root)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not landed."""
        shutil.rmtree(self._place, ignore_errors=True)

    def write(self, name: str, content: str | bytes) -> None:
        """Write a new file, or one written before.

        Raises:
            CatalogError: the target has a file of this name.
        """
        if name not in self._written and (self.target / name).exists():
            raise CatalogError(f"Expected a new file, got `{name}`, which is there already; nothing was changed.")
        self._written.setdefault(name, None)
        self._put(name, content)

    def replace(self, name: str, content: str | bytes) -> None:
        """Write a file in place of the target's."""
        if name not in self._written:
            here = self.target / name
            self._written[name] = here.read_bytes() if here.is_file() else None
        self._put(name, content)

    def remove(self, name: str) -> None:
        """Take back a file that was written here."""
        self._written.pop(name, None)
        (self.root / name).unlink(missing_ok=True)

    def _put(self, name: str, content: str | bytes) -> None:
        path = self.root / name
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise CatalogError(f"Expected a file inside the catalog folder, got `{name}`.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it may be a link to the target's file
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def land(self) -> tuple[str, ...]:
        """Move the new files to the target, all or none, and return their names.

        Raises:
            CatalogError: somebody wrote one of them meanwhile.
            OSError: a file cannot be written.
        """
        names = tuple(sorted(self._written))
        if self.fresh:
            with suppress(OSError):
                self.target.rmdir()
            try:
                self.root.rename(self.target)
            except OSError as error:
                raise CatalogError(f"Expected `{self.target}` to be empty, got files meanwhile; try again.") from error
            return names
        self._move(names)
        return names

    def _move(self, names: tuple[str, ...]) -> None:
        moved: list[str] = []
        folders: list[Path] = []
        try:
            for name in names:
                self._move_one(name, folders)
                moved.append(name)
        except (OSError, CatalogError):
            for name in moved:
                self._put_back(name)
            for folder in reversed(folders):
                with suppress(OSError):
                    folder.rmdir()
            raise

    def _move_one(self, name: str, folders: list[Path]) -> None:
        here, before = self.target / name, self._written[name]
        for parent in reversed([one for one in here.parents if one.is_relative_to(self.target) and not one.exists()]):
            parent.mkdir()
            folders.append(parent)
        if before is None:
            try:
                os.link(self.root / name, here)
            except FileExistsError as error:
                raise _written_meanwhile(name) from error
            except OSError:  # a file system without links
                self._copy_new(name, here)
            return
        if here.read_bytes() != before:
            raise CatalogError(f"Expected `{name}` as it was, got another one, which somebody wrote meanwhile.")
        (self.root / name).replace(here)

    def _copy_new(self, name: str, here: Path) -> None:
        try:
            with here.open("xb") as out:
                out.write((self.root / name).read_bytes())
        except FileExistsError as error:
            raise _written_meanwhile(name) from error

    def _put_back(self, name: str) -> None:
        before, here = self._written[name], self.target / name
        with suppress(OSError):
            if before is None:
                here.unlink()
            else:
                here.write_bytes(before)


def _written_meanwhile(name: str) -> CatalogError:
    return CatalogError(f"Expected a new file, got `{name}`, which somebody wrote meanwhile.")


def _link(target: Path, root: Path, depth: int = 0) -> None:
    """Link every file that a catalog may read; where links are not possible, copy it."""
    for entry in sorted(target.iterdir()):
        if entry.name.startswith(".") and entry.name != f".{STARTERS_FOLDER}":
            continue
        copy = root / entry.name
        if entry.is_symlink() and not inside(target, entry):
            copy.symlink_to(entry.readlink())
        elif entry.is_dir():
            if depth < _DEEPEST:
                copy.mkdir()
                _link(entry, copy, depth + 1)
        elif entry.is_file():
            try:
                os.link(entry.resolve(), copy)
            except OSError:
                shutil.copyfile(entry, copy)
