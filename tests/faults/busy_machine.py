"""A disk that is full from the n-th write on, and has room again afterwards: for this process, below one folder."""

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_CALLS = ("mkdir", "link", "rename", "replace")


class FullDisk:
    """`left` writes still find room; `met` counts those that did not."""

    def __init__(self, folder: Path, left: int) -> None:
        self._folder, self.left, self.met = str(folder), left, 0

    def take(self, target: object) -> None:
        """One write.

        Raises:
            OSError: there is no room any more.
        """
        if not isinstance(target, str | Path) or not str(target).startswith(self._folder):
            return
        self.left -= 1
        if self.left < 0:
            self.met += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    def opening(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """`open`, where the file is to be written."""

        def opened(file: object, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if set(mode) & set("wxa"):
                self.take(file)
            return call(file, mode, *args, **kwargs)

        return opened

    def changing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """A call that makes a name."""

        def changed(*args: Any, **kwargs: Any) -> Any:
            self.take(args[-1] if len(args) > 1 and not isinstance(args[-1], int) else args[0])
            return call(*args, **kwargs)

        return changed


@contextmanager
def full_after(folder: Path, writes: int) -> Iterator[FullDisk]:
    """Every kind of write that a film is made with counts, except in the folder's database."""
    disk = FullDisk(folder, writes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "open", disk.opening(open))
        patch.setattr(io, "open", disk.opening(io.open))
        for name in _CALLS:
            patch.setattr(os, name, disk.changing(getattr(os, name)))
        yield disk
