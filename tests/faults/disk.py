"""A real file system that is full: `greenroom warm` on a small one, for the clips and for the database; then it grows.

python -m tests.faults.disk        (needs the right to mount, so: as root, on Linux)
"""

# ruff: noqa: T201 -- it is a command

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.filming import VENDOR, Filmed, unfilmed
from tests.money.crash.lane import Lane, lane

SIZES_KB = {"cache": (300, 700, 1100, 1500), "state": (100, 300, 400, 500)}
"""Too small for what a warm-up of the small catalog makes, so that it ends early, midway and late."""

CODES = {"cache": "store_full", "state": "state_full"}


@dataclass(frozen=True)
class Ending:
    """How one cell ended: on the full disk, and after there was room."""

    folder: str
    size_kb: int
    code: int
    told: bool
    whole: bool
    paid: int
    later_code: int
    later_paid: int
    twice: int

    @property
    def is_right(self) -> bool:
        """Told as what it is, nothing half there; then all is there, and on the bill once."""
        told = self.code == 1 and self.told and self.whole
        return told and self.later_code == 0 and self.paid <= self.later_paid and self.twice == 0


@contextmanager
def small_disk(folder: Path, size_kb: int) -> Iterator[None]:
    """A file system of its own."""
    folder.mkdir(parents=True)
    _mount("-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def play(root: Path, vendor: Lane, folder: str, size_kb: int) -> Ending:
    """Warm up on the small disk, give it room, warm up again."""
    vendor.reset()
    with small_disk(root / folder, size_kb):
        site = unfilmed(root, vendor)
        first = _warm(site)
        paid, whole = vendor.bill()["jobs_charged"], _is_whole(site)
        _mount("-o", "remount,size=200m", str(root / folder))
        later = _warm(site)
        bill, whole = vendor.bill(), whole and _is_whole(site)
    words = first.stdout + first.stderr
    told = f"({CODES[folder]})" in words and "free space" in words and "Traceback" not in words
    if not told or later.returncode:
        print(words[-2000:], later.stdout[-2000:], later.stderr[-2000:], file=sys.stderr)
    return Ending(
        folder, size_kb, first.returncode, told, whole, paid, later.returncode, bill["jobs_charged"], bill["paid_twice"]
    )


def _warm(site: Filmed) -> "subprocess.CompletedProcess[str]":
    return site.site.run("warm", "--yes", **site.told)


def _is_whole(site: Filmed) -> bool:
    return site.site.run("store", "verify", **site.told).returncode == 0


def main() -> None:
    """All of it, as a table; status 1 when a cell is wrong."""
    if os.geteuid():
        print("No real file system was filled: mounting a small one needs root.", file=sys.stderr)
        return
    print("| full | kB | ends with | told | paid by then | after room: ends with | paid | twice | |")
    print("|---|---|---|---|---|---|---|---|---|")
    right = True
    for folder, sizes in SIZES_KB.items():
        for size_kb in sizes:
            with tempfile.TemporaryDirectory() as root, lane(VENDOR) as vendor:
                one = play(Path(root) / "site", vendor, folder, size_kb)
            right = right and one.is_right
            figures = (
                one.code,
                CODES[folder] if one.told else "?",
                one.paid,
                one.later_code,
                one.later_paid,
                one.twice,
            )
            told = " | ".join(map(str, figures))
            print(f"| {folder} | {size_kb} | {told} | {'ok' if one.is_right else 'BAD'} |", flush=True)
    sys.exit(not right)


if __name__ == "__main__":
    main()
