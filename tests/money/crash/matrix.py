"""The crash matrix: a worker is killed at every named point against every kind of provider, then started again.

python -m tests.money.crash.matrix
"""

# ruff: noqa: T201 -- it is a command

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.rendering.states import RenderState
from tests.money.crash.worker import KINDS, POINTS, Service, a_studio, an_avatar

ROOT = Path(__file__).parents[3]
UNKNOWABLE = {("nothing", "begun"), ("nothing", "taken_unheard"), ("nothing", "accepted")}
"""Where a provider offers no way to know whether it took the job: a person decides."""


@dataclass(frozen=True)
class Ending:
    """How it ended after the restart."""

    kind: str
    point: str
    killed: bool
    paid: int
    stored: bool
    states: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Killed as told, paid once and there; or parked where nobody can know, and paid at most once."""
        if (self.kind, self.point) in UNKNOWABLE:
            return self.killed and self.paid <= 1 and not self.stored and self.states == (RenderState.PARKED.value,)
        return self.killed and self.paid == 1 and self.stored and self.states == (RenderState.READY.value,)


def crash(kind: str, point: str, folder: Path) -> Ending:
    """One cell: kill, start again, look at the bill."""
    killed = _run(folder, kind, point)
    _run(folder, kind)
    return asyncio.run(_look(kind, point, folder, killed=killed == -signal.SIGKILL))


def _run(folder: Path, *arguments: str) -> int:
    command = [sys.executable, "-m", "tests.money.crash.worker", str(folder), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False, env=os.environ)
    if done.returncode not in {0, -signal.SIGKILL}:
        raise RuntimeError(done.stderr.decode())
    return done.returncode


async def _look(kind: str, point: str, folder: Path, *, killed: bool) -> Ending:
    database = Database(f"sqlite:///{folder}/state.db")
    studio = a_studio(folder, kind, database)
    avatar = an_avatar(folder)
    wanted = studio.wanted(avatar, text="We are open.", locale="en", labels={})
    states = tuple(render.state.value for render in await SqlLedger(database).list())
    stored = await studio.stored(wanted) is not None
    await database.close()
    paid = len(Service(folder, kind, lambda _: None).bill)
    return Ending(kind, point, killed, paid, stored, states)


def play(cells: Sequence[tuple[str, str]], folder: Path) -> list[Ending]:
    """Some cells, as many at a time as there are cores."""

    def one(cell: tuple[str, str]) -> Ending:
        own = folder / "-".join(cell)
        own.mkdir()
        return crash(*cell, own)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, cells))


def main() -> None:
    """All of it, as a table; status 1 when a cell is wrong."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        endings = play(list(itertools.product(KINDS, POINTS)), Path(folder))
    for ending in endings:
        mark = "ok " if ending.is_right else "BAD"
        print(f"{mark} {ending.kind:8} killed at {ending.point:14} paid {ending.paid}  {' '.join(ending.states)}")
    wrong = sum(not ending.is_right for ending in endings)
    print(f"{len(endings)} crashes in {time.monotonic() - began:.0f} s, {wrong} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
