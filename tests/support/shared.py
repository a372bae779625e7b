"""Folders that are dear to make and the same for every test process: made by the first that asks for them."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that `make` has filled; the other processes of this run of pytest-xdist wait for it.

    Whoever wants to write into it copies it first. A failure is not kept: the next one tries again.
    """
    own = factory.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = run / f"once-{name}"
    with (run / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = Path(mkdtemp(prefix=f"draft-{name}-", dir=run))
            make(draft)
            draft.rename(folder)
    return folder
